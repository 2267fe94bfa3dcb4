package collector

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// atErr calls f at the nth look at Err, of which a load takes one with each record.
type atErr struct {
	context.Context //nolint:containedctx // it is one
	looks, n        int
	f               func()
}

func (c *atErr) Err() error {
	if c.looks++; c.looks == c.n {
		c.f()
	}
	return c.Context.Err()
}

// savedFleet yields a record of each card, half of them in quarantine.
func savedFleet(cards []simulator.Card) iter.Seq[*persistence.Record] {
	return func(yield func(*persistence.Record) bool) {
		for i, card := range cards {
			saved := persistence.Record{ID: card.IMEI, Answer: &persistence.Answer{At: time.Now().UnixNano(), Card: &persistence.Card{IMEI: card.IMEI}}}
			if i%2 == 0 {
				saved.Trouble = &persistence.Trouble{Failures: 1, Until: time.Now().Add(time.Minute).UnixNano()}
			}
			if !yield(&saved) {
				return
			}
		}
	}
}

// If the saved file is overwritten in place while it is loaded, or the load is given
// up, nothing of it stays.
func TestLoadIsWholeOrNothing(t *testing.T) {
	const n = 2000
	cards := simulator.Fleet(n)
	path := filepath.Join(t.TempDir(), "answers")
	for name, test := range map[string]struct {
		at       int // the record, of both passes together
		during   func(cancel func(), other []byte) error
		want     int // cards with an answer
		failures float64
	}{
		"whole":              {at: n + 1, during: func(func(), []byte) error { return nil }, want: n},
		"another platform's": {at: n, during: func(_ func(), other []byte) error { return os.WriteFile(path, other, 0o600) }, failures: 1},
		"torn":               {at: n + 1, during: func(func(), []byte) error { return os.Truncate(path, 1<<16+1) }, failures: 1},
		"cancelled":          {at: n + 100, during: func(cancel func(), _ []byte) error { cancel(); return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			other := saveFleet(t, path, "b platform", cards) // of the same length
			saveFleet(t, path, "a platform", cards)
			parent, cancel := context.WithCancel(t.Context())
			defer cancel()
			ctx := &atErr{Context: parent, n: test.at, f: func() {
				if err := test.during(cancel, other); err != nil {
					t.Error(err)
				}
			}}
			answers, quarantined, failures := loadFleet(ctx, t, path, cards)
			if answers != test.want || quarantined != test.want/2 || failures != test.failures {
				t.Errorf("%d cards have an answer, and %d are in quarantine, of %d; %v failures counted, want %v",
					answers, quarantined, test.want, failures, test.failures)
			}
		})
	}
}

// saveFleet writes a file anew, and returns what it holds.
func saveFleet(t *testing.T, path, fingerprint string, cards []simulator.Card) []byte {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	file, err := persistence.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Save(fingerprint, savedFleet(cards))
	saved, readErr := os.ReadFile(path)
	if err := errors.Join(err, readErr, file.Close()); err != nil {
		t.Fatal(err)
	}
	return saved
}

// loadFleet loads a file for a group of the cards, and counts what they have then.
func loadFleet(ctx context.Context, t *testing.T, path string, cards []simulator.Card) (answers, quarantined int, failures float64) {
	t.Helper()
	registry, logger := prometheus.NewRegistry(), slog.New(slog.NewTextHandler(t.Output(), nil))
	c := New(logger, registry)
	saver, err := (&persistence.Flags{Path: path, Interval: time.Hour}).OpenSaver(t.Context(), c, registry, logger)
	if err != nil {
		t.Fatal(err)
	}
	defer saver.Close()
	settings := testSettings(nil)
	settings.Fingerprint = "a platform"
	c.Load(connect(t, simulator.New(nil)), settings, []Group{testGroup("g", byIMEI, cards)}, SamePlatform)
	saver.Load(ctx)
	for _, card := range c.fleet.Load().cards {
		if card.answer.Load() != nil {
			answers++
		}
		if card.quarantine.Load() != nil {
			quarantined++
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == loadFailures {
			failures = family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return answers, quarantined, failures
}

// A file of version 2 does not say what answers are about: without live that is taken
// from when they came. All that it does say is kept, and saved again with the rest.
func TestRestoreVersion2(t *testing.T) {
	card := simulator.PageCards()[0]
	came := time.Date(2026, 12, 10, 10, 30, 0, 0, shanghai)
	for live, about := range map[bool]time.Time{true: came, false: time.Date(2026, 12, 10, 0, 0, 0, 0, shanghai)} {
		group := testGroup("g", byIMEI, []simulator.Card{card})
		group.Live = live
		c := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		c.Load(new(szzkc.Client), Settings{Location: shanghai}, []Group{group}, SamePlatform)
		_, restore := c.Restore()
		old := persistence.Record{ID: card.IMEI, Live: live, Answer: &persistence.Answer{
			At: came.UnixNano(), Card: &persistence.Card{IMEI: card.IMEI, ICCID: card.ICCID, Expires: 1}, Invalid: map[string]string{"status": "x"},
		}}
		if !restore(&old) {
			t.Fatal("not restored")
		}
		want := *old.Answer
		want.About, want.Dated = about.UnixNano(), true
		_, records := c.Records()
		for saved := range records {
			if !reflect.DeepEqual(*saved.Answer, want) {
				t.Errorf("live %t: saved %+v, want %+v", live, *saved.Answer, want)
			}
		}
	}
}

// What was said before an answer, and what that is about, outlives a restart.
func TestRestartKeepsMoments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = 12 * time.Hour
		env := newSavingEnv(t, simulator.New(cards), group)
		env.scrape(t)
		advance(time.Hour)
		pressed := wallClock()
		if err := env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI); err != nil {
			t.Fatal(err)
		}
		before, _ := env.Pages(testEstimate).Card(cards[0].IMEI)
		env.restart(t, group)
		after, _ := env.Pages(testEstimate).Card(cards[0].IMEI)
		if !after.Answer.About.Equal(pressed) || !after.Answer.Since.Equal(before.Answer.Since) || !after.Answer.Since.Equal(pressed.Add(-time.Hour)) {
			t.Errorf("%+v, before the restart %+v", after.Answer, before.Answer)
		}
		advance(11*time.Hour + time.Minute)
		env.scrape(t)
		if last, _ := env.Pages(testEstimate).Card(cards[0].IMEI); !last.Answer.About.Equal(pressed) || !last.Answer.At.Equal(wallClock()) {
			t.Errorf("after the next daily answer: %+v, want data of %v", last.Answer, pressed)
		}
	})
}
