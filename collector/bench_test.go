package collector

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// BenchmarkScrape is a whole scrape over HTTP, of a platform that answers at
// once: ask, decode, gather, encode.
func BenchmarkScrape(b *testing.B) {
	for _, n := range []int{100, 1000, 10000, 100000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			cards := simulator.Fleet(n)
			env := newTestEnvOverTCP(b, simulator.New(cards), []Group{uncached(testGroup("g", byIMEI, cards))},
				func(s *Settings) { s.Concurrency = 8 })
			b.ReportAllocs()
			for b.Loop() {
				env.body(b, benchRequest(b, "identity"))
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/card")
		})
	}
}

// BenchmarkSweep compares a scrape that asks for everything, written to the
// response, with a bare program that sends and decodes the same requests, in
// turns in one run, so that their ratio says more than either.
func BenchmarkSweep(b *testing.B) {
	for n, concurrency := range map[int]int{10_000: 8, 100_000: 32} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			cards := simulator.Fleet(n)
			env := newTestEnvOverTCP(b, simulator.New(cards), []Group{uncached(testGroup("g", byIMEI, cards))},
				func(s *Settings) { s.Concurrency = concurrency })
			env.sim.SetBehaviour(simulator.Behaviour{Latency: 20 * time.Millisecond})
			var bare, sweep, whole time.Duration
			for b.Loop() {
				start := time.Now()
				sweepBare(b, env, cards, concurrency)
				bare += time.Since(start)

				start = time.Now()
				got := env.body(b, benchRequest(b, "identity"))
				whole += time.Since(start)
				sweep += seconds(b, got, "simcard_group_refresh_duration_seconds")
			}
			b.ReportMetric(sweep.Seconds()/bare.Seconds(), "sweep/bare")
			b.ReportMetric(whole.Seconds()/bare.Seconds(), "scrape/bare")
		})
	}
}

// sweepBare is the least that any program does to ask for the cards.
func sweepBare(b *testing.B, env *testEnv, cards []simulator.Card, concurrency int) {
	var requests errgroup.Group
	requests.SetLimit(concurrency)
	for batch := range slices.Chunk(cards, szzkc.MaxBatch) {
		ids := make([]string, len(batch))
		for i, c := range batch {
			ids[i] = c.IMEI
		}
		requests.Go(func() error {
			_, err := env.client.Query(b.Context(), ids, false)
			return err
		})
	}
	if err := requests.Wait(); err != nil {
		b.Fatal(err)
	}
}

// seconds returns the value of a group's metric.
func seconds(b *testing.B, text, metric string) time.Duration {
	b.Helper()
	_, rest, _ := strings.Cut(text, "\n"+metric+`{group="g"} `)
	line, _, _ := strings.Cut(rest, "\n")
	value, err := strconv.ParseFloat(line, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(value * float64(time.Second))
}

// uncached is a group that every scrape asks for.
func uncached(g Group) Group {
	g.MaxAge = 0
	return g
}

// BenchmarkServe is a scrape that reuses all answers: what a scrape costs apart
// from the platform.
func BenchmarkServe(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("cards=%d/encoding=%s", n, encoding), func(b *testing.B) {
				cards := simulator.Fleet(n)
				group := testGroup("g", byIMEI, cards)
				group.MaxAge = time.Hour
				env := newTestEnvOverTCP(b, simulator.New(cards), []Group{group}, func(s *Settings) { s.Concurrency = 8 })
				series := strings.Count(env.body(b, benchRequest(b, "identity")), "\nsimcard_")
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				b.ReportAllocs()
				for b.Loop() {
					env.body(b, benchRequest(b, encoding))
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
			groups := []Group{testGroup("g", byIMEI, simulator.Fleet(n))}
			last := newFleet(nil, Settings{}, groups, nil)
			b.ReportAllocs()
			for b.Loop() {
				newFleet(nil, Settings{}, groups, last)
			}
		})
	}
}

// benchRequest is a scrape with enough time for the largest fleet.
func benchRequest(b *testing.B, encoding string) *http.Request {
	req := scrapeRequest(b.Context(), "/metrics", time.Minute)
	req.Header.Set("Accept-Encoding", encoding)
	return req
}
