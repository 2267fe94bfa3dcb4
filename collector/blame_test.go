package collector

import (
	"context"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// spoiling are the ways in which one card spoils the requests that it is in, and the
// words for them.
func spoiling(bad []string) map[string]simulator.Behaviour {
	only := func(ids []string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(bad, id) })
	}
	return map[string]simulator.Behaviour{
		"500":     {Fault: simulator.ServerError, Only: only},
		"hang":    {Fault: simulator.Hang, Only: only},
		"404":     {Fault: simulator.NotFoundPage, Only: only},
		"refusal": {Refuse: bad},
	}
}

// spoiltFleets are fleets of which one card spoils its batch. The first cards are answered
// before; then all are configured.
var spoiltFleets = map[string]struct {
	fresh, cards, bad int
	maxAge            time.Duration
}{
	"one batch":                     {cards: 20, bad: 3, maxAge: 30 * time.Second},
	"one batch, the first card":     {cards: 20, bad: 0, maxAge: 30 * time.Second},
	"one batch, max_age 12h":        {cards: 20, bad: 19, maxAge: 12 * time.Hour},
	"two batches, max_age 12h":      {cards: 40, bad: 25, maxAge: 12 * time.Hour},
	"20 added to 40, max_age 12h":   {fresh: 40, cards: 60, bad: 47, maxAge: 12 * time.Hour},
	"one added to 40, max_age 12h":  {fresh: 40, cards: 41, bad: 40, maxAge: 12 * time.Hour},
	"a lone last batch":             {cards: 41, bad: 40, maxAge: 30 * time.Second},
	"a lone last batch, max_age 0s": {fresh: 40, cards: 41, bad: 40, maxAge: 0},
}

// A card that makes requests fail, in whatever way, is found, and costs the others of its
// batch a few scrapes and no more, whatever max_age is and however small the fleet. No
// other card is blamed, and nobody takes it for an outage.
func TestCardThatSpoilsItsBatch(t *testing.T) {
	for fleet, test := range spoiltFleets {
		cards := simulator.Fleet(test.cards)
		for how, behaviour := range spoiling([]string{cards[test.bad].IMEI}) {
			t.Run(fleet+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					group := testGroup("g", byIMEI, cards[:test.fresh])
					group.MaxAge = test.maxAge
					env := newTestEnv(t, simulator.New(cards), []Group{group})
					env.scrape(t)
					advance(time.Minute)
					group.Cards = testCards(byIMEI, cards)
					env.reload(group)
					behaviour.Latency = 100 * time.Millisecond
					env.sim.SetBehaviour(behaviour)
					served, found := 0, 0
					eachMinute(90, func(minute int) {
						got := env.scrape(t)
						expect(t, got, map[string]float64{platformAvailable: 1})
						if countSeries(got, "found") == len(cards)-1 && served == 0 {
							served = minute + 1
						}
						if countSeries(got, "refused") == 1 && found == 0 {
							found = minute + 1
						}
						if found > 0 {
							expect(t, got, map[string]float64{groupUp: 1, groupBatchesFailed: 0, cardSeries("refused", simulator.Card{IMEI: cards[test.bad].IMEI}): 1})
							expectCards(t, got, len(cards)-1)
						}
					})
					t.Logf("the others are served after %d scrapes, and the card is found after %d, with %d requests in 90 minutes", served, found, env.sim.Counters().Requests)
					most := 8
					if test.fresh == 0 {
						most = 12 // the control may be for the card itself, once or twice
					}
					if served == 0 || served > most || found == 0 || found > most {
						t.Errorf("the others are served after %d scrapes, and the card is found after %d, want at most %d", served, found, most)
					}
				})
			})
		}
	}
}

// A card that is refused faster than others are answered is found all the same.
func TestRefusalsFasterThanAnswers(t *testing.T) {
	for _, bad := range []int{3, 40} {
		synctest.Test(t, func(t *testing.T) {
			cards := simulator.Fleet(41)
			group := testGroup("g", byIMEI, cards)
			group.Live = true
			env := newTestEnv(t, simulator.New(cards), []Group{group})
			env.sim.SetBehaviour(simulator.Behaviour{Draw: func(ids []string, _ bool) (simulator.Fault, time.Duration) {
				if slices.Contains(ids, cards[bad].IMEI) {
					return simulator.Rejected, 50 * time.Millisecond
				}
				return simulator.None, time.Second
			}})
			found := 0
			eachMinute(60, func(minute int) {
				if got := env.scrape(t); got[groupUp] == 1 && found == 0 {
					found = minute + 1
					expectCount(t, got, "refused", 1)
				}
			})
			if found == 0 || found > 4 {
				t.Errorf("the card %d is found after %d scrapes, want at most 4", bad, found)
			}
		})
	}
}

// Of two cards one can be found to be at fault, but not both, and never the only one.
func TestSmallestFleets(t *testing.T) {
	for name, test := range map[string]struct{ cards, bad, refused int }{
		"one of two":   {cards: 2, bad: 1, refused: 1},
		"the only one": {cards: 1, bad: 1, refused: 0},
		"both":         {cards: 2, bad: 2, refused: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(test.cards)
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
				env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[:test.bad]...)})
				var got map[string]float64
				eachMinute(60, func(int) { got = env.scrape(t) })
				expectCount(t, got, "refused", test.refused)
				expectCards(t, got, test.cards-test.bad)
			})
		})
	}
}

