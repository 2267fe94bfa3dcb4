package collector

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"
)

// Assumptions are what a plan needs to know of the world.
type Assumptions struct {
	Interval time.Duration // between two scrapes
	Latency  time.Duration // of one request
}

// WritePlan writes what the groups will ask of the platform, and what cannot
// work that way.
func WritePlan(w io.Writer, settings Settings, groups []Group, assumed Assumptions) error {
	f := newFleet(nil, settings, groups, nil)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GROUP\tLIVE\tMAX_AGE\tSTALE_IF_ERROR\tCARDS\tREQUESTS/SWEEP\tREQUESTS/DAY")
	cards, requests, perDay := 0, 0, 0.
	for _, g := range f.groups {
		n := float64(len(g.batches)) * float64(24*time.Hour) / float64(g.period(assumed))
		fmt.Fprintf(table, "%s\t%t\t%v\t%v\t%d\t%d\t%.0f\n", g.Name, g.Live, g.MaxAge, g.StaleIfError, g.cards, len(g.batches), math.Ceil(n))
		cards += g.cards
		requests += len(g.batches)
		perDay += n
	}
	fmt.Fprintf(table, "all\t\t\t\t%d\t%d\t%.0f\n", cards, requests, math.Ceil(perDay))
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	fmt.Fprintf(w, "\nassumed: a scrape every %v, and %v for a request\n", assumed.Interval, assumed.Latency)
	fmt.Fprintf(w, "a sweep of all groups takes %v (concurrency %d, rate_limit %v)\n",
		settings.sweep(requests, assumed), settings.Concurrency, settings.RateLimit)
	if settings.Shard.Count > 1 {
		fmt.Fprintf(w, "these are the figures of shard %d of %d\n", settings.Shard.Index, settings.Shard.Count)
	}
	for _, g := range f.groups {
		for _, warning := range g.warnings(settings.sweep(requests, assumed), assumed) {
			fmt.Fprintf(w, "warning: group %s: %s\n", g.Name, warning)
		}
	}
	return nil
}

// period is how often a batch is asked for: by the first scrape that finds its
// answer older than MaxAge. The answer is a little younger than the scrape that
// asked for it, so with MaxAge a multiple of the interval that is one later.
func (g *group) period(assumed Assumptions) time.Duration {
	scrapes := 1 + int64(g.MaxAge/assumed.Interval)
	return time.Duration(scrapes) * assumed.Interval
}

// sweep is how long it takes to send that many requests.
func (s Settings) sweep(requests int, assumed Assumptions) time.Duration {
	if requests == 0 {
		return 0
	}
	rounds := (requests + s.Concurrency - 1) / s.Concurrency
	sweep := time.Duration(rounds) * assumed.Latency
	if s.RateLimit > 0 {
		last := time.Duration(float64(requests-1) / s.paced() * float64(time.Second))
		sweep = max(sweep, last+assumed.Latency)
	}
	return sweep.Round(time.Millisecond)
}

func (g *group) warnings(sweep time.Duration, assumed Assumptions) (warnings []string) {
	switch {
	case g.MaxAge > 0 && sweep > g.MaxAge:
		warnings = append(warnings, fmt.Sprintf(
			"a sweep takes %v, longer than max_age: answers get old faster than they can be renewed; raise max_age, concurrency or rate_limit", sweep))
	case g.MaxAge < sweep && sweep > assumed.Interval && g.StaleIfError < sweep:
		warnings = append(warnings, fmt.Sprintf(
			"a sweep takes %v, longer than a scrape can: most cards are missing from each scrape; raise max_age, or stale_if_error above %v", sweep, sweep))
	}
	if g.Live && g.MaxAge == 0 {
		warnings = append(warnings, "live with max_age 0s has the platform ask the mobile operator at every scrape; a max_age of minutes spares both")
	}
	if g.StaleIfError < g.MaxAge {
		warnings = append(warnings, "stale_if_error is below max_age: a card whose answer could not be renewed is missing at once; set it to what is still worth showing")
	}
	return warnings
}
