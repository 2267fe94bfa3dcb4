package collector

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
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

// A scrape may take longer than the server allows for writing.
func TestScrapeOutlastsTheServersWriteTimeout(t *testing.T) {
	r := newRig(t, simulator.New(simulator.PageCards()), false, []Group{byIMEIs("g", simulator.PageCards())})
	r.sim.SetBehaviour(simulator.Behaviour{Latency: 300 * time.Millisecond})
	server := httptest.NewUnstartedServer(r.handler)
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
	expect(t, parse(t, string(text)), map[string]float64{`simcard_up{group="g"}`: 1})
}
