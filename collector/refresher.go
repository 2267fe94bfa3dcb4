package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"simcard_exporter/collector/limits"
)

// maxInProgress bounds the refreshes in progress, each of which is a goroutine. If
// there are more, none waits for a retry or bisects its batch.
const maxInProgress = 2 * MaxConcurrency

var (
	errStopped     = errors.New("exporter is shutting down")
	errUnavailable = errors.New("platform is unavailable, only a probe is sent now and then")
)

// refresher refreshes the batches that scrapes queue, on one platform with one
// account. A refresh goes on to its end, whether a scrape waits for it or not.
type refresher struct {
	logger   *slog.Logger
	metrics  *metrics
	pacer    *limits.Pacer
	breaker  *limits.Breaker
	sent     atomic.Uint64 // number of requests; the next one gets the next number
	replaced chan struct{} // closed when another refresher has replaced this one
	wake     chan struct{} // holds one value if there may be a refresh to start

	// mu protects all below, the states of batches, and the changes of records.
	// It is never held during a request.
	mu         sync.Mutex
	slots      limits.Slots[*refresh] // with the queues
	inProgress int                    // refreshes that have begun and not ended
	probe      *refresh               // the only one that may send while the breaker is open; nil if there is none
	answered   uint64                 // number of requests of all batches that were answered
	stopped    bool                   // nothing is queued, stored or counted any more
}

// newRefresher returns a refresher without slots.
func newRefresher(logger *slog.Logger, m *metrics) *refresher {
	return &refresher{
		logger:   logger,
		metrics:  m,
		pacer:    limits.NewPacer(),
		breaker:  limits.NewBreaker(logger, m.platformAvailable),
		replaced: make(chan struct{}),
		wake:     make(chan struct{}, 1),
	}
}

// run starts refreshes as the limits allow until ctx is done or r is replaced. Then
// it cancels requests, and returns when the last refresh has ended.
func (r *refresher) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var refreshes sync.WaitGroup
	defer refreshes.Wait()
	defer r.stop()
	defer cancel()
	for {
		for x := r.next(); x != nil; x = r.next() {
			refreshes.Go(func() { r.refresh(ctx, x) })
		}
		select {
		case <-r.wake:
		case <-r.replaced:
			return
		case <-ctx.Done():
			return
		}
	}
}

// signal has run look for a refresh to start. It never blocks.
func (r *refresher) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// next returns a refresh to start, which holds a slot, or nil if none can be
// started.
func (r *refresher) next() *refresh {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		x, ok := r.slots.Next()
		if !ok || r.begin(x) {
			return x
		}
		r.end(x)
		r.slots.Release(x.suspect)
	}
}

// limit sets the limits. mu is held, here and in begin and end, unless nobody has r yet.
func (r *refresher) limit(s Settings) {
	r.pacer.Set(s.sendRate())
	r.slots.Limit = s.Concurrency
}

// begin plans the requests of a refresh, and reports whether there are any.
func (r *refresher) begin(x *refresh) bool {
	if r.probe != x && r.breaker.Open() {
		x.batch.err = r.unavailable()
		return false
	}
	x.answeredBefore, x.othersBefore = r.answered, r.answered-x.batch.answered
	x.plan(r.probe == x || x.batch.ban.holds(r.answered))
	if len(x.together)+len(x.quarantined) == 0 {
		x.batch.err = nil // a refresh that a reload found in progress has queried all of it
		return false
	}
	r.inProgress++
	return true
}

// end ends a refresh, whether it is queued or in progress.
func (r *refresher) end(x *refresh) {
	if r.probe == x {
		r.probe = nil
	}
	x.batch.refresh = nil
	x.ended = time.Now()
	close(x.done)
	r.signal()
}

// stop ends what is queued, so that no scrape waits for it, and keeps r from
// queueing, storing or counting anything more.
func (r *refresher) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.drop()
}

// crowded reports whether so many refreshes are in progress that each should end as
// soon as it can. mu is held.
func (r *refresher) crowded() bool { return r.inProgress > maxInProgress }

// unavailable returns errUnavailable with its cause.
func (r *refresher) unavailable() error {
	return fmt.Errorf("%w; last: %w", errUnavailable, r.breaker.Cause())
}
