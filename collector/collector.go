// Package collector turns configured cards into metrics. A scrape queries what is
// stale, waits for that until its deadline, and serves what is known then. What
// it started goes on to its end, and serves the next scrape.
//
// A load of the configuration makes a fleet: groups of cards, in batches, each of
// which is one request. What is known about a card is its record. A refresh
// queries one batch; the refresher starts refreshes as the limits allow. The
// files are best read in this order:
//
//	collector.go   Scrape: queue what is stale, wait, serve
//	settings.go    what is configured
//	fleet.go       the configuration in batches
//	cache.go       what is known about a card
//	batch.go       what is remembered about a batch; whether it is due
//	handler.go     a scrape's timeout
//	selection.go   a scrape's groups
//	refresher.go   start refreshes as the limits allow
//	queue.go       which refreshes, in which order
//	refresh.go     the requests of a refresh; bisect, quarantine
//	query.go       one request, retried
//	verdict.go     what follows from what a request brought
//	snapshot.go    what is young enough, as rows of metrics
//
// Apart from these, load.go replaces the configuration, metrics.go has the
// exporter's own metrics, and plan.go estimates the load on the platform.
package collector

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/szzkc"
)

// Platform is what is queried, as *szzkc.Client does it.
type Platform interface {
	// Query asks about at most szzkc.MaxBatch cards, all by IMEI or all by ICCID.
	// Its errors are *szzkc.Error, except when ctx was cancelled. The answer's
	// RetryAfter counts also with an error. Query is called concurrently.
	Query(ctx context.Context, identifiers []string, live bool) (szzkc.Answer, error)
}

// Collector answers scrapes. New returns one; the zero value is not usable. It is
// safe for concurrent use, but for Load and Run, as they say.
type Collector struct {
	logger    *slog.Logger
	metrics   *metrics
	refresher atomic.Pointer[refresher] // another one after a load with another platform or account
}

// New returns a Collector without cards, and registers the exporter's own metrics.
func New(logger *slog.Logger, registerer prometheus.Registerer) *Collector {
	c := &Collector{logger: logger, metrics: newMetrics(registerer)}
	c.refresher.Store(newRefresher(logger, c.metrics))
	return c
}

// Run queries the platform for scrapes until ctx is done. Then it cancels requests
// and waits for them to end, and scrapes return at once with what is known. It
// must be called once.
func (c *Collector) Run(ctx context.Context) {
	for ctx.Err() == nil {
		c.refresher.Load().run(ctx)
	}
	c.refresher.Load().stop()
}

// Scrape queries what is stale in the selected groups, waits until that has ended
// or deadline has passed, and returns what is known then. The error is that of
// ctx if it is done, or names an unknown group.
func (c *Collector) Scrape(ctx context.Context, deadline time.Time, selection Selection) (*exposition.Snapshot, error) {
	start := wallClock()
	waitCtx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	for ctx.Err() == nil {
		r := c.refresher.Load()
		f := r.fleet.Load()
		groups, err := f.pick(selection)
		if err != nil {
			return nil, err
		}
		scraping := r.queue(f, groups, start)
		wait(waitCtx, f, scraping)
		if ctx.Err() != nil || c.refresher.Load() != r || r.fleet.Load() != f {
			continue // a load has ended what was queued without refreshing it
		}
		for _, g := range scraping {
			g.took, g.errs = took(g.refreshes, start), r.errs(g.batches)
		}
		return newSnapshot(f, scraping, start, c.logger), nil
	}
	return nil, ctx.Err()
}

// scraped is a group during a scrape, and at its end.
type scraped struct {
	*group
	refreshes []*refresh    // to wait for
	took      time.Duration // until the last of them had ended, or the scrape's deadline
	errs      []error       // why each batch failed last; nil if it did not
}

// wait waits until all refreshes have ended, f is replaced, or ctx is done.
func wait(ctx context.Context, f *fleet, groups []*scraped) {
	for _, g := range groups {
		for _, x := range g.refreshes {
			select {
			case <-x.done:
			case <-f.replaced:
				return
			case <-ctx.Done():
				return
			}
		}
	}
}

// wallClock returns the time without a monotonic reading. The ages of answers are
// measured by it, since the monotonic clock stands still while a machine is
// suspended: an old answer must not pass for a young one.
func wallClock() time.Time { return time.Now().Round(0) }

// took returns how long a scrape that began at start has waited for refreshes.
func took(refreshes []*refresh, start time.Time) time.Duration {
	last := start
	for _, x := range refreshes {
		ended := time.Now()
		select {
		case <-x.done:
			ended = x.ended
		default:
		}
		if ended.After(last) {
			last = ended
		}
	}
	return last.Sub(start)
}