// Many foreign numbers at once are all found, and nobody takes them for an outage. Beyond
// the bound of their group it is the group that is at fault; nobody else is dark.
func TestForeignNumbers(t *testing.T) {
	for name, test := range map[string]struct{ cards, foreign, refused int }{
		"2 %":              {cards: 2000, foreign: 40, refused: 40},
		"beyond the bound": {cards: 1000, foreign: 300, refused: 260}, // a fifth of 1,300
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(test.cards + test.foreign)
				good, foreign := cards[:test.cards], cards[test.cards:]
				group := testGroup("g", byIMEI, good)
				group.MaxAge = 12 * time.Hour
				env := newTestEnv(t, simulator.New(good), []Group{group})
				env.scrape(t)
				group.Cards = testCards(byIMEI, cards)
				env.reload(group)
				env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(foreign...), Latency: 300 * time.Millisecond})
				found := 0
				eachMinute(120, func(minute int) {
					got := env.scrape(t)
					expect(t, got, map[string]float64{platformAvailable: 1})
					expectCards(t, got, len(good))
					if found == 0 && countSeries(got, "refused") == test.refused {
						found = minute + 1
					}
				})
				got := env.scrape(t)
				up := 0.
				if test.refused == test.foreign {
					up = 1
				}
				expect(t, got, map[string]float64{groupUp: up})
				expectCount(t, got, "refused", test.refused)
				t.Logf("found after %d minutes; %d requests in two hours", found, env.sim.Counters().Requests)
				if found == 0 || found > 30 {
					t.Errorf("%d cards are found after %d minutes", test.refused, found)
				}
				env.sim.ResetCounters()
				eachMinute(60, func(int) { env.scrape(t) })
				if n := env.sim.Counters().Requests; n > 2*test.foreign {
					t.Errorf("%d requests an hour for %d foreign numbers", n, test.foreign)
				}
			})
		})
	}
}

// What is beyond the bound stays so across a reload and a restart.
func TestBoundAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(80)
		good, foreign := cards[:40], cards[40:]
		sim := simulator.New(good)
		group := testGroup("g", byIMEI, cards)
		env := &testEnv{sim: sim, client: connect(t, sim), settings: testSettings(nil), saving: persistence.Flags{Path: filepath.Join(t.TempDir(), "answers"), Interval: time.Minute}}
		env.start(t, []Group{group})
		env.scrape(t)
		sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(foreign...)})
		check := func(when string) {
			t.Helper()
			got := env.scrape(t)
			if n := countSeries(got, "refused"); n != 20 || got[groupUp] != 0 {
				t.Errorf("%s: %d cards refused, up %v, want 20 and 0", when, n, got[groupUp])
			}
		}
		eachMinute(30, func(int) { env.scrape(t) })
		check("at first")
		env.reload(group)
		check("after a reload")
		env.end()
		env.start(t, []Group{group})
		check("after a restart")
		sim.SetBehaviour(simulator.Behaviour{})
		sim.SetCards(cards)
		eachMinute(70, func(int) { env.scrape(t) })
		expect(t, env.scrape(t), map[string]float64{groupUp: 1})
	})
}

// frozenClient is a client of a process that stands still during its first request.
type frozenClient struct {
	platform.Client
	frozen atomic.Bool
}

func (c *frozenClient) Query(ctx context.Context, ids []string, live bool) (platform.Answer, error) {
	answer, err := c.Client.Query(ctx, ids, live)
	if c.frozen.CompareAndSwap(false, true) {
		<-time.After(10 * time.Minute)
	}
	return answer, err
}

// An answer that waited in a process that stood still is not new, and is not stored.
func TestAnswersOfAFrozenProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		env := newTestEnv(t, simulator.New(cards), nil, func(s *Settings) { s.MaxRetries = 0 })
		env.Load(&frozenClient{Client: env.client}, env.settings, []Group{testGroup("g", byIMEI, cards)}, SamePlatform)
		env.scrape(t)
		advance(10 * time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		got := env.scrape(t)
		expectCards(t, got, 0)
		expect(t, got, map[string]float64{`simcard_exporter_request_failures_total{reason="timeout"}`: 1})
	})
}

// An empty database makes no fleet gone at once, and cards that the platform has really
// forgotten are found to be.
func TestVanishedCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		env.sim.SetCards(nil)
		var got map[string]float64
		eachMinute(30, func(int) { got = env.scrape(t) })
		expectCount(t, got, "simcard_balance_bytes", 60) // as before
		expect(t, got, map[string]float64{groupUp: 0, groupBatchesFailed: 3})
		env.sim.SetCards(cards[20:])
		eachMinute(5, func(int) { got = env.scrape(t) })
		expect(t, got, map[string]float64{groupUp: 1, `simcard_group_problem_cards{group="g",problem="gone"}`: 20, problemSeries("gone", cards[0]): 1})
		expectCount(t, got, "simcard_balance_bytes", 40)
	})
}
