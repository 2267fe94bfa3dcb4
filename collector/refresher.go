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

// maxProgress bounds the refreshes in progress, each of which is a goroutine:
// beyond it none waits for a retry or bisects its batch.
const maxProgress = 2 * MaxConcurrency

var (
	errStopped     = errors.New("exporter is shutting down")
	errUnavailable = errors.New("platform is unavailable, only a probe is sent now and then")
)

// refresher queries one platform, with one account, for the batches that scrapes
// queue. A refresh goes on until its end, whether anybody waits for it or not.
type refresher struct {
	logger  *slog.Logger
	metrics *metrics
	pacer   *limits.Pacer
	breaker *limits.Breaker
	sent    atomic.Uint64         // requests, which are numbered by it
	retired chan struct{}         // closed when another refresher has taken over
	wake    chan struct{}         // holds one: there may be a refresh to start
	fleet   atomic.Pointer[fleet] // never nil; replaced with mu held

	// mu protects all below, the states of batches, and the changes of records.
	// It is never held during a request.
	mu       sync.Mutex
	slots    limits.Slots[*refresh]  // with the queues
	progress map[*refresh]struct{}   // started, and not ended yet
	deferred map[*refresh][]*refresh // by the one in progress that has cards of theirs
	probe    *refresh                // the only one that may send while the breaker is open; nil if there is none
	answered uint64                  // requests, of all batches
	stopped  bool                    // nothing is queued, stored or counted any more
}

// newRefresher returns a refresher of an empty fleet.
func newRefresher(logger *slog.Logger, m *metrics) *refresher {
	r := &refresher{
		logger:   logger,
		metrics:  m,
		pacer:    limits.NewPacer(),
		breaker:  limits.NewBreaker(logger, m.platformAvailable),
		retired:  make(chan struct{}),
		wake:     make(chan struct{}, 1),
		progress: make(map[*refresh]struct{}),
		deferred: make(map[*refresh][]*refresh),
	}
	r.fleet.Store(newFleet(nil, Settings{}, nil, nil))
	return r
}

// run starts refreshes as the limits allow until ctx is done or r is retired.
// Then it cancels requests, and returns when the last refresh has ended.
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
		case <-r.retired:
			return
		case <-ctx.Done():
			return
		}
	}
}

// signal makes run look for a refresh to start.
func (r *refresher) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// next returns a refresh to start, which then holds a slot; nil if none can be
// started.
func (r *refresher) next() *refresh {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		x, ok := r.slots.Next()
		if !ok {
			return nil
		}
		switch y := r.overlapping(x); {
		case y != nil:
			r.deferred[y] = append(r.deferred[y], x)
		case r.begin(x):
			return x
		default:
			r.end(x)
		}
		r.slots.Release(x.suspect)
	}
}

// overlapping returns a refresh in progress that has cards of x, since they were
// in another batch before a load; nil if there is none. mu is held, here and in
// begin and end.
func (r *refresher) overlapping(x *refresh) *refresh {
	for y := range r.progress {
		if y.batch.group.fleet != x.batch.group.fleet && y.sharesCards(x) {
			return y
		}
	}
	return nil
}

// begin plans the requests of a refresh, and reports whether there are any.
func (r *refresher) begin(x *refresh) bool {
	if r.probe != x {
		if r.breaker.Open() {
			x.batch.err = r.unavailable()
			return false
		}
		x.giveUp = r.breaker.Opened()
	}
	x.answeredBefore, x.othersBefore = r.answered, r.answered-x.batch.answered
	x.plan(r.probe == x || x.batch.ban.holds(r.answered))
	if len(x.together)+len(x.quarantined) == 0 {
		x.batch.err = nil // an overlapping refresh has brought it all
		return false
	}
	r.progress[x] = struct{}{}
	return true
}

// end ends a refresh, whether it is queued or in progress.
func (r *refresher) end(x *refresh) {
	delete(r.progress, x)
	if r.probe == x {
		r.probe = nil
	}
	x.batch.refresh = nil
	x.ended = time.Now()
	close(x.done)
	for _, y := range r.deferred[x] {
		r.enqueue(y)
	}
	delete(r.deferred, x)
	r.signal()
}

// stop ends what is queued, so that no scrape waits for it, and lets nothing more
// be queued, stored or counted.
func (r *refresher) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.drop()
}

// crowded reports whether too many refreshes are in progress for one to go on
// for longer than it must. mu is held.
func (r *refresher) crowded() bool { return len(r.progress) > maxProgress }

// unavailable is errUnavailable, with the cause.
func (r *refresher) unavailable() error {
	return fmt.Errorf("%w; last: %w", errUnavailable, r.breaker.Cause())
}
