package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// Numbers that are deleted from the configuration while they are found to be at fault
// leave nothing behind in the count of their group.
func TestQuarantineOfDeletedCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(80)
		group := testGroup("g", byIMEI, cards)
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.scrape(t)
		advance(time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second, Refuse: identifiers(cards[60:80]...)})
		go env.scrape(t)
		advance(5 * time.Second)
		group.Cards = testCards(byIMEI, cards[:60])
		env.reload(group)
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[3])})
		var got map[string]float64
		eachMinute(15, func(int) { got = env.scrape(t) })
		expect(t, got, map[string]float64{groupUp: 1})
		expectCount(t, got, "simcard_refused", 1)
	})
}

// When most of a fleet that was answered before is refused, the platform is not called
// down for it, and the good cards are served.
func TestMostCardsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		var bad []simulator.Card
		for i, c := range cards {
			if i%10 != 7 {
				bad = append(bad, c)
			}
		}
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		advance(time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(bad...), Latency: 300 * time.Millisecond})
		down := 0
		eachMinute(120, func(int) {
			if env.scrape(t)[platformAvailable] == 0 {
				down++
			}
		})
		expectCount(t, env.scrape(t), "simcard_balance_bytes", 20) // an hour after the others' last answers
		if down > 5 {
			t.Errorf("the platform is called down in %d of 120 scrapes", down)
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
			`simcard_group_state_cards{group="live",state="unknown"}`: 5})
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

// Presses of the button for one card cost one request, and do not wait behind a sweep.
func TestPressesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 200)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		var seen requestCounts
		env.sim.SetBehaviour(seen.observe(simulator.Behaviour{Latency: time.Second}, batchOrCard))
		go env.scrapeFor(t, time.Minute)
		advance(500 * time.Millisecond)
		source := env.Pages(testEstimate)
		for range 8 {
			go func() { _ = source.Refresh(t.Context(), cards[len(cards)-1].IMEI) }() // of the batch that comes last
		}
		advance(3 * time.Second)
		if n := seen.take()["card"]; n != 1 {
			t.Errorf("%d requests for the card within 3 s, want 1", n)
		}
		env.end()
	})
}

// A batch of which a card was unreadable is not failed while each of its cards has a young
// answer, as after a press of the button.
func TestUnreadableAfterAPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.scrape(t)
		advance(59 * time.Minute)
		if err := env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI); err != nil {
			t.Error(err)
		}
		env.sim.SetBehaviour(simulator.Behaviour{Edit: func(ids, items []string) []string {
			if ids[0] == cards[0].IMEI {
				items[0] = `{"Status": 1}`
			}
			return items
		}})
		advance(2 * time.Minute)
		eachMinute(30, func(int) { expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupBatchesFailed: 0}) })
	})
}

// A card that is answered while its bisection goes on is not blamed for what came before.
func TestAnsweredDuringBisection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		advance(time.Minute)
		start := time.Now()
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second, Draw: func(ids []string, _ bool) (simulator.Fault, time.Duration) {
			if slices.Contains(ids, cards[0].IMEI) && time.Since(start) < 10*time.Second || slices.Contains(ids, cards[19].IMEI) {
				return simulator.Rejected, 0
			}
			return simulator.None, 0
		}})
		go env.scrape(t)
		advance(14 * time.Second) // the first card has failed alone, and the last one is yet to be found
		_ = env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI)
		advance(30 * time.Second)
		got := env.scrape(t)
		expectCount(t, got, "simcard_refused", 1)
		expectAbsent(t, got, cardSeries("simcard_refused", cards[0]))
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
