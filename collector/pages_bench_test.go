package collector

import (
	"fmt"
	"testing"
	"time"

	"simcard_exporter/collector/pages"
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
		r := env.refresher.Load()
		for name, page := range map[string]func(){
			"overview":         func() { r.overview(r.fleet.Load(), wallClock(), testEstimate) },
			"end of an IMEI":   benchSearch(b, source, pages.Query{Text: cards[n/2].IMEI[7:]}),
			"part of a label":  benchSearch(b, source, pages.Query{Text: "老王面馆77"}),
			"suspended":        benchSearch(b, source, pages.Query{State: pages.Suspended}),
			"all, most urgent": benchSearch(b, source, pages.Query{}),
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

var testEstimate = Estimate{Interval: time.Minute, Latency: time.Second}

// benchSearch returns a search that finds something.
func benchSearch(b *testing.B, source pages.Source, q pages.Query) func() {
	return func() {
		if found, err := source.Search(b.Context(), q); err != nil || found.Total == 0 {
			b.Fatalf("%d cards, error %v", found.Total, err)
		}
	}
}
