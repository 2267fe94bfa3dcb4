package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// A way of asking that is dead does not harm the other one: the daily group is up, and
// nobody is blamed.
func TestDeadWay(t *testing.T) {
	for name, test := range map[string]struct {
		fault       simulator.Fault
		concurrency int
		down        int // scrapes without the daily group, at most
	}{
		"5xx":                     {fault: simulator.ServerError, concurrency: 4, down: 3},
		"timeouts":                {fault: simulator.Hang, concurrency: 4, down: 3},
		"refusals":                {fault: simulator.Rejected, concurrency: 4, down: 3},
		"Retry-After":             {fault: simulator.Throttled, concurrency: 4, down: 15},
		"timeouts, one at a time": {fault: simulator.Hang, concurrency: 1, down: 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(400)
				live, daily := testGroup("live", byIMEI, cards[:200]), testGroup("daily", byICCID, cards[200:])
				live.Live, live.MaxAge = true, 10*time.Minute
				daily.MaxAge = 10 * time.Minute
				env := newTestEnv(t, simulator.New(cards), []Group{live, daily}, func(s *Settings) { s.Concurrency = test.concurrency })
				env.sim.SetBehaviour(simulator.Behaviour{RetryAfter: time.Minute, Draw: func(ids []string, live bool) (simulator.Fault, time.Duration) {
					if live != asksByIMEI(ids) {
						t.Errorf("%v are asked for with live %t", ids, live)
					}
					if live {
						return test.fault, 300 * time.Millisecond
					}
					return simulator.None, 300 * time.Millisecond
				}})
				minutes := int(min(14*time.Hour, *operationSpan) / time.Minute)
				down := 0
				eachMinute(minutes, func(int) {
					got := env.scrape(t)
					expect(t, got, map[string]float64{`simcard_up{group="live"}`: 0, platformAvailable: 1})
					expectCount(t, got, "refused", 0)
					if got[`simcard_up{group="daily"}`] != 1 {
						down++
					}
				})
				requests := 0
				for _, n := range env.sim.Counters().ByFault {
					requests += n
				}
				env.sim.SetBehaviour(simulator.Behaviour{Latency: 300 * time.Millisecond})
				back := 0
				for got := env.scrape(t); got[`simcard_up{group="live"}`] != 1 && back < 100; back++ {
					advance(time.Minute)
					got = env.scrape(t)
				}
				t.Logf("%d minutes, %d with the daily group down, %d live requests; up again after %d minutes", minutes, down, requests, back)
				if most := 16 + 4 + minutes*6; down > test.down || back > 3 || requests > most {
					t.Errorf("%d minutes, %d with the daily group down, %d live requests; up again after %d minutes; want at most %d, %d and 3",
						minutes, down, requests, back, test.down, most)
				}
			})
		})
	}
}

// A way that no group is asked any more has no availability.
func TestAvailabilityOfARemovedWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		live, daily := testGroup("live", byIMEI, cards[:20]), testGroup("daily", byIMEI, cards[20:])
		live.Live = true
		env := newTestEnv(t, simulator.New(cards), []Group{live, daily})
		env.sim.SetBehaviour(simulator.Behaviour{Draw: func(_ []string, live bool) (simulator.Fault, time.Duration) {
			if live {
				return simulator.ServerError, 0
			}
			return simulator.None, 0
		}})
		eachMinute(5, func(int) { env.scrape(t) })
		expect(t, env.scrape(t), map[string]float64{platformAvailables[1]: 0})
		env.reload(daily)
		eachMinute(3, func(int) { env.scrape(t) })
		expectAbsent(t, env.scrape(t), platformAvailables[1])
	})
}

