// Package collector turns configured cards into metrics. A scrape queries what is
// stale, waits until that has ended or its deadline has passed, and serves what is
// known then. The requests go on after the deadline, for the next scrape.
//
// Cards are divided into batches, one request each, when a configuration is loaded and not
// when it is scraped: see [Collector.Load]. The prometheus.Collector, with the method Collect,
// is [exposition.Snapshot], which holds the rows of one scrape.
//
// A scrape begins in [Collector.Handler]. [Collector.Scrape] has refresher.queue queue what is
// due, and waits. Meanwhile refresher.run sends requests as the limits allow: the next one of a
// refresh, or a control, which shows whether the platform answers. For each, refresher.step has
// query send it, judge decides what follows, record.put keeps the answers, and conclude moves
// the refresh on. In the end newSnapshot makes rows of the answers that are young enough, and
// [exposition.Snapshot.Serve] writes them.
package collector

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/limits"
)

// Collector answers scrapes. New returns one; the zero value is not usable. Its
// methods are safe for concurrent use, except that Load must not run concurrently
// with itself, and Run must be called once.
type Collector struct {
	logger  *slog.Logger
	metrics *metrics
	fleet   atomic.Pointer[fleet] // never nil; replaced by a load, with refresher.mu held
	rows    sync.Pool             // of *[]exposition.Card, emptied by release
	large   sync.Once             // a large scrape has been logged
}

// New returns a Collector without cards, and registers the exporter's own metrics.
func New(logger *slog.Logger, registerer prometheus.Registerer) *Collector {
	c := &Collector{logger: logger, metrics: newMetrics(registerer)}
	f := newFleet(nil, Settings{}, nil, nil)
	f.refresher = newRefresher(logger, c.metrics, limits.NewPacer())
	f.refresher.use(f)
	c.fleet.Store(f)
	return c
}

// Run queries the platform for scrapes until ctx is done. Then it cancels requests
// and waits for them to end, and scrapes return at once with what is known. It
// must be called once.
func (c *Collector) Run(ctx context.Context) {
	for ctx.Err() == nil {
		c.fleet.Load().refresher.run(ctx)
	}
	c.fleet.Load().refresher.stop() // one that a load has only just put in place never ran
}

// Scrape queries what is stale in the selected groups, waits until that has ended
// or deadline has passed, and returns what is known then. The error is ctx.Err() or
// names an unknown group. If a load replaces the configuration meanwhile, Scrape
// starts again with the new one, until the same deadline.
func (c *Collector) Scrape(ctx context.Context, deadline time.Time, selection Selection) (*exposition.Snapshot, error) {
	return c.scrape(ctx, deadline, selection, func() error { return nil })
}

// scrape is Scrape, but calls begin before it makes rows, perhaps more than once, and returns
// its error.
func (c *Collector) scrape(ctx context.Context, deadline time.Time, selection Selection, begin func() error) (*exposition.Snapshot, error) {
	start := wallClock()
	waitCtx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	for ctx.Err() == nil {
		f := c.fleet.Load()
		r := f.refresher
		groups, err := f.pick(selection)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			g.scraped.Store(start.UnixNano())
		}
		scrapes := r.queue(f, groups, start)
		wait(waitCtx, f, scrapes)
		if err := begin(); err != nil {
			return nil, err
		}
		if ctx.Err() != nil || c.fleet.Load() != f {
			continue // with the new fleet: a load ends what is queued without refreshing it
		}
		for _, g := range scrapes {
			r.report(g, start)
		}
		return c.newSnapshot(f, scrapes, start), nil
	}
	return nil, ctx.Err()
}

// groupScrape is one group in one scrape.
type groupScrape struct {
	*group
	refreshes []*refresh      // to wait for
	opened    <-chan struct{} // closed while nobody should wait, since the platform does not answer

	// Set at the end.
	waited time.Duration // for all of the refreshes
	errs   []error       // why each batch failed last; nil if it did not
}

// wait waits for the refreshes, but for those of a platform that does not answer. It
// returns early if f is replaced, its refresher stops, or ctx is done.
func wait(ctx context.Context, f *fleet, groups []*groupScrape) {
	for _, g := range groups {
		for _, x := range g.refreshes {
			select {
			case <-x.done:
			case <-g.opened:
			case <-f.refresher.stops:
				return
			case <-f.replaced:
				return
			case <-ctx.Done():
				return
			}
		}
	}
}

// wallClock returns the time without a monotonic reading. The ages of answers are
// differences between such times. The monotonic clock stands still while a machine
// is suspended, and would let an old answer pass for a young one.
func wallClock() time.Time { return time.Now().Round(0) }
