package collector

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
)

// Estimate holds the assumptions of a plan. The durations must be above 0.
type Estimate struct {
	Interval time.Duration // between two scrapes
	Latency  time.Duration // of one request
	Limits   Limits        // of the scraper
}

// WritePlan writes how many requests the groups cause, and warns of settings that
// do not fit together. It is in this package because it counts batches as Load makes
// them. The error is that of w.
func WritePlan(w io.Writer, client platform.Client, settings Settings, groups []Group, estimate Estimate) error {
	f := newFleet(client, settings, groups, nil)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GROUP\tLIVE\tMAX_AGE\tSTALE_IF_ERROR\tCARDS\tREQUESTS/SWEEP\tREQUESTS/DAY\tSERIES\tMIB/SCRAPE\tGZIPPED")
	cards, requests, perDay := 0, 0, 0.
	sizes, all := make(map[string]exposition.Size), exposition.Size{}
	for _, g := range f.groups {
		n := g.requestsPerDay(estimate)
		size := g.size()
		fmt.Fprintf(table, "%s\t%t\t%v\t%v\t%d\t%d\t%.0f\t%s\n", g.Name, g.Live, g.MaxAge, g.StaleIfError, g.shardCards, len(g.batches), math.Ceil(n), columns(size))
		sizes[g.Name], all = size, all.Add(size)
		cards += g.shardCards
		requests += len(g.batches)
		perDay += n
	}
	fmt.Fprintf(table, "all\t\t\t\t%d\t%d\t%.0f\t%s\n", cards, requests, math.Ceil(perDay), columns(all))
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	fmt.Fprintf(w, "\nassumed: a scrape every %v, and %v for a request\n", estimate.Interval, estimate.Latency)
	fmt.Fprintf(w, "a sweep of all groups takes %v (concurrency %d, rate_limit %v)\n",
		settings.sweep(requests, estimate), settings.Concurrency, settings.RateLimit)
	if settings.Shard.Count > 1 {
		fmt.Fprintf(w, "these are the figures of shard %d of %d\n", settings.Shard.Index, settings.Shard.Count)
	}
	for _, g := range f.groups {
		for _, warning := range g.warnings(settings.sweep(requests, estimate), estimate) {
			fmt.Fprintf(w, "warning: group %s: %s\n", g.Name, warning)
		}
	}
	writeSizeWarnings(w, f.groups, sizes, all, estimate.Limits)
	return nil
}

// columns are the columns about the size of a scrape.
func columns(s exposition.Size) string {
	return fmt.Sprintf("%d\t%.2f\t%.2f", s.Series, float64(s.Bytes)/(1<<20), float64(s.Compressed)/(1<<20))
}

// requestsPerDay returns how many requests the group causes.
func (g *group) requestsPerDay(estimate Estimate) float64 {
	return float64(len(g.batches)) * float64(24*time.Hour) / float64(g.period(estimate))
}

// period returns the time between two requests for a batch. The next one comes with
// the first scrape that finds the answer MaxAge old, and an answer arrives Latency
// after its own scrape.
func (g *group) period(estimate Estimate) time.Duration {
	scrapes := int64((g.MaxAge + estimate.Latency + estimate.Interval - 1) / estimate.Interval)
	return time.Duration(max(scrapes, 1)) * estimate.Interval
}

// sweep returns how long that many requests take.
func (s Settings) sweep(requests int, estimate Estimate) time.Duration {
	if requests == 0 {
		return 0
	}
	rounds := (requests + s.Concurrency - 1) / s.Concurrency
	sweep := time.Duration(rounds) * estimate.Latency
	if s.RateLimit > 0 {
		lastSent := time.Duration(float64(requests-1) / s.sendRate() * float64(time.Second))
		sweep = max(sweep, lastSent+estimate.Latency)
	}
	return sweep.Round(time.Millisecond)
}

// The recommended minimum of max_age. Without live, the data changes once a day; with
// live, the platform queries the mobile operator for each request.
const (
	recommendedMaxAge     = 12 * time.Hour
	recommendedLiveMaxAge = 10 * time.Minute
)

func (g *group) warnings(sweep time.Duration, estimate Estimate) (warnings []string) {
	switch {
	case sweep > g.MaxAge+g.StaleIfError && sweep > estimate.Interval:
		warnings = append(warnings, fmt.Sprintf(
			"a sweep takes %v, longer than max_age plus stale_if_error: most cards are missing from each scrape; raise max_age, concurrency or rate_limit", sweep))
	case sweep > g.MaxAge && sweep > estimate.Interval:
		warnings = append(warnings, fmt.Sprintf(
			"a sweep takes %v, longer than max_age: the platform is asked without a break; raise max_age, concurrency or rate_limit", sweep))
	}
	if g.Live && g.MaxAge < recommendedLiveMaxAge {
		warnings = append(warnings, fmt.Sprintf("max_age %v has the platform ask the mobile operator again and again; 10m is recommended with live", g.MaxAge))
	}
	if !g.Live && g.MaxAge < recommendedMaxAge {
		warnings = append(warnings, fmt.Sprintf("max_age %v asks more often than the data changes, which is once a day; 12h is recommended without live", g.MaxAge))
	}
	return warnings
}
