package collector

import (
	"context"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// When a client hangs up, its scrape returns at once, however much time it had,
// and those that come after it lose nothing.
func TestGoneClientsHoldNothing(t *testing.T) {
	for _, clients := range []int{40, 200} {
		t.Run(strconv.Itoa(clients), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newHangingEnv(t)
				ctx, cancel := context.WithCancel(t.Context())
				var returned atomic.Int32
				var scrapes sync.WaitGroup
				for range clients {
					scrapes.Go(func() {
						env.handler.ServeHTTP(httptest.NewRecorder(), scrapeRequest(ctx, "/metrics?group=small", time.Hour))
						returned.Add(1)
					})
				}
				advance(time.Second)
				if n := returned.Load(); n != 0 {
					t.Errorf("%d scrapes returned before their clients were gone", n)
				}
				cancel()
				synctest.Wait() // and no time passes
				if n := int(returned.Load()); n != clients {
					t.Errorf("%d of %d scrapes returned when their clients were gone", n, clients)
				}

				start := time.Now()
				got := env.scrape(t)
				if took := time.Since(start); took > 9500*time.Millisecond {
					t.Errorf("the next scrape took %v", took)
				}
				expectCards(t, got, 2020)
				scrapes.Wait()
			})
		})
	}
}

// What a scrape has queued is asked for although its client hangs up, and the
// next one is served the answers.
func TestGoneClientsRequestsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		start := time.Now()
		env.handler.ServeHTTP(httptest.NewRecorder(), scrapeRequest(ctx, "/metrics", 10*time.Second))
		if took := time.Since(start); took != 500*time.Millisecond {
			t.Errorf("returned after %v, want when the client was gone", took)
		}
		advance(10 * time.Second)
		got := env.scrape(t)
		expect(t, got, map[string]float64{groupUp: 1})
		expectCards(t, got, 400)
		if n := env.sim.Counters().Requests; n != 20 {
			t.Errorf("%d requests, want those of one sweep", n)
		}
	})
}
