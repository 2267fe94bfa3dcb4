package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// A fleet that takes 45 s to ask for is served whole, and no more than 90 s old,
// whatever the timeout of a scrape.
func TestSlowSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 45)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)}, func(s *Settings) { s.Concurrency = 1 })
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		for scrape := range 20 {
			start := time.Now()
			got := env.scrape(t)
			up, cards := 1., len(cards)
			if scrape == 0 {
				up, cards = 0, 9*20
			}
			expect(t, got, map[string]float64{groupUp: up})
			if n := countSeries(got, "simcard_found"); n != cards {
				t.Errorf("scrape %d: %d cards of %d", scrape, n, cards)
			}
			if age := float64(start.Unix()) - got[groupOldestAnswer]; scrape > 0 && age > 90 {
				t.Errorf("scrape %d: the oldest answer is %v s old", scrape, age)
			}
			advance(time.Minute - time.Since(start))
		}
	})
}

// If a fleet is too large for one scrape, every scrape serves the same part of it,
// the first one too.
func TestLargeFleetLooksAlikeFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(1000)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge, group.StaleIfError = 0, 0
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		eachMinute(8, func(minute int) {
			// Four slots, and nine seconds in which a request can be answered.
			if n := countSeries(env.scrape(t), "simcard_found"); n != 4*9*20 {
				t.Errorf("minute %d: %d cards, want 720", minute, n)
			}
		})
	})
}

// A sweep that takes longer than its scrape goes on to its end, and no other
// follows unless there is a scrape.
func TestSweepGoesOnAfterItsScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(1000)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		got := env.scrape(t)
		expect(t, got, map[string]float64{
			groupUp:            0,
			groupBatchesFailed: 50 - 4*9,
		})
		expectCards(t, got, 4*9*20)

		advance(10 * time.Second)
		if n := env.sim.Counters().Requests; n != 50 {
			t.Errorf("%d requests after the scrape, want those of one sweep", n)
		}
		start := time.Now()
		got = env.scrape(t)
		expect(t, got, map[string]float64{groupUp: 1, groupBatchesFailed: 0})
		expectCards(t, got, 1000)
		if took := time.Since(start); took > 0 {
			t.Errorf("a scrape with nothing to wait for took %v", took)
		}
		advance(time.Hour)
		if n := env.sim.Counters().Requests; n != 50 {
			t.Errorf("%d requests an hour later, want no more", n)
		}
	})
}

// A sweep of twenty minutes reaches its end even if a reload every ten minutes
// moves each card to another batch.
func TestReloadsLetASweepEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 300)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge, group.StaleIfError = 12*time.Hour, time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group}, func(s *Settings) { s.Concurrency = 1 })
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 4 * time.Second})
		var got map[string]float64
		eachMinute(25, func(minute int) {
			if minute%10 == 5 {
				group.Cards = slices.Concat(group.Cards[7:], group.Cards[:7])
				env.reload(group)
			}
			got = env.scrape(t)
		})
		expect(t, got, map[string]float64{groupUp: 1})
		expectCards(t, got, len(cards))
		// A batch whose cards were asked for in two sweeps is asked for again.
		if n := env.sim.Counters().Requests; n > 300+3*2 {
			t.Errorf("%d requests for 300 batches and 3 reloads", n)
		}
	})
}
