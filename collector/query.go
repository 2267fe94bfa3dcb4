package collector

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"simcard_exporter/collector/limits"
	"simcard_exporter/collector/szzkc"
)

// result is what a request brought.
type result struct {
	szzkc.Match
	asked uint64    // the request's number
	at    time.Time // when the answer came
	err   error     // what went wrong: an *szzkc.Error, or szzkc.ErrIncomplete
}

func (r result) outcome() outcome {
	var failure *szzkc.Error
	switch {
	case r.err == nil:
		return answered
	case errors.Is(r.err, szzkc.ErrIncomplete):
		return incomplete
	case errors.As(r.err, &failure) && failure.Reason == szzkc.Rejected:
		return refused
	default:
		return failed
	}
}

func (r result) readable() bool { return r.outcome() == answered || r.outcome() == incomplete }

func (r result) temporary() bool {
	var failure *szzkc.Error
	return errors.As(r.err, &failure) && failure.Temporary()
}

// query asks for cards until there is an answer or no reason to try again. Only
// the first request of a batch whose last refresh was answered is tried again.
// Waiting for that holds no slot. If nothing was sent, the result's error says
// why.
func (r *refresher) query(ctx context.Context, x *refresh, cards []*card) (last result, sent bool) {
	retries := 0
	if !x.suspect && x.requests == 0 {
		retries = x.fleet.settings.MaxRetries
	}
	last, sent = r.attempt(ctx, x, cards)
	delays := backoff.NewExponentialBackOff()
	for range retries {
		if !sent || !last.temporary() || !r.mayRetry(x, last) {
			break
		}
		select {
		case <-time.After(delays.NextBackOff()):
		case <-ctx.Done(): // noticed by the next attempt
		}
		next, ok := r.attempt(ctx, x, cards)
		if !ok { // the breaker has opened, so that last does not count twice
			return last, ctx.Err() == nil
		}
		r.metrics.retries.Inc()
		last = next
	}
	return last, sent
}

// attempt sends one request when the limits allow. If it does not, the result's
// error says why.
func (r *refresher) attempt(ctx context.Context, x *refresh, cards []*card) (_ result, sent bool) {
	suspect := x.suspect || x.requests > 0
	if x.requests++; x.requests > 1 && !r.acquire(ctx) { // the first has the slot that x was started with
		return result{err: errStopped}, false
	}
	defer r.release(suspect)
	maySend := r.pacer.Wait(ctx, x.giveUp) && r.maySend(x)
	switch {
	case ctx.Err() != nil:
		return result{err: errStopped}, false
	case !maySend:
		return result{err: r.unavailable()}, false
	}
	return r.send(ctx, x, cards), ctx.Err() == nil
}

// mayRetry counts what is to be tried again as a failure, unless too much waits
// already.
func (r *refresher) mayRetry(x *refresh, result result) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped || r.crowded() {
		return false
	}
	r.vote(x, limits.Failure, result.err)
	return true
}

// acquire waits for a slot for a further request of a refresh. It returns false
// when ctx is done: that is the end of all requests, and of all counting.
func (r *refresher) acquire(ctx context.Context) bool {
	r.mu.Lock()
	slot := r.slots.Resume()
	r.mu.Unlock()
	r.signal()
	select {
	case <-slot:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *refresher) release(suspect bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots.Release(suspect)
	r.signal()
}

// maySend reports whether x may send a request: while the breaker is open, only
// the probe may, and only its first.
func (r *refresher) maySend(x *refresh) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.breaker.Open() || r.probe == x && x.requests == 1
}

// vote tells the breaker what a request of x means, unless that was sent before
// the breaker opened. mu is held.
func (r *refresher) vote(x *refresh, v limits.Vote, cause error) {
	select {
	case <-x.giveUp:
	default:
		r.breaker.Vote(v, cause)
		r.signal() // if this opened the breaker, what is queued fails
	}
}

// send sends a request, reads the answer, and counts what becomes of it.
func (r *refresher) send(ctx context.Context, x *refresh, cards []*card) result {
	g := x.batch.group
	ctx, cancel := context.WithTimeout(ctx, x.fleet.settings.Timeout)
	defer cancel()
	g.requests.Add(1)
	r.metrics.requestsInFlight.Inc()
	asked, began := r.sent.Add(1), time.Now()
	answer, err := x.fleet.platform.Query(ctx, ids(cards), g.Live)
	result := result{asked: asked, at: wallClock(), err: err}
	elapsed := time.Since(began)
	r.metrics.requestsInFlight.Dec()
	r.metrics.requestDuration.WithLabelValues(strconv.FormatBool(g.Live)).Observe(elapsed.Seconds())

	r.pacer.Pause(answer.RetryAfter)
	if err == nil {
		result.Match, result.err = answer.Match(ids(cards))
	}
	r.metrics.count(result, answer)
	r.logger.Debug("platform asked", "group", g.Name, "kind", string(x.batch.kind), "first", cards[0].id, "cards", len(cards),
		"answered", len(answer.Cards), "invalid", answer.Invalid, "duration", elapsed, "err", result.err)
	return result
}
