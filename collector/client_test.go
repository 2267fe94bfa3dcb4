package collector

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// get sends the exporter a request that has as much time as Prometheus grants.
func (r *rig) get(ctx context.Context, path string, timeout time.Duration, w http.ResponseWriter) {
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64))
	r.handler.ServeHTTP(w, req)
}

// hangingRig has a small group and a big one, with all cards answered a minute
// ago by a platform that hangs since. Its requests do not time out, so that
// nothing but its deadline ends a scrape.
func hangingRig(t *testing.T) *rig {
	t.Helper()
	cards := simulator.Fleet(2020)
	r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("small", cards[:20]), byIMEIs("big", cards[20:])},
		func(s *Settings) { s.Timeout = time.Hour })
	wantCards(t, r.scrape(t, 10*time.Second), len(cards))
	r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
	pass(time.Minute)
	return r
}

// How long a scrape may ask depends on what was granted and on the cards that
// it serves: not on who was served before, nor on how fast that one read.
func TestDeadlineDependsOnTheScrapeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := hangingRig(t)
		const perCard = 10 * time.Microsecond
		for _, step := range []struct {
			path    string
			granted time.Duration
			reader  time.Duration // what its reader takes beyond that
			want    time.Duration
		}{
			{path: "/metrics", granted: 10 * time.Second, want: 9500*time.Millisecond - 2020*perCard},
			{path: "/metrics?group=small", granted: 10 * time.Second, want: 9500*time.Millisecond - 20*perCard},
			{path: "/metrics", granted: 10 * time.Second, want: 9500*time.Millisecond - 2020*perCard},
			{path: "/metrics", granted: 10 * time.Second, reader: 30 * time.Second, want: 9500*time.Millisecond - 2020*perCard},
			{path: "/metrics", granted: 10 * time.Second, want: 9500*time.Millisecond - 2020*perCard},
			{path: "/metrics?group=big", granted: 10 * time.Second, want: 9500*time.Millisecond - 2000*perCard},
			{path: "/metrics?exclude_group=big", granted: 600 * time.Millisecond, want: 300 * time.Millisecond}, // at least half
			{path: "/metrics?group=small", granted: time.Hour, want: 2*time.Minute - 500*time.Millisecond - 20*perCard},
		} {
			start := time.Now()
			w := &slowReader{ResponseRecorder: httptest.NewRecorder(), takes: step.reader}
			r.get(t.Context(), step.path, step.granted, w)
			if took := time.Since(start) - step.reader; took != step.want || w.Code != http.StatusOK {
				t.Errorf("%s with %v took %v, status %d, want %v", step.path, step.granted, took, w.Code, step.want)
			}
		}
	})
}

// slowReader takes its time for the first bytes of a response.
type slowReader struct {
	*httptest.ResponseRecorder
	takes time.Duration
	once  sync.Once
}

func (r *slowReader) Write(b []byte) (int, error) {
	r.once.Do(func() { <-time.After(r.takes) })
	return r.ResponseRecorder.Write(b)
}

// A client that is gone is let go at once, however much time it had, and takes
// nothing from those that come after it.
func TestGoneClientsHoldNothing(t *testing.T) {
	for name, clients := range map[string]int{"40": 40, "200": 200} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := hangingRig(t)
				ctx, cancel := context.WithCancel(t.Context())
				var returned atomic.Int32
				var scrapes sync.WaitGroup
				for range clients {
					scrapes.Go(func() {
						r.get(ctx, "/metrics?group=small", time.Hour, httptest.NewRecorder())
						returned.Add(1)
					})
				}
				pass(time.Second)
				if n := returned.Load(); n != 0 {
					t.Errorf("%d scrapes returned before their clients were gone", n)
				}
				cancel()
				synctest.Wait() // and no time passes
				if n := int(returned.Load()); n != clients {
					t.Errorf("%d of %d scrapes returned when their clients were gone", n, clients)
				}

				start := time.Now()
				got := r.scrape(t, 10*time.Second) // is a 200
				if took := time.Since(start); took > 9500*time.Millisecond {
					t.Errorf("the next scrape took %v", took)
				}
				wantCards(t, got, 2020)
				scrapes.Wait()
			})
		})
	}
}

// What a client that is gone has had asked is there for the next.
func TestGoneClientsRequestsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		start := time.Now()
		r.get(ctx, "/metrics", 10*time.Second, httptest.NewRecorder())
		if took := time.Since(start); took != 500*time.Millisecond {
			t.Errorf("returned after %v, want when the client was gone", took)
		}
		pass(10 * time.Second)
		got := r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
		wantCards(t, got, 400)
		if n := r.sim.Counters().Requests; n != 20 {
			t.Errorf("%d requests, want those of one sweep", n)
		}
	})
}

// A load balancer's HEAD is no scrape.
func TestHeadAsksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		w := httptest.NewRecorder()
		r.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/metrics", nil))
		pass(time.Minute)
		if n := r.sim.Counters().Requests; n != 0 || w.Code != http.StatusOK {
			t.Errorf("%d requests and status %d, want none and 200", n, w.Code)
		}
	})
}
