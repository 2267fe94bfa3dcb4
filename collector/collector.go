// Package collector turns configured cards into metrics. A scrape has the
// platform asked about what is due and serves what is known at its deadline;
// what it started goes on to its end, and is served by the next one.
//
// The walk of a scrape: Handler (timeout, groups) → Scrape (wait) →
// refresher.queue (what is stale) → refresher.run (start a refresh when the
// limits allow) → refresh (its cards; bisect; quarantine) → query, attempt (one
// request, retried) → record.put (answers, by card) → newSnapshot (what is young
// enough, as rows of metrics). What follows from what a request brought is
// decided in one place, judge.
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

// Platform answers for at most szzkc.MaxBatch cards, named all by IMEI or all
// by ICCID. Its errors are *szzkc.Error. It is used concurrently.
type Platform interface {
	Query(ctx context.Context, identifiers []string, live bool) (szzkc.Answer, error)
}

// Collector scrapes the platform. It is safe for concurrent use once Load has
// been called.
type Collector struct {
	logger  *slog.Logger
	metrics *metrics
	// refresher is replaced by each load with another platform or account.
	refresher atomic.Pointer[refresher]
}

// New returns a Collector without cards, whose own metrics are in registerer.
func New(logger *slog.Logger, registerer prometheus.Registerer) *Collector {
	c := &Collector{logger: logger, metrics: newMetrics(registerer)}
	c.refresher.Store(newRefresher(logger, c.metrics))
	return c
}

// Run asks the platform for what scrapes need, until ctx is done: then requests
// are cancelled and waited for, and scrapes answer with what is known. It must
// be called once.
func (c *Collector) Run(ctx context.Context) {
	for ctx.Err() == nil {
		c.refresher.Load().run(ctx)
	}
	c.refresher.Load().stop()
}

// Scrape has the platform asked about what is due in the selected groups, waits
// until that has ended or deadline has passed, and returns what is known then.
// The error is an *UnknownGroupError, or that of ctx: then nobody waits.
func (c *Collector) Scrape(ctx context.Context, deadline time.Time, selection Selection) (*exposition.Snapshot, error) {
	start := wallClock()
	waiting, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	for ctx.Err() == nil {
		r := c.refresher.Load()
		f := r.fleet.Load()
		groups, err := f.pick(selection)
		if err != nil {
			return nil, err
		}
		scraping := r.queue(f, groups, start)
		wait(waiting, f, scraping)
		if ctx.Err() != nil || c.refresher.Load() != r || r.fleet.Load() != f {
			continue // after a load, which ends what was queued without refreshing it
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
