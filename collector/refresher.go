package collector

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"simcard_exporter/collector/limits"
)

// refresher refreshes the batches that scrapes queue, on one platform with one
// account. A refresh goes on to its end, whether a scrape waits for it or not. It is
// an item that moves between a queue, a request, the timer for a retry, and those that
// wait for evidence; only the request has a goroutine.
type refresher struct {
	logger  *slog.Logger
	metrics *metrics
	stops   chan struct{} // closed with stopped
	wake    chan struct{} // holds one value if there may be a request to send

	// mu protects all below, the states of batches, and the changes of records.
	// It is never held during a request.
	mu         sync.Mutex
	fleet      *fleet                       // the present one
	pacer      *limits.Pacer                // of the platform, whatever the account
	slots      limits.Slots[turn, *refresh] // with the queues
	ways       map[bool]*way                // by live
	presses    map[*record]*refresh         // those that are queued or in progress
	sent       uint64                       // number of requests
	controlled bool                         // the last of these was a control
	stopped    bool                         // nothing is queued, stored or counted any more
}

// turn is what takes turns: what a group has to ask for in one way.
type turn struct {
	group *group
	live  bool
}

// newRefresher returns a refresher without slots.
func newRefresher(logger *slog.Logger, m *metrics, pacer *limits.Pacer) *refresher {
	r := &refresher{logger: logger, metrics: m, stops: make(chan struct{}), wake: make(chan struct{}, 1), pacer: pacer, presses: make(map[*record]*refresh)}
	r.ways = map[bool]*way{false: {opened: make(chan struct{})}, true: {live: true, opened: make(chan struct{})}}
	r.slots.Blocked = func(t turn) bool { return r.ways[t.live].breaker.Blocks() }
	return r
}

// way returns the way in which a group is asked for, the presses of buttons apart.
func (r *refresher) way(g *group) *way { return r.ways[g.Live] }

// use makes f the present fleet. mu is held, unless nobody has r yet.
func (r *refresher) use(f *fleet) {
	r.fleet = f
	r.pacer.Set(time.Now(), f.settings.sendRate())
	r.slots.Limit = f.settings.Concurrency
	for live, w := range r.ways {
		if len(f.ways[live]) == 0 { // nothing but presses: nobody would notice that the platform answers again
			r.withoutControl(w, time.Now())
		}
		value := 1.
		if w.breaker.Open() {
			value = 0
		}
		r.metrics.available(live, len(f.ways[live]) > 0, value)
	}
	r.signal()
}

// run sends requests as the limits allow until ctx is done or r is stopped. Then it
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
		case <-r.stops:
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

// idle is how long run sleeps if nothing is to be sent; signal wakes it earlier.
const idle = time.Hour

// next returns a request to send, which holds a slot. If none may be sent, it returns
// after how long to look again.
func (r *refresher) next(now time.Time) (q *request, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.slots.Free() || r.stopped {
		return nil, idle
	}
	if delay := r.pacer.Delay(now); delay > 0 {
		return nil, delay
	}
	wait = idle
	if r.controlled { // then it is the turn of all others
		q = r.nextOfQueue()
	}
	if r.controlled = false; q == nil {
		q, wait = r.nextControl(now)
		r.controlled = q != nil
	}
	if q == nil {
		q = r.nextOfQueue()
	}
	if q != nil {
		r.pacer.Sent(now)
		r.sent++
		q.number = r.sent
	}
	return q, wait
}

// nextControl returns a control, if one is to be sent. Otherwise it returns after how
// long to look again. mu is held, here and below, except in stop.
func (r *refresher) nextControl(now time.Time) (q *request, wait time.Duration) {
	wait = idle
	for _, w := range r.ways {
		after := w.controlIn(now)
		if after > 0 {
			wait = min(wait, after)
		} else if q := r.control(w, now); q != nil {
			return q, 0
		}
	}
	return nil, wait
}

// nextOfQueue returns the next request of the refresh whose turn it is; nil if it is
// nobody's.
func (r *refresher) nextOfQueue() *request {
	for {
		x, suspect, ok := r.slots.Next()
		if !ok {
			return nil
		}
		if q := r.begin(x); q != nil {
			q.suspect = suspect
			return q
		}
		r.slots.Release(suspect)
		r.settle(x)
		r.end(x)
	}
}

// begin plans the requests of a refresh, unless it goes on, and returns the next one; nil
// if nothing is due any more: a refresh from before a reload may have queried it. A
// refresh that the breaker has interrupted begins anew, or ends if no scrape has found
// its batch due for a while.
func (r *refresher) begin(x *refresh) *request {
	openings := r.ways[x.live()].breaker.Openings()
	switch reopened := x.openings != openings; {
	case reopened && wallClock().Sub(x.start).Abs() > probesAfterScrape:
		x.progress = progress{err: fmt.Errorf("%w: it was queued too long ago", errUnavailable)}
	case reopened || !x.begun:
		x.begun, x.openings = true, openings
		x.plan()
	}
	return x.next()
}

// retry has a refresh repeat its request after a delay.
func (r *refresher) retry(x *refresh, delay time.Duration) {
	time.AfterFunc(delay, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.metrics.retries.Inc()
		r.slots.Resumed.Push(x.turn(), x)
		r.signal()
	})
}

// end ends a refresh, wherever it is.
func (r *refresher) end(x *refresh) {
	if x.batch.refresh == x {
		x.batch.refresh = nil
	}
	if x.press != nil {
		delete(r.presses, x.press.record)
	}
	x.ended = time.Now()
	close(x.done)
}

// stop keeps r from queueing, storing or counting anything more, and scrapes from
// waiting.
func (r *refresher) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.halt()
}

// halt is stop with mu held.
func (r *refresher) halt() {
	if !r.stopped {
		r.stopped = true
		close(r.stops)
	}
}

// drop ends what has not begun.
func (r *refresher) drop() {
	for _, q := range []*limits.Queue[turn, *refresh]{&r.slots.Healthy, &r.slots.Suspect} {
		for x := range q.Drain() {
			r.end(x)
		}
	}
}