// During an outage probes go out at the same pace, however many scrapes there are, until
// two minutes after the last one that found something due; then none.
func TestProbesStopWithScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Latency: 100 * time.Millisecond})
		eachMinute(3, func(int) { env.scrape(t) })
		env.sim.ResetCounters()
		for range 200 {
			expect(t, env.scrapeFor(t, 2*time.Second), map[string]float64{platformAvailable: 0, groupUp: 0})
			advance(3 * time.Second)
		}
		if n := env.sim.Counters().Requests; n < 58 || n > 60 {
			t.Errorf("%d requests in ten minutes, want one in ten seconds", n)
		}
		env.sim.ResetCounters()
		advance(time.Hour)
		if n := env.sim.Counters().Requests; n < 11 || n > 12 {
			t.Errorf("%d requests after the last scrape, want those of two minutes", n)
		}
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 100 * time.Millisecond})
		env.scrape(t)
		advance(time.Minute)
		got := env.scrape(t)
		expect(t, got, map[string]float64{platformAvailable: 1, groupUp: 1})
		expectCards(t, got, 200)
	})
}

// What an outage has kept waiting for hours is not asked for when scrapes of another group
// close the breaker.
func TestOldQueueIsNotAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(2020)
		groups := []Group{testGroup("a", byIMEI, cards[:2000]), testGroup("b", byIMEI, cards[2000:])}
		env := newTestEnv(t, simulator.New(cards), groups)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		env.scrape(t)
		advance(5 * time.Hour)
		env.sim.SetBehaviour(simulator.Behaviour{})
		env.sim.ResetCounters()
		env.body(t, scrapeRequest(t.Context(), "/metrics?group=b", time.Minute))
		advance(time.Minute)
		if n := env.sim.Counters().Requests; n > 2 {
			t.Errorf("%d requests, want a probe and one for the group that is scraped", n)
		}
	})
}

// A platform that knows none of the cards that it is asked for in one way is up all the
// same, and the cards are unknown.
func TestUnknownCardsCloseTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(45)
		live, daily := testGroup("live", byIMEI, cards[:5]), testGroup("daily", byIMEI, cards[5:])
		live.Live = true
		env := newTestEnv(t, simulator.New(cards[5:]), []Group{live, daily})
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		eachMinute(20, func(int) { env.scrape(t) })
		env.sim.SetBehaviour(simulator.Behaviour{})
		eachMinute(3, func(int) { env.scrape(t) })
		got := env.scrape(t)
		expect(t, got, map[string]float64{platformAvailables[0]: 1, platformAvailables[1]: 1, `simcard_up{group="live"}`: 1,
			`simcard_group_problem_cards{group="live",problem="unknown"}`: 5})
	})
}

// An open breaker closes even if a reload has left nothing to ask for but cards in
// quarantine.
func TestQuarantinedCardsCloseTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(2)
		a, b := testGroup("a", byIMEI, cards[:1]), testGroup("b", byIMEI, cards[1:])
		env := newTestEnv(t, simulator.New(cards), []Group{a, b})
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[0]), Latency: time.Second, Jitter: time.Second})
		for refused := false; !refused; advance(time.Minute) { // as soon as the other one is answered first
			refused = countSeries(env.scrape(t), "refused") == 1
		}
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		var got map[string]float64
		eachMinute(15, func(int) { got = env.scrape(t) })
		expect(t, got, map[string]float64{platformAvailable: 0})

		env.sim.SetBehaviour(simulator.Behaviour{})
		env.reload(a)
		eachMinute(65, func(int) { got = env.scrape(t) })
		expect(t, got, map[string]float64{platformAvailable: 1, `simcard_up{group="a"}`: 1, cardSeries("found", cards[0]): 1})
		expectAbsent(t, got, cardSeries("refused", cards[0]))
	})
}

// A control is for a card outside quarantine, as often as it is drawn.
func TestDrawControl(t *testing.T) {
	b := testBatch(20)
	for _, c := range b.cards[1:] {
		c.blame(0, result{}, false)
	}
	drawn := 0
	for i := range 100 {
		switch drawControl([]*batch{b}, b, i%2 == 0) {
		case nil:
		case b.cards[0]:
			drawn++
		default:
			t.Fatal("a card in quarantine was drawn")
		}
	}
	if drawn < 90 {
		t.Errorf("the card outside quarantine was drawn %d times of 100, want at least 90", drawn)
	}
	b.cards[0].blame(0, result{}, false)
	if c := drawControl([]*batch{b}, nil, false); c != nil {
		t.Error("a card in quarantine was drawn, since there is no other")
	}
	if c := drawControl(nil, nil, true); c != nil {
		t.Error("a card of no batch was drawn")
	}
}
