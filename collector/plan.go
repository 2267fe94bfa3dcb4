package collector

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// WritePlan writes what the groups will ask of the platform if they are
// scraped every interval and the platform takes latency for a request.
func WritePlan(w io.Writer, settings Settings, groups []Group, interval, latency time.Duration) error {
	f := newFleet(nil, settings, nil, groups, nil)
	perDay := int(24 * time.Hour / interval)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "group\tlive\tcards\trequests/sweep\trequests/day\t")
	cards, requests := 0, 0
	for _, g := range f.groups {
		fmt.Fprintf(table, "%s\t%t\t%d\t%d\t%d\t\n", g.name, g.live, g.cards, len(g.batches), len(g.batches)*perDay)
		cards += g.cards
		requests += len(g.batches)
	}
	fmt.Fprintf(table, "all\t\t%d\t%d\t%d\t\n", cards, requests, requests*perDay)
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	rounds := (requests + settings.Concurrency - 1) / settings.Concurrency
	sweep := time.Duration(rounds) * latency
	if settings.RateLimit > 0 {
		sweep = max(sweep, time.Duration(float64(requests-1)/settings.RateLimit*float64(time.Second))+latency)
	}
	_, err := fmt.Fprintf(w, "scraped every %v; a sweep takes %v if the platform takes %v for a request (concurrency %d, rate_limit %v)\n",
		interval, sweep.Round(time.Millisecond), latency, settings.Concurrency, settings.RateLimit)
	return err
}
