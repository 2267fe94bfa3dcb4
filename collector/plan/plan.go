// Package plan tells what a configuration costs the platform: how many requests a day, how
// long it takes to ask for every card once, and which settings do not fit together.
package plan

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"text/tabwriter"
	"time"
)

// Plan is what matters of a configuration. The zero value asks for nothing.
type Plan struct {
	Groups      []Group
	Concurrency int     // requests in flight
	RateLimit   float64 // requests per second as configured; 0 is no limit
	SendRate    float64 // requests per second that are sent at most with RateLimit
	Shard       int     // index of the shard that the cards belong to
	Shards      int     // at most 1 is no sharding
}

// Group is a group of cards.
type Group struct {
	Name                 string
	Live                 bool
	MaxAge, StaleIfError time.Duration
	Cards                int // of this shard
	Batches              int // that the cards are in, with one request each
}

// Write writes how many requests the groups cause, and warns of settings that do not fit
// together. The error is that of w.
func (p Plan) Write(w io.Writer, e Estimate) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GROUP\tLIVE\tMAX_AGE\tSTALE_IF_ERROR\tCARDS\tREQUESTS/SWEEP\tREQUESTS/DAY")
	cards, requests, perDay := 0, 0, 0.
	for _, g := range p.Groups {
		n := g.RequestsPerDay(e)
		fmt.Fprintf(table, "%s\t%t\t%v\t%v\t%d\t%d\t%.0f\n", g.Name, g.Live, g.MaxAge, g.StaleIfError, g.Cards, g.Batches, math.Ceil(n))
		cards += g.Cards
		requests += g.Batches
		perDay += n
	}
	fmt.Fprintf(table, "all\t\t\t\t%d\t%d\t%.0f\n", cards, requests, math.Ceil(perDay))
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	sweep := p.sweep(requests, e.Latency)
	fmt.Fprintf(w, "\nassumed: a scrape every %v, and %v for a request\n", e.Interval, e.Latency)
	fmt.Fprintf(w, "a sweep of all groups takes %v (concurrency %d, rate_limit %v)\n", sweep, p.Concurrency, p.RateLimit)
	if p.Shards > 1 {
		fmt.Fprintf(w, "these are the figures of shard %d of %d\n", p.Shard, p.Shards)
	}
	p.warn(e, func(group, warning string) { fmt.Fprintf(w, "warning: group %s: %s\n", group, warning) })
	return nil
}

// Log logs a line for each group and for each warning.
func (p Plan) Log(logger *slog.Logger, e Estimate) {
	for _, g := range p.Groups {
		logger.Info("plan", "group", g.Name, "cards", g.Cards, "requests_per_sweep", g.Batches,
			"requests_per_day", int(math.Ceil(g.RequestsPerDay(e))), "assumed_scrape_interval", e.Interval)
	}
	p.warn(e, func(group, warning string) { logger.Warn("plan warning", "group", group, "warning", warning) })
}

// warn calls report for each warning.
func (p Plan) warn(e Estimate, report func(group, warning string)) {
	for _, g := range p.Groups {
		// Groups take turns: while this one has batches left, each of the others has as many
		// requests at most.
		requests := 0
		for _, other := range p.Groups {
			requests += min(other.Batches, g.Batches)
		}
		for _, warning := range g.warnings(p.sweep(requests, e.Latency), e.Interval) {
			report(g.Name, warning)
		}
	}
}

// RequestsPerDay returns how many requests the group causes.
func (g Group) RequestsPerDay(e Estimate) float64 {
	return float64(g.Batches) * float64(24*time.Hour) / float64(g.period(e))
}

// period returns the time between two requests for a batch. The next one comes with
// the first scrape that finds the answer MaxAge old, and an answer arrives Latency
// after its own scrape.
func (g Group) period(e Estimate) time.Duration {
	scrapes := int64((g.MaxAge + e.Latency + e.Interval - 1) / e.Interval)
	return time.Duration(max(scrapes, 1)) * e.Interval
}

// sweep returns how long that many requests take.
func (p Plan) sweep(requests int, latency time.Duration) time.Duration {
	if requests == 0 {
		return 0
	}
	rounds := (requests + p.Concurrency - 1) / p.Concurrency
	sweep := time.Duration(rounds) * latency
	if p.RateLimit > 0 {
		lastSent := time.Duration(float64(requests-1) / p.SendRate * float64(time.Second))
		sweep = max(sweep, lastSent+latency)
	}
	return sweep.Round(time.Millisecond)
}

// The recommended minimum of max_age. Without live, the data changes once a day; with
// live, the platform queries the mobile operator for each request.
const (
	recommendedMaxAge     = 12 * time.Hour
	recommendedLiveMaxAge = 10 * time.Minute
)

func (g Group) warnings(sweep, interval time.Duration) (warnings []string) {
	switch {
	case sweep > g.MaxAge+g.StaleIfError && sweep > interval:
		warnings = append(warnings, fmt.Sprintf(
			"a sweep takes %v, longer than max_age plus stale_if_error: most cards are missing from each scrape; raise max_age, concurrency, or rate_limit if there is one", sweep))
	case sweep > g.MaxAge && sweep > interval:
		warnings = append(warnings, fmt.Sprintf(
			"a sweep takes %v, longer than max_age: the platform is asked without a break; raise max_age, concurrency, or rate_limit if there is one", sweep))
	}
	if g.Live && g.MaxAge < recommendedLiveMaxAge {
		warnings = append(warnings, fmt.Sprintf("max_age %v has the platform ask the mobile operator again and again; 10m is recommended with live", g.MaxAge))
	}
	if !g.Live && g.MaxAge < recommendedMaxAge {
		warnings = append(warnings, fmt.Sprintf("max_age %v asks more often than the data changes, which is once a day; 12h is recommended without live", g.MaxAge))
	}
	return warnings
}
