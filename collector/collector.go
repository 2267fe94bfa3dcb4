// Package collector turns configured cards into metrics. On each scrape it
// asks the platform about the batches that need it, joins what other scrapes
// are asking already, and at the scrape's deadline serves what it has.
//
// The walk of a scrape: Handler (deadline) → Scrape (which batches are due) →
// ask (one batch: join, wait for a turn, retry) → szzkc (one request) → store
// (answers, by card) → Snapshot (rows of metrics).
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
	fleet   atomic.Pointer[fleet] // swapped whole by Load
	flights sync.WaitGroup        // requests, also those that no scrape waits for
}

// New returns a Collector without cards, whose own metrics are in registerer.
func New(logger *slog.Logger, registerer prometheus.Registerer) *Collector {
	return &Collector{logger: logger, metrics: newMetrics(registerer)}
}

// Load replaces what is asked for. Scrapes that are under way end with what
// they began with. Answers of cards that stay are kept, unless reset is true,
// as it must be where the new platform would have answered otherwise. Load
// must not be called concurrently with itself.
func (c *Collector) Load(platform Platform, settings Settings, groups []Group, reset bool) {
	var kept answers
	var previous *gate
	if f := c.fleet.Load(); f != nil {
		previous = f.gate
		if !reset {
			kept = f.answers
		}
	}
	c.metrics.shardIndex.Set(float64(settings.Shard.Index))
	c.metrics.shards.Set(float64(max(settings.Shard.Count, 1)))
	c.fleet.Store(newFleet(platform, settings, newGate(settings, previous), groups, kept))
}

// Wait returns when no request is in flight. There must be no scrape then.
func (c *Collector) Wait() { c.flights.Wait() }

// Scrape refreshes every batch of the selected groups that is due, and returns
// what is known at deadline, or earlier if all is answered. No request starts after deadline; those in flight go on, until
// they end or ctx does, and their answers are kept. The error is an
// *UnknownGroupError.
func (c *Collector) Scrape(ctx context.Context, deadline time.Time, selection Selection) (*Snapshot, error) {
	f := c.fleet.Load()
	groups, err := f.pick(selection)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	due := due(groups, start)
	outcomes := make([]outcome, len(due))

	scrape, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	var workers errgroup.Group
	workers.SetLimit(f.settings.Concurrency)
	for i, b := range due {
		workers.Go(func() error {
			err := c.ask(scrape, ctx, f, b, b.group.since(start))
			outcomes[i] = outcome{batch: b, err: err, elapsed: time.Since(start)}
			return nil
		})
	}
	_ = workers.Wait() // the errors are in outcomes

	s := newSnapshot(groups, f.settings.LabelNames, start, outcomes)
	s.log(c.logger)
	return s, nil
}

// outcome is what became of one batch that was due.
type outcome struct {
	batch   *batch
	err     error
	elapsed time.Duration // since the scrape began
}
