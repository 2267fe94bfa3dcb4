package collector

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// If the platform is slower than the scrape timeout, data arrives one scrape
// late, and every scraper gets it.
func TestLateAnswerIsServedByTheNextScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})

		start := time.Now()
		got := env.scrape(t)
		if took := time.Since(start); took != 9500*time.Millisecond-40*writeTime {
			t.Errorf("scrape took %v, want until its deadline", took)
		}
		expect(t, got, map[string]float64{
			groupUp:                               0,
			groupBatchesFailed:                    2,
			"simcard_exporter_requests_in_flight": 2,
		})
		expectAbsent(t, got, groupOldestAnswer)

		advance(20 * time.Second) // another scraper, half a minute later
		got = env.scrape(t)
		expect(t, got, map[string]float64{
			groupUp:           1,
			groupOldestAnswer: float64(start.Unix() + 15),
			`simcard_group_refresh_duration_seconds{group="g"}`: 0,
			groupRequests: 2,
		})
		expectCount(t, got, "simcard_balance_bytes", len(cards))

		// Then the answers are due, and served until newer ones come.
		advance(30 * time.Second)
		expect(t, env.scrape(t), map[string]float64{
			groupUp:           1,
			groupOldestAnswer: float64(start.Unix() + 15),
			groupRequests:     4,
		})
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
	for range 50 { // what is noticed first is a matter of chance
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
