package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"simcard_exporter/collector/limits"
)

var errUnavailable = errors.New("platform is unavailable, only a probe is sent now and then")

// refresher refreshes the batches that scrapes queue, on one platform with one
// account. A refresh goes on to its end, whether a scrape waits for it or not. It is
// an item that moves between a queue, a request and the timer for a retry; only the
// request has a goroutine.
type refresher struct {
	logger   *slog.Logger
	metrics  *metrics
	replaced chan struct{} // closed when another refresher has replaced this one
	wake     chan struct{} // holds one value if there may be a request to send

	// mu protects all below, the states of batches, and the changes of records.
	// It is never held during a request.
	mu      sync.Mutex
	fleet   *fleet // the present one
	pacer   *limits.Pacer
	breaker *limits.Breaker
	slots   limits.Slots[*refresh] // with the queues; while the breaker is open, only the probe is in them
	retries []*refresh             // by the time of the retry; none while the breaker is open
	probe   *refresh               // the only one that may send while the breaker is open; nil if there is none
	sent    uint64                 // number of requests
	answers uint64                 // number of these, of all batches, that were answered
	stopped bool                   // nothing is queued, stored or counted any more
}

// newRefresher returns a refresher without slots.
func newRefresher(logger *slog.Logger, m *metrics) *refresher {
	return &refresher{
		logger:   logger,
		metrics:  m,
		replaced: make(chan struct{}),
		wake:     make(chan struct{}, 1),
		pacer:    limits.NewPacer(),
		breaker:  limits.NewBreaker(logger, m.platformAvailable),
	}
}

// use makes f the present fleet. mu is held, unless nobody has r yet.
func (r *refresher) use(f *fleet) {
	r.fleet = f
	r.pacer.Set(time.Now(), f.settings.sendRate())
	r.slots.Limit = f.settings.Concurrency
	r.signal()
}

// run sends requests as the limits allow until ctx is done or r is replaced. Then it
// cancels those in flight, and returns when the last of them has ended.
func (r *refresher) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var requests sync.WaitGroup
	defer requests.Wait()
	defer r.stop()
	defer cancel()
	for {
		q, wait := r.next(time.Now())
		if q != nil {
			requests.Go(func() { r.step(ctx, q) })
			continue
		}
		select {
		case <-r.wake:
		case <-time.After(wait):
		case <-r.replaced:
			return
		case <-ctx.Done():
			return
		}
	}
}

// signal has run look for a request to send. It never blocks.
func (r *refresher) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// idle is how long run waits if there is nothing to wait for: until it is woken.
const idle = time.Hour

// next returns a request to send, which holds a slot. If none may be sent, it returns
// after how long to look again.
func (r *refresher) next(now time.Time) (q *request, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	wait = idle
	for len(r.retries) > 0 {
		x := r.retries[0]
		if wait = x.retryAt.Sub(now); wait > 0 {
			break
		}
		r.retries = slices.Delete(r.retries, 0, 1)
		r.slots.Resumed.Push(x.batch.group, x)
		wait = idle
	}
	for r.slots.Ready() {
		if delay := r.pacer.Delay(now); delay > 0 {
			return nil, min(delay, wait)
		}
		x, suspect := r.slots.Next()
		if !x.begun && !r.begin(x) {
			r.slots.Release(suspect)
			r.end(x)
			continue
		}
		r.pacer.Sent(now)
		return r.request(x, suspect), 0
	}
	return nil, wait
}

// begin plans the requests of a refresh, and reports whether there are any. mu is
// held, here and below.
func (r *refresher) begin(x *refresh) bool {
	x.begun = true
	x.answersBefore, x.othersBefore = r.answers, r.answers-x.batch.answers
	x.plan(r.probe == x || x.batch.ban.holds(r.answers))
	if len(x.next()) == 0 {
		x.batch.err = nil // a refresh that a reload found in progress has queried all of it
		return false
	}
	return true
}

// request returns the next request of a refresh, which holds a slot.
func (r *refresher) request(x *refresh, suspect bool) *request {
	r.sent++
	q := &request{
		refresh: x, cards: x.next(), quarantined: len(x.parts) == 0, retry: !x.retryAt.IsZero(),
		suspect: suspect, seq: r.sent, openings: r.breaker.Openings(),
	}
	if q.retry {
		r.metrics.retries.Inc()
		x.retryAt = time.Time{}
	}
	return q
}

// retry has a refresh repeat its request after a while.
func (r *refresher) retry(x *refresh) {
	i, _ := slices.BinarySearchFunc(r.retries, x.retryAt, func(y *refresh, at time.Time) int { return y.retryAt.Compare(at) })
	r.retries = slices.Insert(r.retries, i, x)
}

// end ends a refresh, wherever it is.
func (r *refresher) end(x *refresh) {
	if r.probe == x {
		r.probe = nil
	}
	x.batch.refresh = nil
	x.ended = time.Now()
	close(x.done)
}

// vote passes a vote on a request to the breaker, unless that has opened since the
// request was sent. When the breaker opens, all that waits ends.
func (r *refresher) vote(q *request, v limits.Vote, err error) {
	if q.openings != r.breaker.Openings() {
		return
	}
	r.breaker.Vote(v, err)
	if q.openings == r.breaker.Openings() {
		return
	}
	for _, x := range r.waiting() {
		r.giveUp(x)
	}
}

// waiting takes all refreshes out of the queues and from the timer.
func (r *refresher) waiting() []*refresh {
	waiting := slices.Collect(r.slots.Healthy.Drain())
	waiting = slices.AppendSeq(waiting, r.slots.Resumed.Drain())
	waiting = slices.AppendSeq(waiting, r.slots.Suspect.Drain())
	waiting = append(waiting, r.retries...)
	r.retries = nil
	return waiting
}

// giveUp ends a refresh since the breaker is open, whatever is left to do.
func (r *refresher) giveUp(x *refresh) {
	if x.err == nil && (!x.begun || len(x.parts) > 0) {
		x.err = r.unavailable()
	}
	r.settle(x)
	r.end(x)
}

// stop ends what waits, so that no scrape waits for it, and keeps r from queueing,
// storing or counting anything more.
func (r *refresher) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	for _, x := range r.waiting() {
		r.end(x)
	}
}

// unavailable returns errUnavailable with its cause.
func (r *refresher) unavailable() error {
	return fmt.Errorf("%w; last: %w", errUnavailable, r.breaker.Cause())
}
