package collector

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/limits"
	"simcard_exporter/collector/szzkc/simulator"
)

// What waits for its turn to send when the breaker opens fails at once: it keeps
// neither scrapes waiting nor probes.
func TestOpenBreakerEndsWaitingForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval = 2 * time.Second
		cards := simulator.Fleet(20 * 40)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)}, func(s *Settings) { s.RateLimit = 1 / interval.Seconds() })
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		start := time.Now()
		env.scrapeFor(t, 2*time.Minute)
		if took := time.Since(start); took < 9*interval || took >= 10*interval { // the tenth request opens it
			t.Errorf("the scrape took %v, want %v", took, 9*interval)
		}
		if n := env.sim.Counters().Requests; n != 10 {
			t.Errorf("%d requests, want 10", n)
		}
	})
}

// A request that was sent before the breaker opened says nothing when it fails
// at last: neither while the breaker is open nor after it has closed.
func TestLateFailuresDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRefresher(slog.New(slog.DiscardHandler), newMetrics(prometheus.NewRegistry()))
		fail := func(q *request) {
			for range 10 {
				r.vote(q, limits.Failure, errors.New("timeout"))
				advance(time.Second)
			}
		}
		early := &request{openings: r.breaker.Openings()}
		fail(early)
		if !r.breaker.Open() {
			t.Fatal("10 failures did not open the breaker")
		}
		advance(10 * time.Second)
		fail(early)
		if !r.breaker.Probing() {
			t.Error("late failures put off the probe")
		}
		r.vote(&request{openings: r.breaker.Openings()}, limits.Success, nil)
		fail(early)
		if r.breaker.Open() {
			t.Error("late failures opened the breaker again")
		}
	})
}

// A refresh during which the breaker opens and closes goes on as if it had not:
// its first request fails late, and it is retried.
func TestRefreshOutlivesAnOpenBreaker(t *testing.T) {
	for range 3 { // what waits for its turn might be lucky once
		synctest.Test(t, func(t *testing.T) {
			cards := simulator.Fleet(400)
			slow := identifiers(cards[:20]...)
			groups := []Group{testGroup("slow", byIMEI, cards[:20]), testGroup("fast", byIMEI, cards[20:])}
			env := newTestEnv(t, simulator.New(cards), groups)
			start := time.Now()
			first := true
			var mu sync.Mutex
			env.sim.SetBehaviour(simulator.Behaviour{Draw: func(ids []string, _ bool) (simulator.Fault, time.Duration) {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case first && slices.Contains(slow, ids[0]):
					first = false
					return simulator.ServerError, 25 * time.Second
				case time.Since(start) < 8*time.Second:
					return simulator.ServerError, 100 * time.Millisecond
				}
				return simulator.None, 100 * time.Millisecond
			}})
			done := make(chan map[string]float64)
			go func() {
				done <- parse(t, env.body(t, scrapeRequest(t.Context(), "/metrics?group=slow", 100*time.Second)))
			}()
			advance(time.Millisecond)
			for range 40 {
				env.body(t, scrapeRequest(t.Context(), "/metrics?group=fast", time.Second))
				advance(time.Second)
			}
			expect(t, <-done, map[string]float64{`simcard_up{group="slow"}`: 1, `simcard_group_batches_failed{group="slow"}`: 0})
			expect(t, env.scrape(t), map[string]float64{"simcard_exporter_platform_available": 1})
			if !strings.Contains(env.log.String(), "platform unavailable") {
				t.Error("the breaker did not open")
			}
		})
	}
}

// At the end of the process scrapes return at once, also those that wait for
// what is still queued.
func TestEndLeavesNoScrapeWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 3)
		sim := simulator.New(cards)
		sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		c := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		c.Load(connect(t, sim), Settings{Timeout: time.Hour, Concurrency: 1}, []Group{testGroup("g", byIMEI, cards)}, SamePlatform)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var running sync.WaitGroup
		running.Go(func() { c.Run(ctx) })
		running.Go(func() {
			start := time.Now()
			if _, err := c.Scrape(t.Context(), start.Add(time.Minute), Selection{}); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took != time.Second {
				t.Errorf("the scrape took %v, want until the end", took)
			}
		})
		advance(time.Second)
		cancel()
		running.Wait()
	})
}
