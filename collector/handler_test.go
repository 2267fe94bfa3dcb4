package collector

import (
	"net/http"
	"testing"
	"time"
)

func TestBudget(t *testing.T) {
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
		"Inf":    time.Hour - 500*time.Millisecond,
		"1e300":  time.Hour - 500*time.Millisecond,
	} {
		h := http.Header{}
		if header != "" {
			h.Set("X-Prometheus-Scrape-Timeout-Seconds", header)
		}
		if got := budget(h, 500*time.Millisecond); got != want {
			t.Errorf("budget(%q) = %v, want %v", header, got, want)
		}
	}
	h := http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {"10"}}
	if got := budget(h, time.Minute); got != 5*time.Second {
		t.Errorf("with an offset of a minute %v, want half of what is granted", got)
	}
}
