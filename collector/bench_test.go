package collector

import (
	"fmt"
	"net/http"
	"net/url"
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
				sweep += seconds(b, got, "simcard_group_wait_seconds")
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

// BenchmarkServe is a scrape over HTTP that reuses all answers: what a scrape costs
// apart from the platform. BenchmarkServe of package exposition compares the writing
// with a registry.
func BenchmarkServe(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		for _, encoding := range []string{"identity", "gzip", "zstd"} {
			b.Run(fmt.Sprintf("cards=%d/encoding=%s", n, encoding), func(b *testing.B) {
				cards := simulator.Fleet(n)
				group := testGroup("g", byIMEI, cards)
				group.MaxAge = time.Hour
				env := newTestEnvOverTCP(b, simulator.New(cards), []Group{group}, func(s *Settings) { s.Concurrency = 8 })
				series := strings.Count(env.body(b, benchRequest(b, "identity")), "\nsimcard_")
				b.ReportAllocs()
				for b.Loop() {
					env.body(b, benchRequest(b, encoding))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*series), "ns/series")
			})
		}
	}
}

// BenchmarkMinimalScrape is a scrape of the problems and the numbers of groups
// alone, with five labels a card: what alerts need.
func BenchmarkMinimalScrape(b *testing.B) {
	for _, percent := range []int{1, 10} {
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("problems=%d%%/encoding=%s", percent, encoding), func(b *testing.B) {
				const n = 100_000
				cards := simulator.Fleet(n)
				for i := range cards {
					cards[i].Status, cards[i].Balance, cards[i].ExpireTS = 1, "30720.00KB", "2034-02-28T23:59:59"
					if i%100 < percent {
						cards[i].Status = 0
					}
				}
				group := labelledGroup(n)
				group.Limits = testLimits
				env := newTestEnvOverTCP(b, simulator.New(cards), []Group{group}, func(s *Settings) {
					s.LabelNames = []string{"address", "city", "owner", "phone", "shop"}
					s.Concurrency = 8
				})
				request := benchRequest(b, encoding)
				request.URL.RawQuery = url.Values{"name[]": {
					"simcard_problem", "simcard_up", "simcard_group_cards", "simcard_group_configured_cards", "simcard_group_state_cards",
					"simcard_group_problem_cards", "simcard_group_invalid_rows", "simcard_group_balance_bytes", "simcard_group_batches_failed",
					"simcard_group_oldest_answer_timestamp_seconds", "simcard_group_oldest_data_timestamp_seconds",
				}}.Encode()
				if got := strings.Count(env.body(b, benchRequest(b, "identity")), "\nsimcard_status{"); got != n {
					b.Fatalf("%d cards, want %d", got, n)
				}
				size := 0
				for b.Loop() {
					size = len(env.body(b, request))
				}
				b.ReportMetric(float64(size), "bytes")
			})
		}
	}
}

// BenchmarkMemory measures what a card with five labels of the user takes: as it is
// listed, with its answer, and more for the time of a scrape. The heap may grow to
// twice the sum before garbage is collected.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			sim := simulator.New(simulator.Fleet(n))
			var listed, answered, scraped int64
			for b.Loop() {
				before := heapInUse()
				env := newTestEnv(b, sim, []Group{labelledGroup(n)}, func(s *Settings) {
					s.LabelNames = []string{"address", "city", "owner", "phone", "shop"}
				})
				loaded := heapInUse()
				env.scrapeFor(b, 2*time.Minute)
				rest := heapInUse()
				snapshot, err := env.Scrape(b.Context(), time.Now().Add(time.Minute), Selection{})
				if err != nil {
					b.Fatal(err)
				}
				scraped += heapInUse() - rest
				runtime.KeepAlive(snapshot)
				listed += loaded - before
				answered += rest - loaded
				env.stop()
			}
			for unit, bytes := range map[string]int64{"B/card-listed": listed, "B/card-answer": answered, "B/card-scrape": scraped} {
				b.ReportMetric(float64(bytes)/float64(b.N*n), unit)
			}
		})
	}
}

// labelledGroup is a group of n cards with five labels, as a card file has them.
func labelledGroup(n int) Group {
	g := testGroup("g", byICCID, simulator.Fleet(n))
	g.MaxAge = time.Hour
	for i := range g.Cards {
		g.Cards[i].Labels = []string{fmt.Sprintf("中山路%d号", i%500), "北京", fmt.Sprintf("张三%d", i%1000), fmt.Sprintf("138%08d", i), fmt.Sprintf("老王面馆%d", i)}
	}
	return g
}

// heapInUse returns the size of what is not garbage.
func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // the first one may only finish another
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkLoad builds the batches of a fleet, and takes over its answers.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			groups := []Group{testGroup("g", byIMEI, simulator.Fleet(n))}
			last := newFleet(new(szzkc.Client), Settings{}, groups, nil)
			b.ReportAllocs()
			for b.Loop() {
				newFleet(new(szzkc.Client), Settings{}, groups, last)
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
