package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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

// retire has nothing queued, stored, voted or settled any more.
func (r *refresher) retire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
}

// stop ends what is queued, after retire.
func (r *refresher) stop() {
	r.retire()
	r.mu.Lock()
	defer r.mu.Unlock()
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
		x, suspect, ok := r.slots.Next()
		if !ok {
			return nil
		}
		y := r.asking(x)
		if y == nil && r.begin(x) {
			return x
		}
		r.slots.Release(suspect)
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

func (r *refresher) enqueue(x *refresh) {
	if x.suspect {
		r.slots.Suspect.Push(x.batch.group, x)
	} else {
		r.slots.Healthy.Push(x.batch.group, x)
	}
}

// crowded reports whether a refresh in progress should rather end than wait. mu
// is held.
func (r *refresher) crowded() bool { return len(r.progress) > maxProgress }

// queue queues the due batches of groups, for a scrape of f that began at start,
// and returns for each group the refreshes to wait for: these, and those that
// were queued or in progress. If f is replaced it does nothing.
func (r *refresher) queue(f *fleet, groups []*group, start time.Time) (refreshes [][]*refresh, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fleet.Load() != f {
		return nil, false
	}
	var due []*batch
	for _, g := range groups {
		due = append(due, g.batches...)
	}
	r.push(f, due, start)
	refreshes = make([][]*refresh, len(groups))
	for i, g := range groups {
		for _, b := range g.batches {
			if b.refresh != nil {
				refreshes[i] = append(refreshes[i], b.refresh)
			}
		}
	}
	return refreshes, true
}

// push queues those of the batches that are due, the one with the oldest answer
// first. While the breaker is open it queues a probe at the most, and fails the
// others.
func (r *refresher) push(f *fleet, batches []*batch, start time.Time) {
	if r.stopped {
		return
	}
	now := wallClock()
	due := slices.DeleteFunc(batches, func(b *batch) bool { return b.refresh != nil || !b.isDue(start, now) })
	open := r.breaker.Open()
	if open {
		stale := slices.DeleteFunc(slices.Clone(due), func(b *batch) bool { return !b.stale(start, now) })
		for _, b := range stale {
			b.err = r.unavailable()
		}
		if len(stale) == 0 {
			stale = due // nothing but cards in quarantine
		}
		due = r.pickProbe(stale)
	}
	oldest := make(map[*batch]time.Time, len(due))
	for _, b := range due {
		oldest[b] = b.oldest()
	}
	slices.SortStableFunc(due, func(a, b *batch) int { return oldest[a].Compare(oldest[b]) })
	for _, b := range due {
		suspect := b.err != nil || !b.stale(start, now) // only cards in quarantine are due
		b.refresh = &refresh{fleet: f, batch: b, start: start, suspect: suspect, done: make(chan struct{})}
		r.enqueue(b.refresh)
		if open {
			r.probe = b.refresh
		}
	}
	r.signal()
}

// pickProbe returns the batch to ask for while the breaker is open, if it is
// time. It is one that failed no more often than the others, so that one which
// spoils itself cannot keep the breaker open.
func (r *refresher) pickProbe(due []*batch) []*batch {
	if r.probe != nil || !r.breaker.Probing() || len(due) == 0 {
		return nil
	}
	return []*batch{slices.MinFunc(due, func(a, b *batch) int { return cmp.Compare(a.failures, b.failures) })}
}

// unavailable is errUnavailable, with the cause.
func (r *refresher) unavailable() error {
	return fmt.Errorf("%w; last: %w", errUnavailable, r.breaker.Cause())
}
