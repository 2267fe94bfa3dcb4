package collector

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"simcard_exporter/collector/limits"
	"simcard_exporter/collector/platform"
)

// result is the result of one request.
type result struct {
	platform.Match
	seq uint64    // number of the request, as in answer
	at  time.Time // when the answer came
	err error     // an *platform.Error, platform.ErrIncomplete, or why nothing was sent

	// Closed when the breaker has opened since the request was sent: then the
	// result is no vote. nil for a probe.
	late <-chan struct{}
}

func (res result) outcome() outcome {
	var failure *platform.Error
	switch {
	case res.err == nil:
		return answered
	case errors.Is(res.err, platform.ErrIncomplete):
		return incomplete
	case errors.As(res.err, &failure) && failure.Reason == platform.Rejected:
		return refused
	default:
		return failed
	}
}

// answer returns the answer for c, the card i of the request.
func (res result) answer(i int, c *card) *answer {
	a := &answer{seq: res.seq, at: res.at, card: c.share(res.Cards[i])}
	if invalid := res.Invalid[i]; len(invalid) > 0 {
		a.remarks = &remarks{invalid: invalid}
	}
	return a
}

// readable reports whether res has answers, at least for some of the cards.
func (res result) readable() bool {
	return res.outcome() == answered || res.outcome() == incomplete
}

// temporary reports whether the same request may succeed if it is soon retried.
func (res result) temporary() bool {
	var failure *platform.Error
	return errors.As(res.err, &failure) && failure.Temporary()
}

// query sends a request for cards, and retries it after a temporary failure. It
// retries only the first request of a refresh, and none of a suspect one. Waiting
// for a retry holds no slot. If nothing was sent, the result's error says why.
func (r *refresher) query(ctx context.Context, x *refresh, cards []*card) (res result, sent bool) {
	retries := 0
	if !x.suspect && x.attempts == 0 {
		retries = x.batch.group.fleet.settings.MaxRetries
	}
	res, sent = r.attempt(ctx, x, cards)
	delays := backoff.NewExponentialBackOff()
	for range retries {
		if !sent || !res.temporary() || !r.mayRetry(res) {
			break
		}
		select {
		case <-time.After(delays.NextBackOff()):
		case <-ctx.Done(): // noticed by the attempt
		}
		retried, ok := r.attempt(ctx, x, cards)
		if !ok { // the breaker is open: mayRetry has counted res, and vote ignores it now
			return res, ctx.Err() == nil
		}
		r.metrics.retries.Inc()
		res = retried
	}
	return res, sent
}

// mayRetry reports whether a refresh may wait for a retry, and if so counts the
// failure now.
func (r *refresher) mayRetry(res result) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped || r.crowded() {
		return false
	}
	r.vote(res, limits.Failure)
	return true
}

// vote passes a vote on a request to the breaker, unless the breaker has opened
// since the request was sent. mu is held.
func (r *refresher) vote(res result, v limits.Vote) {
	select {
	case <-res.late:
	default:
		r.breaker.Vote(v, res.err)
		r.signal() // if this opened the breaker, what is queued fails
	}
}

// attempt sends one request as soon as the limits allow. If it does not, the
// result's error says why.
func (r *refresher) attempt(ctx context.Context, x *refresh, cards []*card) (res result, sent bool) {
	first := x.attempts == 0 // uses the slot that x was started with
	x.attempts++
	if !first && !r.acquire(ctx) {
		return result{err: errStopped}, false
	}
	defer r.release(x.suspect || !first)
	opened := r.breakerOpened(x)
	maySend := r.pacer.Wait(ctx, opened) && r.maySend(x)
	switch {
	case ctx.Err() != nil:
		return result{err: errStopped}, false
	case !maySend:
		return result{err: r.unavailable()}, false
	}
	res = r.send(ctx, x, cards)
	res.late = opened
	return res, ctx.Err() == nil
}

// breakerOpened returns a channel that is closed when the breaker opens, or has
// opened. For the probe, which the open breaker lets through, it is nil.
func (r *refresher) breakerOpened(x *refresh) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.probe == x {
		return nil
	}
	return r.breaker.Opened()
}

// acquire waits for a slot for a refresh that has released its own. It returns false
// if ctx, which ends all requests, is done before that.
func (r *refresher) acquire(ctx context.Context) bool {
	r.mu.Lock()
	slot := r.slots.Resume()
	r.mu.Unlock()
	r.signal()
	select {
	case <-slot:
		return true
	case <-ctx.Done():
		return false // the slot is lost, but nothing needs one any more
	}
}

func (r *refresher) release(suspect bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots.Release(suspect)
	r.signal()
}

// maySend reports whether the breaker lets x send a request: while it is open,
// only the probe may, and only its first.
func (r *refresher) maySend(x *refresh) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.breaker.Open() || r.probe == x && x.attempts == 1
}

// send sends a request, matches the answer to the cards, and counts what is wrong
// with it.
func (r *refresher) send(ctx context.Context, x *refresh, cards []*card) result {
	g := x.batch.group
	ctx, cancel := context.WithTimeout(ctx, g.fleet.settings.Timeout)
	defer cancel()
	g.requests.Add(1)
	r.metrics.requestsInFlight.Inc()
	seq, began := r.sent.Add(1), time.Now()
	answer, err := g.fleet.client.Query(ctx, ids(cards), g.Live)
	at, duration := wallClock(), time.Since(began)
	r.metrics.requestsInFlight.Dec()
	r.metrics.requestDuration.WithLabelValues(strconv.FormatBool(g.Live)).Observe(duration.Seconds())

	r.pacer.Pause(answer.RetryAfter)
	var match platform.Match
	if err == nil {
		match, err = answer.Match(ids(cards))
	}
	res := result{Match: match, seq: seq, at: at, err: err}
	r.metrics.count(res, answer)
	r.remember(x.batch, cards, res, duration)
	r.logger.Debug("platform asked", "group", g.Name, "kind", string(x.batch.kind), "first", cards[0].id, "cards", len(cards),
		"answered", len(answer.Cards), "invalid", answer.Invalid, "duration", duration, "err", err)
	return res
}
