package collector

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

const (
	lastSave     = "simcard_exporter_persistence_last_save_success_timestamp_seconds"
	loadFailures = "simcard_exporter_persistence_load_failures_total"
)

// newSavingEnv is newTestEnv, but saves every five minutes in a file that is not there
// yet.
func newSavingEnv(t *testing.T, sim *simulator.Simulator, groups ...Group) *testEnv {
	t.Helper()
	env := &testEnv{sim: sim, client: connect(t, sim), settings: testSettings(nil)}
	env.settings.Fingerprint = "a platform"
	env.saving = persistence.Flags{Path: filepath.Join(t.TempDir(), "answers"), Interval: 5 * time.Minute}
	env.start(t, groups)
	return env
}

// restart ends the exporter, and starts it with other groups.
func (env *testEnv) restart(t *testing.T, groups ...Group) {
	t.Helper()
	env.end()
	env.sim.ResetCounters()
	env.start(t, groups)
}

// cardValues are the series that come from answers.
func cardValues(values map[string]float64) map[string]float64 {
	cards := maps.Clone(values)
	maps.DeleteFunc(cards, func(series string, _ float64) bool {
		return strings.HasPrefix(series, namespace) || !strings.HasPrefix(series, "simcard_") ||
			strings.HasPrefix(series, groupRequests[:strings.Index(groupRequests, "{")]) ||
			strings.HasPrefix(series, "simcard_group_wait_seconds")
	})
	return cards
}

// A restart within max_age costs no request, and serves what was served before it.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		group := testGroup("g", byICCID, cards)
		group.MaxAge = time.Hour
		env := newSavingEnv(t, simulator.New(cards), group)
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[3])})
		env.scrape(t)
		advance(time.Minute)
		before := env.scrape(t) // with the refused card asked for once more
		env.restart(t, group)
		after := env.scrape(t)
		if n := env.sim.Counters().Requests; n != 0 {
			t.Errorf("%d requests", n)
		}
		if !maps.Equal(cardValues(before), cardValues(after)) {
			t.Errorf("before %v\nafter %v", cardValues(before), cardValues(after))
		}
		expect(t, after, map[string]float64{
			groupUp: 1, groupRequests: 0, loadFailures: 0, lastSave: float64(time.Now().Unix()),
			cardSeries("refused", simulator.Card{ICCID: cards[3].ICCID}): 1,
		})
	})
}

// During an outage, a restart loses nothing that would have been served without it.
func TestRestartDuringOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = 10 * time.Minute
		env := newSavingEnv(t, simulator.New(cards), group)
		env.scrape(t)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		advance(5 * time.Minute)
		for _, step := range []struct {
			wait      time.Duration
			cards, up float64
		}{
			{wait: 0, cards: 40, up: 1},
			{wait: 5 * time.Minute, cards: 40, up: 0}, // due, and the platform is down
			{wait: time.Hour - time.Minute, cards: 40, up: 0},
			{wait: 2 * time.Minute, cards: 0, up: 0}, // older than max_age and stale_if_error
		} {
			advance(step.wait)
			env.restart(t, group)
			got := env.scrape(t)
			expect(t, got, map[string]float64{groupUp: step.up})
			expectCards(t, got, int(step.cards))
		}
	})
}

// What was saved about cards that are not configured any more, or are live now, is not
// used.
func TestRestartWithAnotherConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		group := func(name string, live bool, cards []simulator.Card) Group {
			g := testGroup(name, byIMEI, cards)
			g.MaxAge, g.Live = time.Hour, live
			return g
		}
		env := newSavingEnv(t, simulator.New(cards), group("a", false, cards[:40]), group("b", false, cards[40:]))
		env.scrape(t)
		env.restart(t, group("c", false, cards[:20]), group("b", true, cards[40:]))
		got := env.scrape(t)
		expectCards(t, got, 40)
		if n := env.sim.Counters().Requests; n != 1 { // for the live group
			t.Errorf("%d requests", n)
		}
	})
}

