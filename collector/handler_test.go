package collector

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

func TestTimeout(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"":       10 * time.Second, // not Prometheus
		"30":     29500 * time.Millisecond,
		"2.5":    2 * time.Second,
		"1":      500 * time.Millisecond,
		"0.6":    300 * time.Millisecond, // never less than half
		"0.001":  500 * time.Microsecond,
		"1e-300": 1,
		"0":      10 * time.Second,
		"-3":     10 * time.Second,
		"NaN":    10 * time.Second,
		"soon":   10 * time.Second,
		"Inf":    2*time.Minute - 500*time.Millisecond,
		"1e300":  2*time.Minute - 500*time.Millisecond,
	} {
		h := http.Header{}
		if header != "" {
			h.Set("X-Prometheus-Scrape-Timeout-Seconds", header)
		}
		if got := timeout(h, 500*time.Millisecond, 0); got != want {
			t.Errorf("timeout(%q) = %v, want %v", header, got, want)
		}
	}
	h := http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {"10"}}
	if got := timeout(h, time.Minute, 0); got != 5*time.Second {
		t.Errorf("with an offset of a minute %v, want half of the timeout", got)
	}
	if got := timeout(h, 500*time.Millisecond, 100_000); got != 8500*time.Millisecond {
		t.Errorf("with 100,000 cards %v, want a second less", got)
	}
	if got := timeout(h, 500*time.Millisecond, 1_000_000); got != 5*time.Second {
		t.Errorf("with a million cards %v, want half of the timeout", got)
	}
}

// newHangingEnv has a small group and a big one, with all cards answered a minute
// ago by a platform that hangs since. Its requests do not time out, so that
// nothing but its deadline ends a scrape.
func newHangingEnv(t *testing.T) *testEnv {
	t.Helper()
	cards := simulator.Fleet(2020)
	env := newTestEnv(t, simulator.New(cards), []Group{testGroup("small", byIMEI, cards[:20]), testGroup("big", byIMEI, cards[20:])},
		func(s *Settings) { s.Timeout = time.Hour })
	expectCards(t, env.scrape(t), len(cards))
	env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
	advance(time.Minute)
	return env
}

// How long a scrape may ask depends on what was granted and on the cards that
// it serves: not on who was served before, nor on how fast that one read.
func TestDeadlineDependsOnTheScrapeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := newHangingEnv(t)
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
			env.handler.ServeHTTP(w, scrapeRequest(t.Context(), step.path, step.granted))
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

// A scrape may take longer than the server allows for writing.
func TestScrapeOutlastsTheServersWriteTimeout(t *testing.T) {
	env := newTestEnv(t, simulator.New(simulator.PageCards()), []Group{testGroup("g", byIMEI, simulator.PageCards())})
	env.sim.SetBehaviour(simulator.Behaviour{Latency: 300 * time.Millisecond})
	server := httptest.NewUnstartedServer(env.handler)
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, parse(t, string(text)), map[string]float64{groupUp: 1})
}

// A load balancer's HEAD is no scrape.
func TestHeadAsksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		w := httptest.NewRecorder()
		env.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/metrics", nil))
		advance(time.Minute)
		if n := env.sim.Counters().Requests; n != 0 || w.Code != http.StatusOK {
			t.Errorf("%d requests and status %d, want none and 200", n, w.Code)
		}
	})
}
