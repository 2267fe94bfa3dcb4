package collector

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// MaxConcurrency is the most that Settings.Concurrency may be.
	MaxConcurrency = 1000
	// maxWaiting bounds the refreshes in progress that wait for a slot or to
	// try again: each is a goroutine.
	maxWaiting = 1000
)

// errStopped is a batch that is not asked for since the process ends.
var errStopped = errors.New("exporter is shutting down")

// refresher asks the platform about the batches that scrapes put into its
// queues. A refresh goes on until its end, whoever waits for it.
type refresher struct {
	logger  *slog.Logger
	metrics *metrics
	pacer   *pacer
	wake    chan struct{} // holds one: there may be something to start

	fleet atomic.Pointer[fleet] // swapped whole, with mu held

	// mu protects all below, the states of batches, and the changes of records.
	// It is never held during a request.
	mu       sync.Mutex
	breaker  breaker
	probe    *refresh // the one that may ask although the breaker is open
	answers  uint64   // requests that were answered
	stopped  bool
	running  int      // slots that are held
	suspects int      // of these, by requests that may well bring no answer
	turn     bool     // the last slot went to a suspect
	healthy  queue    // batches whose last refresh was answered
	suspect  queue    // the others
	waiting  []waiter // refreshes in progress that need a slot again
	progress map[*refresh]struct{}
	earlier  map[*refresh]struct{} // refreshes in progress since before the last load
}

// waiter is closed when it has a slot.
type waiter chan struct{}

func newRefresher(logger *slog.Logger, m *metrics) *refresher {
	return &refresher{
		logger:   logger,
		metrics:  m,
		pacer:    newPacer(),
		wake:     make(chan struct{}, 1),
		breaker:  newBreaker(logger, m.platformAvailable),
		progress: make(map[*refresh]struct{}),
	}
}

// run starts refreshes as the limits allow until ctx is done, and returns when
// the last one has ended.
func (r *refresher) run(ctx context.Context) {
	var refreshes sync.WaitGroup
	defer refreshes.Wait()
	for {
		for x := r.next(); x != nil; x = r.next() {
			refreshes.Go(func() { r.refresh(ctx, x) })
		}
		select {
		case <-r.wake:
		case <-ctx.Done():
			r.stop()
			return
		}
	}
}

// signal has run look for something to start.
func (r *refresher) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// queue puts the due batches of groups into the queues, for a scrape of f that
// began at start, and returns for each group the refreshes to wait for: these,
// and those that are queued or in progress. While the breaker is open it picks
// one as a probe and fails the others. If f is replaced it does nothing.
func (r *refresher) queue(f *fleet, groups []*group, start time.Time) (refreshes [][]*refresh, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fleet.Load() != f {
		return nil, false
	}
	var due []*batch
	now := wallClock()
	for _, g := range groups {
		for _, b := range g.batches {
			if b.state.refresh == nil && !r.stopped && b.isDue(start, now) {
				due = append(due, b)
			}
		}
	}
	if r.breaker.open() {
		due = r.pickProbe(due, start, now)
	}
	r.push(f, due, start)
	r.signal()
	refreshes = make([][]*refresh, len(groups))
	for i, g := range groups {
		for _, b := range g.batches {
			if b.state.refresh != nil {
				refreshes[i] = append(refreshes[i], b.state.refresh)
			}
		}
	}
	return refreshes, true
}

// push queues batches, the one with the oldest answer first. While the breaker
// is open there is one, the probe.
func (r *refresher) push(f *fleet, due []*batch, start time.Time) {
	slices.SortStableFunc(due, func(a, b *batch) int { return a.oldest().Compare(b.oldest()) })
	for _, b := range due {
		x := &refresh{fleet: f, batch: b, start: start, suspect: b.state.err != nil, done: make(chan struct{})}
		b.state.refresh = x
		r.queueOf(x).push(x)
		if r.breaker.open() {
			r.probe = x
		}
	}
}

func (r *refresher) queueOf(x *refresh) *queue {
	if x.suspect {
		return &r.suspect
	}
	return &r.healthy
}

// pickProbe returns the batch to ask for while the breaker is open, if any may
// be, and fails the others. It is one that failed less often than the others,
// so that one which spoils itself cannot keep the breaker open.
func (r *refresher) pickProbe(due []*batch, start, now time.Time) []*batch {
	due = slices.DeleteFunc(due, func(b *batch) bool { return !b.stale(start, now) })
	var probe []*batch
	if r.probe == nil && r.breaker.probing() && len(due) > 0 {
		probe = []*batch{slices.MinFunc(due, func(a, b *batch) int { return cmp.Compare(a.state.failures, b.state.failures) })}
	}
	for _, b := range due {
		if !slices.Contains(probe, b) {
			b.state.err = errUnavailable
		}
	}
	return probe
}

// next returns a refresh to start, which then holds a slot, or nil. On the way
// it gives slots to the refreshes that wait for one. Suspects hold at most half
// of the slots, but at least one, and take turns with the others.
func (r *refresher) next() *refresh {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.fleet.Load() != nil && r.running < r.fleet.Load().settings.Concurrency {
		mayFail := r.suspects < max(1, r.fleet.Load().settings.Concurrency/2) && (len(r.waiting) > 0 || !r.suspect.empty())
		switch {
		case mayFail && (!r.turn || r.healthy.empty()):
			r.turn = true
			if len(r.waiting) > 0 {
				r.acquired(true)
				close(r.waiting[0])
				r.waiting = r.waiting[1:]
				continue
			}
			if x := r.suspect.pop(); r.begin(x) {
				return x
			}
		case !r.healthy.empty():
			r.turn = false
			if x := r.healthy.pop(); r.begin(x) {
				return x
			}
		default:
			return nil
		}
	}
	return nil
}

// begin prepares a refresh, and reports whether there is something to ask for
// now. One whose cards are in flight, as happens after a load, has to wait.
func (r *refresher) begin(x *refresh) bool {
	for y := range r.earlier {
		if y.sharesCards(x) {
			y.next = append(y.next, x)
			return false
		}
	}
	now := wallClock()
	x.together, x.alone = x.batch.due(x.start, now)
	switch {
	case r.breaker.open() && r.probe != x:
		x.err = errUnavailable
	case len(x.together)+len(x.alone) > 0:
		x.before = r.answers
		r.plan(x)
		r.progress[x] = struct{}{}
		r.acquired(x.suspect)
		return true
	}
	r.finish(x)
	return false
}

// finish ends a refresh, in progress or queued.
func (r *refresher) finish(x *refresh) {
	s := x.batch.state
	if s.refresh == x {
		s.refresh = nil
	}
	delete(r.progress, x)
	delete(r.earlier, x)
	if r.probe == x {
		r.probe = nil
	}
	switch {
	case errors.Is(x.err, errStopped): // says nothing of the batch
	case errors.Is(x.err, errUnavailable):
		s.err = x.err
	case x.err != nil:
		if s.failures == 0 {
			s.answers = x.before
		}
		s.failures++
		s.err = x.err
	default:
		s.failures, s.err = 0, nil
	}
	for _, y := range x.next {
		r.queueOf(y).push(y)
	}
	x.finished = time.Now()
	close(x.done)
	r.signal()
}