// An account that has changed shortly before the end is remembered.
func TestRestartKeepsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newSavingEnv(t, simulator.New(cards), group)
		env.scrape(t)
		env.load(AnotherAccount, group)
		env.restart(t, group)
		expectCards(t, env.scrape(t), 20)
		if n := env.sim.Counters().Requests; n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// A file that cannot be loaded costs what a start without it costs, and says so.
func TestRestartWithBadFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		env := newSavingEnv(t, simulator.New(cards), group)
		env.scrape(t)
		env.end()
		if err := os.Truncate(env.saving.Path, 100); err != nil {
			t.Fatal(err)
		}
		env.restart(t, group)
		got := env.scrape(t)
		expect(t, got, map[string]float64{groupUp: 1, loadFailures: 1, lastSave: 0})
		expectCards(t, got, 20)
		if log := env.log.String(); !strings.Contains(log, "all cards are queried again") || !strings.Contains(log, env.saving.Path+".bad") {
			t.Error(log)
		}
		env.restart(t, group)
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, loadFailures: 0})
	})
}

// A start that fails before anything was loaded leaves the file as it was.
func TestFailedStartKeepsFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newSavingEnv(t, simulator.New(cards), group)
		env.scrape(t)
		env.end()
		registry := prometheus.NewRegistry()
		env.Collector = New(env.logger, registry)
		saver, err := env.saving.OpenSaver(t.Context(), env.Collector, registry, env.logger)
		if err != nil {
			t.Fatal(err)
		}
		saver.Close()
		env.restart(t, group)
		expectCards(t, env.scrape(t), 20)
		if n := env.sim.Counters().Requests; n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// A disk that fails costs a line in the log each time, and nothing else.
func TestSaveFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		env := newSavingEnv(t, simulator.New(cards), testGroup("g", byIMEI, cards))
		dir := filepath.Dir(env.saving.Path)
		if err := os.Rename(dir, dir+"2"); err != nil {
			t.Fatal(err)
		}
		advance(6 * time.Minute)
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, lastSave: 0})
		if log := env.log.String(); !strings.Contains(log, "answers not saved: check the disk") || !strings.Contains(log, "no such file") {
			t.Error(log)
		}
		if err := os.Rename(dir+"2", dir); err != nil {
			t.Fatal(err)
		}
		advance(6 * time.Minute)
		if saved := env.scrape(t)[lastSave]; saved < float64(time.Now().Add(-6*time.Minute).Unix()) {
			t.Errorf("saved at %v", saved)
		}
	})
}

// What a reload with another url sets aside is in the log.
func TestReloadWithAnotherPlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		env := newSavingEnv(t, simulator.New(cards), group)
		env.scrape(t)
		advance(6 * time.Minute)
		env.settings.Fingerprint = "another platform"
		env.load(AnotherPlatform, group)
		advance(6 * time.Minute)
		if files, err := filepath.Glob(env.saving.Path + ".platform-*"); err != nil || len(files) != 1 || !strings.Contains(env.log.String(), files[0]) {
			t.Errorf("%v, %v, but in the log: %s", files, err, env.log)
		}
	})
}

// A clock that was set back makes answers due, and ends quarantines.
func TestRestoreFromTheFuture(t *testing.T) {
	f := newFleet(new(szzkc.Client), Settings{}, []Group{{MaxAge: time.Hour, Cards: []Card{{IMEI: "352019040635785"}}}}, nil)
	later := time.Now().Add(1000 * time.Hour).UnixNano()
	if !f.restore(&persistence.Record{ID: "352019040635785",
		Answer: &persistence.Answer{At: later}, Trouble: &persistence.Trouble{Failures: 2, Until: later}}) {
		t.Fatal("not restored")
	}
	b := f.groups[0].batches[0]
	if !b.due(time.Now()) || b.stale(time.Now()) {
		t.Error("not asked for alone")
	}
	b.cards[0].quarantine.Store(nil)
	if !b.stale(time.Now()) {
		t.Error("not due")
	}
}
