package collector

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// The timeout is what Prometheus says in the header, less an offset of 0.5 s.
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
}

// The safety margin and the time to write the response are subtracted, but a
// scrape has at least half of Prometheus's timeout.
func TestTimeoutMargin(t *testing.T) {
	for name, test := range map[string]struct {
		offset time.Duration
		cards  int
		want   time.Duration
	}{
		"offset of a minute": {offset: time.Minute, want: 5 * time.Second},
		"100,000 cards":      {offset: 500 * time.Millisecond, cards: 100_000, want: 8500 * time.Millisecond},
		"a million cards":    {offset: 500 * time.Millisecond, cards: 1_000_000, want: 5 * time.Second},
	} {
		h := http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {"10"}}
		if got := timeout(h, test.offset, test.cards); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// newHangingEnv has a small group and a big one. All their cards were answered a
// minute ago, and since then the platform hangs. Requests do not time out, so that
// nothing but its deadline ends a scrape.
func newHangingEnv(t *testing.T) *testEnv {
	t.Helper()
	cards := simulator.Fleet(420)
	env := newTestEnv(t, simulator.New(cards), []Group{testGroup("small", byIMEI, cards[:20]), testGroup("big", byIMEI, cards[20:])},
		func(s *Settings) { s.Timeout = time.Hour })
	expectCards(t, env.scrape(t), len(cards))
	env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
	advance(time.Minute)
	return env
}

// How long a scrape waits depends on its timeout and on the cards that it serves,
// not on earlier scrapes, nor on how fast their clients read.
func TestDeadlineDependsOnTheScrapeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := newHangingEnv(t)
		const perCard = 10 * time.Microsecond
		for _, step := range []struct {
			path    string
			timeout time.Duration // Prometheus's
			reading time.Duration // how long the client takes to read the response
			want    time.Duration
		}{
			{path: "/metrics", timeout: 10 * time.Second, want: 9500*time.Millisecond - 420*perCard},
			{path: "/metrics?group=small", timeout: 10 * time.Second, want: 9500*time.Millisecond - 20*perCard},
			{path: "/metrics", timeout: 10 * time.Second, want: 9500*time.Millisecond - 420*perCard},
			{path: "/metrics", timeout: 10 * time.Second, reading: 30 * time.Second, want: 9500*time.Millisecond - 420*perCard},
			{path: "/metrics", timeout: 10 * time.Second, want: 9500*time.Millisecond - 420*perCard},
			{path: "/metrics?group=big", timeout: 10 * time.Second, want: 9500*time.Millisecond - 400*perCard},
			{path: "/metrics?exclude_group=big", timeout: 600 * time.Millisecond, want: 300 * time.Millisecond}, // at least half
			{path: "/metrics?group=small", timeout: time.Hour, want: 2*time.Minute - 500*time.Millisecond - 20*perCard},
		} {
			start := time.Now()
			w := &slowReader{ResponseRecorder: httptest.NewRecorder(), takes: step.reading}
			env.handler.ServeHTTP(w, scrapeRequest(t.Context(), step.path, step.timeout))
			if took := time.Since(start) - step.reading; took != step.want || w.Code != http.StatusOK {
				t.Errorf("%s with %v took %v, status %d, want %v", step.path, step.timeout, took, w.Code, step.want)
			}
		}
	})
}

// slowReader takes some time for the first bytes of a response.
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

// A load balancer's HEAD does not cost a request to the platform.
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

// TestLargeScrape: a scrape that vmagent would drop is logged, once, with its size before
// compression.
func TestLargeScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		for i := range group.Cards {
			group.Cards[i].Labels = []string{strings.Repeat("x", largeScrape/len(cards))}
		}
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)}, func(s *Settings) { s.LabelNames = []string{"shop"} })
		env.scrape(t)
		if logged := env.log.String(); strings.Contains(logged, "16 MiB") {
			t.Errorf("a small scrape: %s", logged)
		}
		env.reload(group)
		req := scrapeRequest(t.Context(), "/metrics", 10*time.Second)
		req.Header.Set("Accept-Encoding", "gzip")
		if packed := len(env.body(t, req)); packed > largeScrape/10 {
			t.Errorf("%d bytes with gzip", packed)
		}
		env.scrape(t)
		logged := regexp.MustCompile(`16 MiB.* bytes=(\d+)\n`).FindAllStringSubmatch(env.log.String(), -1)
		if len(logged) != 1 || len(logged[0][1]) != len("16777216") {
			t.Errorf("logged %q", logged)
		}
	})
}
