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
	"slices"
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
	sent    atomic.Uint64 // requests
	// refresher is replaced by each load with another platform or account.
	refresher atomic.Pointer[refresher]
}

// New returns a Collector without cards, whose own metrics are in registerer.
func New(logger *slog.Logger, registerer prometheus.Registerer) *Collector {
	c := &Collector{logger: logger, metrics: newMetrics(registerer)}
	c.refresher.Store(newRefresher(logger, c.metrics, &c.sent))
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

// Change says what is different about where answers come from since the last
// load.
type Change int

const (
	// SamePlatform keeps all that is known.
	SamePlatform Change = iota
	// AnotherAccount serves what is known and asks for all of it anew.
	AnotherAccount
	// AnotherPlatform forgets all that is known.
	AnotherPlatform
)

// Load replaces what is asked for. Scrapes that are under way go on with it.
// Load must not be called concurrently with itself.
func (c *Collector) Load(platform Platform, settings Settings, groups []Group, change Change) {
	c.metrics.shardIndex.Set(float64(settings.Shard.Index))
	c.metrics.shards.Set(float64(max(settings.Shard.Count, 1)))
	r := c.refresher.Load()
	previous := r.fleet.Load()
	if previous == nil || change == SamePlatform {
		r.load(newFleet(platform, settings, groups, previous))
		return
	}
	known := previous
	if change == AnotherPlatform {
		known = nil
	}
	f := newFleet(platform, settings, groups, known)
	r.retire()
	f.renew(c.sent.Load() + 1)
	next := newRefresher(c.logger, c.metrics, &c.sent)
	next.load(f)
	c.refresher.Store(next)
	close(r.retired)
	close(previous.replaced)
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
		refreshes, ok := r.queue(f, groups, start)
		if ok {
			wait(waiting, f, refreshes)
		}
		if !ok || ctx.Err() != nil || c.refresher.Load() != r || r.fleet.Load() != f {
			continue // a load ends what was queued before it closes f.replaced
		}
		rows := make([]scraped, len(groups))
		for i, g := range groups {
			rows[i] = scraped{group: g, took: took(refreshes[i], start), errs: r.errs(g.batches)}
		}
		return newSnapshot(f, rows, start, c.logger), nil
	}
	return nil, ctx.Err()
}

// wait waits until all refreshes have ended, f is replaced, or ctx is done.
func wait(ctx context.Context, f *fleet, refreshes [][]*refresh) {
	for _, x := range slices.Concat(refreshes...) {
		select {
		case <-x.done:
		case <-f.replaced:
			return
		case <-ctx.Done():
			return
		}
	}
}

// took returns how long a scrape that began at start has waited for refreshes.
func took(refreshes []*refresh, start time.Time) time.Duration {
	last := start
	for _, x := range refreshes {
		select {
		case <-x.done:
			if x.ended.After(last) {
				last = x.ended
			}
		default:
			return max(time.Since(start), 0) // the clock may have been set back
		}
	}
	return last.Sub(start)
}
