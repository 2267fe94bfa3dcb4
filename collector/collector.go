// Package collector turns configured cards into metrics. On each scrape it
// asks the platform about the batches that need it, joins what other scrapes
// are asking already, and at the scrape's deadline serves what it has.
//
// The walk of a scrape: Handler (deadline) → Scrape → refresh (which batches of
// a group are due) → ask (join a flight, or begin one) → fly (wait for a slot;
// part by part) → request (wait for a turn; retry) → szzkc (one request) →
// store (answers, by card) → Snapshot (rows of metrics).
package collector

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

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
	gate    *gate
	fleet   atomic.Pointer[fleet] // swapped whole by Load
	flights sync.WaitGroup        // requests, also those that no scrape waits for
	// serving is how many nanoseconds the last scrape took a card to be
	// written, which are taken off the time that the next one has for asking.
	serving atomic.Int64
}

// New returns a Collector without cards, whose own metrics are in registerer.
func New(logger *slog.Logger, registerer prometheus.Registerer) *Collector {
	return &Collector{logger: logger, metrics: newMetrics(registerer), gate: newGate()}
}

// Load replaces what is asked for. Scrapes that are under way end with what
// they began with. Answers of cards that stay are kept, unless reset is true,
// as it must be where the new platform would have answered otherwise. Load
// must not be called concurrently with itself.
func (c *Collector) Load(platform Platform, settings Settings, groups []Group, reset bool) {
	previous := c.fleet.Load()
	if reset {
		previous = nil
	}
	c.gate.set(settings, &c.flights)
	c.metrics.shardIndex.Set(float64(settings.Shard.Index))
	c.metrics.shards.Set(float64(max(settings.Shard.Count, 1)))
	c.fleet.Store(newFleet(platform, settings, groups, previous))
}

// Wait returns when no request is in flight. There must be no scrape then.
func (c *Collector) Wait() { c.flights.Wait() }

// Scrape refreshes every batch of the selected groups that is due, and returns
// what is known at deadline, or earlier if all is answered. No request starts
// after deadline; those in flight go on, until they end or ctx does, and their
// answers are kept. The error is an *UnknownGroupError.
func (c *Collector) Scrape(ctx context.Context, deadline time.Time, selection Selection) (*Snapshot, error) {
	f := c.fleet.Load()
	groups, err := f.pick(selection)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	scrape, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	rows := make([]groupRow, len(groups))
	var refreshes sync.WaitGroup
	for i, g := range groups {
		refreshes.Go(func() {
			err := c.refresh(scrape, ctx, f, g, start)
			rows[i] = groupRow{group: g, refresh: time.Since(start), err: err}
		})
	}
	refreshes.Wait()

	s := newSnapshot(rows, f.settings.LabelNames, start)
	s.log(c.logger)
	return s, nil
}

// refresh asks for the batches of g that are due, and returns one of the errors
// that there are.
func (c *Collector) refresh(scrape, lifetime context.Context, f *fleet, g *group, start time.Time) error {
	var workers errgroup.Group
	workers.SetLimit(f.settings.Concurrency)
	for _, b := range g.due(start) {
		workers.Go(func() error { return c.ask(scrape, lifetime, f, g, b, start) })
	}
	return workers.Wait()
}
