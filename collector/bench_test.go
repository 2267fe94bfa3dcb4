package collector

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// BenchmarkScrape is a whole scrape over HTTP, of a platform that answers at
// once: ask, decode, gather, encode.
func BenchmarkScrape(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			cards := simulator.Fleet(n)
			r := newRig(b, simulator.New(cards), false, []Group{byIMEIs("g", cards)},
				func(s *Settings) { s.Concurrency = 8 })
			b.ReportAllocs()
			for b.Loop() {
				scrapeOnce(b, r)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/card")
		})
	}
}

// BenchmarkScrapeIdeal reports how a scrape of 10,000 cards compares with the
// time that the platform needs for its requests alone: requests / concurrency
// × latency. Both are of one run, so their ratio says more than either.
func BenchmarkScrapeIdeal(b *testing.B) {
	const (
		n           = 10000
		concurrency = 8
		latency     = 20 * time.Millisecond
	)
	cards := simulator.Fleet(n)
	r := newRig(b, simulator.New(cards), false, []Group{byIMEIs("g", cards)},
		func(s *Settings) { s.Concurrency = concurrency })
	r.sim.SetBehaviour(simulator.Behaviour{Latency: latency})
	rounds := math.Ceil(float64(n) / szzkc.MaxBatch / concurrency)
	for b.Loop() {
		scrapeOnce(b, r)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(rounds*latency.Seconds()), "of-ideal")
}

func scrapeOnce(b *testing.B, r *rig) {
	b.Helper()
	req := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", nil)
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "60")
	recorder := httptest.NewRecorder()
	r.handler.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		b.Fatal(recorder.Code)
	}
}
