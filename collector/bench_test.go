package collector

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// BenchmarkScrape is a whole scrape over HTTP, of a platform that answers at
// once: ask, decode, gather, encode.
func BenchmarkScrape(b *testing.B) {
	for _, n := range []int{100, 1000, 10000, 100000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			cards := simulator.Fleet(n)
			r := newRig(b, simulator.New(cards), false, []Group{byIMEIs("g", cards)},
				func(s *Settings) { s.Concurrency = 8 })
			b.ReportAllocs()
			for b.Loop() {
				scrapeOnce(b, r, "")
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
		scrapeOnce(b, r, "")
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(rounds*latency.Seconds()), "of-ideal")
}

// BenchmarkServe is a scrape that reuses all answers: what a scrape costs apart
// from the platform.
func BenchmarkServe(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("cards=%d/encoding=%s", n, encoding), func(b *testing.B) {
				cards := simulator.Fleet(n)
				group := byIMEIs("g", cards)
				group.MaxAge = time.Hour
				r := newRig(b, simulator.New(cards), false, []Group{group}, func(s *Settings) { s.Concurrency = 8 })
				series := strings.Count(scrapeOnce(b, r, ""), "\nsimcard_")
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				b.ReportAllocs()
				for b.Loop() {
					scrapeOnce(b, r, encoding)
				}
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*series), "ns/series")
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N*series), "B/series")
			})
		}
	}
}

// BenchmarkLoad builds the batches of a fleet, and takes over its answers.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			groups := []Group{byIMEIs("g", simulator.Fleet(n))}
			last := newFleet(nil, Settings{}, groups, nil)
			b.ReportAllocs()
			for b.Loop() {
				newFleet(nil, Settings{}, groups, last)
			}
		})
	}
}

func scrapeOnce(b *testing.B, r *rig, encoding string) string {
	b.Helper()
	req := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", nil)
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "60")
	req.Header.Set("Accept-Encoding", encoding)
	recorder := httptest.NewRecorder()
	r.handler.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		b.Fatal(recorder.Code)
	}
	return recorder.Body.String()
}
