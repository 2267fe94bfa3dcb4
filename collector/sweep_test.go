package collector

import (
	"sync"
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
		for scrape := range 6 {
			start := time.Now()
			got := env.scrape(t)
			up, cards := 1., len(cards)
			if scrape == 0 {
				up, cards = 0, 9*20
			}
			expect(t, got, map[string]float64{groupUp: up})
			if n := countSeries(got, "found"); n != cards {
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
			if n := countSeries(env.scrape(t), "found"); n != 4*9*20 {
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

// A refresh goes on after the scrape that started it, and another scrape waits for it:
// until it has ended, or until its own deadline.
func TestRefreshOutlivesItsScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)}, func(s *Settings) { s.Concurrency = 2 })
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		var short, long map[string]float64
		var scrapes sync.WaitGroup
		scrapes.Go(func() { short = env.scrapeFor(t, 2*time.Second) })
		scrapes.Go(func() { long = env.scrape(t) })
		scrapes.Wait()
		deadline := 1500*time.Millisecond - 200*writeTime
		expect(t, short, map[string]float64{groupUp: 0, groupBatchesFailed: 8, groupWait: deadline.Seconds()})
		expect(t, long, map[string]float64{groupUp: 1, groupRequests: 10, groupWait: 5})
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupRequests: 10, groupWait: 0})
	})
}

// When scrapes stop, requests stop.
func TestNothingIsAskedWithoutAScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[7].IMEI}})
		env.scrape(t)
		before := env.sim.Counters().Requests
		advance(24 * time.Hour)
		if n := env.sim.Counters().Requests - before; n != 0 {
			t.Errorf("%d requests in a day without a scrape", n)
		}
	})
}

// A refresh that is cancelled at the end of the process is not a failure.
func TestShutdownFailsNoBatch(t *testing.T) {
	for range 10 { // what is noticed first is a matter of chance
		synctest.Test(t, func(t *testing.T) {
			cards := simulator.Fleet(100)
			env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
			env.scrape(t)
			env.sim.SetBehaviour(simulator.Behaviour{Latency: 5 * time.Second})
			advance(time.Minute)
			var got map[string]float64
			var scrapes sync.WaitGroup
			scrapes.Go(func() { got = env.scrape(t) })
			advance(time.Second)
			env.stop()
			scrapes.Wait()
			expect(t, got, map[string]float64{groupBatchesFailed: 0})
		})
	}
}
