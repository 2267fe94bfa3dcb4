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
// beyond it none waits to try again, nor to ask for parts of its batch.
const maxProgress = 2 * MaxConcurrency

var (
	errStopped     = errors.New("exporter is shutting down")
	errUnavailable = errors.New("platform is unavailable, only a probe is sent now and then")
)

// refresher asks one platform, as one account, about the batches that scrapes
// queue. A refresh goes on until its end, whoever waits for it.
type refresher struct {
	logger  *slog.Logger
	metrics *metrics
	pacer   *limits.Pacer
	breaker *limits.Breaker
	sent    *atomic.Uint64        // requests, those of earlier refreshers included
	retired chan struct{}         // closed when another refresher takes over
	wake    chan struct{}         // holds one: there may be something to start
	fleet   atomic.Pointer[fleet] // swapped whole, with mu held

	// mu protects all below, the states of batches, and the changes of records.
	// It is never held during a request.
	mu       sync.Mutex
	probe    *refresh              // the one that may ask while the breaker is open
	progress map[*refresh]struct{} // started, and not ended yet
	answers  uint64                // requests that were answered
	slots    limits.Slots[*refresh]
	stopped  bool
}

func newRefresher(logger *slog.Logger, m *metrics, sent *atomic.Uint64) *refresher {
	return &refresher{
		logger:   logger,
		metrics:  m,
		pacer:    limits.NewPacer(),
		breaker:  limits.NewBreaker(logger, m.platformAvailable),
		sent:     sent,
		retired:  make(chan struct{}),
		wake:     make(chan struct{}, 1),
		progress: make(map[*refresh]struct{}),
	}
}

// run starts refreshes as the limits allow until ctx is done or r is retired.
// Then it cancels requests, and returns when the last one has ended.
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

// retire has r change nothing from now on: no queue, no record, no vote.
func (r *refresher) retire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
}

// stop is retire, and ends what is queued.
func (r *refresher) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.drop()
}

// signal has run look for something to start.
func (r *refresher) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// next returns a refresh to start, which then holds a slot; nil if none may be
// started. One whose cards are in flight, since they were in another batch
// before a load, has to wait.
func (r *refresher) next() *refresh {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		x, ok := r.slots.Next()
		if !ok {
			return nil
		}
		y := r.asking(x)
		if y == nil && r.begin(x) {
			return x
		}
		r.slots.Release(x.suspect)
		if y != nil {
			y.next = append(y.next, x)
		} else {
			r.end(x)
		}
	}
}

// asking returns a refresh in progress that asks for cards of x, nil if none
// does.
func (r *refresher) asking(x *refresh) *refresh {
	for y := range r.progress {
		if y.fleet != x.fleet && y.sharesCards(x) {
			return y
		}
	}
	return nil
}

// begin plans the requests of a refresh, and reports whether there are any.
func (r *refresher) begin(x *refresh) bool {
	if r.breaker.Open() && r.probe != x {
		x.batch.err = r.unavailable()
		return false
	}
	if r.probe != x {
		x.giveUp = r.breaker.Opened()
	}
	x.before = r.answers
	x.plan(wallClock(), r.probe == x || x.batch.ban.holds(r.answers))
	if len(x.together)+len(x.alone) == 0 { // another refresh has brought it all
		x.batch.err = nil
		return false
	}
	r.progress[x] = struct{}{}
	return true
}

// end ends a refresh, wherever it is.
func (r *refresher) end(x *refresh) {
	delete(r.progress, x)
	if r.probe == x {
		r.probe = nil
	}
	x.batch.refresh = nil
	x.ended = time.Now()
	close(x.done)
	for _, y := range x.next {
		r.enqueue(y)
	}
	r.signal()
}

// crowded reports whether a refresh in progress should rather end than wait. mu
// is held.
func (r *refresher) crowded() bool { return len(r.progress) > maxProgress }

// unavailable is errUnavailable, with the cause.
func (r *refresher) unavailable() error {
	return fmt.Errorf("%w; last: %w", errUnavailable, r.breaker.Cause())
}
