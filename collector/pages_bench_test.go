package collector

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/plan"
	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc/simulator"
)

// BenchmarkPages is what a page needs to know of a fleet with five labels a card, all of
// them answered.
func BenchmarkPages(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if !testing.Short() {
		sizes = append(sizes, 1_000_000)
	}
	for _, n := range sizes {
		cards := simulator.Fleet(n)
		env := newTestEnv(b, simulator.New(cards), []Group{labelledGroup(n)}, func(s *Settings) {
			s.LabelNames = []string{"address", "city", "owner", "phone", "shop"}
			s.Concurrency = 8
		})
		for { // a sweep may take longer than a scrape
			_, err := env.Scrape(b.Context(), time.Now().Add(2*time.Minute), Selection{})
			if err != nil {
				b.Fatal(err)
			}
			if env.Pages(testEstimate).Overview().Groups[0].Fresh == n {
				break
			}
		}
		source := env.Pages(testEstimate)
		r := env.fleet.Load().refresher
		for name, page := range map[string]func(){
			"overview":         func() { r.overview(env.fleet.Load(), wallClock(), testEstimate) },
			"end of an IMEI":   benchSearch(b, source, pages.Query{Text: cards[n/2].IMEI[7:]}),
			"part of a label":  benchSearch(b, source, pages.Query{Text: "老王面馆77"}),
			"suspended":        benchSearch(b, source, pages.Query{Problem: problem.Suspended.String()}),
			"all, most urgent": benchSearch(b, source, pages.Query{}),
			"digest":           func() { _, _ = source.Digest(b.Context()) },
		} {
			b.Run(fmt.Sprintf("cards=%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					page()
				}
			})
		}
		env.end()
	}
}

var testEstimate = plan.Estimate{Interval: time.Minute, Latency: time.Second}

// benchSearch returns a search that finds something.
func benchSearch(b *testing.B, source pages.Source, q pages.Query) func() {
	return func() {
		if found, err := source.Search(b.Context(), q); err != nil || found.Total == 0 {
			b.Fatalf("%d cards, error %v", found.Total, err)
		}
	}
}

// BenchmarkScrapeBesideSearches compares a scrape that reuses all answers with one beside
// 50 searches a second, or as many as can be if a search takes longer than that, in turns in one
// run, and measures the overview. The least time of each says what they cost, on a machine that
// has other things to do as well.
func BenchmarkScrapeBesideSearches(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million cards take minutes")
			}
			scrapeBesideSearches(b, n)
		})
	}
}

func scrapeBesideSearches(b *testing.B, n int) {
	cards := simulator.Fleet(n)
	env := newTestEnv(b, simulator.New(cards), []Group{labelledGroup(n)}, func(s *Settings) {
		s.LabelNames = []string{"address", "city", "owner", "phone", "shop"}
	})
	source := env.Pages(testEstimate)
	scrape := func() time.Duration {
		began := time.Now()
		snapshot, err := env.Scrape(b.Context(), began.Add(2*time.Minute), Selection{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := snapshot.Serve(&discarded{header: make(http.Header)}, benchRequest(b, "identity"), nil, func(string, error) {}); err != nil {
			b.Error(err)
		}
		env.release(snapshot)
		return time.Since(began)
	}
	for source.Overview().Groups[0].Fresh < n { // a sweep may take longer than a scrape
		scrape()
		source = env.Pages(testEstimate) // without the overview that was kept
	}
	const never = time.Duration(math.MaxInt64)
	alone, beside, overview := never, never, never
	searched, searching := 0, time.Duration(0)
	for b.Loop() {
		alone = min(alone, scrape())
		began := time.Now()
		env.fleet.Load().refresher.overview(env.fleet.Load(), wallClock(), testEstimate)
		overview = min(overview, time.Since(began))

		ctx, stop := context.WithCancel(b.Context())
		var searches errgroup.Group
		searches.Go(func() error {
			ticks := time.NewTicker(time.Second / 50)
			defer ticks.Stop()
			for ; ; searched++ {
				select {
				case <-ticks.C:
					if _, err := source.Search(ctx, pages.Query{Text: cards[searched*7919%n].IMEI[7:]}); err != nil && ctx.Err() == nil {
						return err
					}
				case <-ctx.Done():
					return nil
				}
			}
		})
		took := scrape()
		beside, searching = min(beside, took), searching+took
		stop()
		if err := searches.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(beside.Seconds()/alone.Seconds(), "beside/alone")
	b.ReportMetric(1000*alone.Seconds(), "ms/alone")
	b.ReportMetric(1000*overview.Seconds(), "ms/overview")
	b.ReportMetric(float64(searched)/searching.Seconds(), "searches/s")
}

// discarded is a response that nobody reads.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarded) WriteHeader(int)             {}
