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
	asked, at time.Time                // when it was sent, and when the answer came
	err       error                    // what went wrong: an *szzkc.Error, or szzkc.ErrIncomplete
	cast      func(limits.Vote, error) // must be called once
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
// Waiting for that holds no slot. The error says why nothing was sent.
func (r *refresher) query(ctx context.Context, x *refresh, cards []*card) (last result, err error) {
	retries := 0
	if !x.suspect && x.requests == 0 {
		retries = x.fleet.settings.MaxRetries
	}
	delays := backoff.NewExponentialBackOff()
	for try := 0; ; try++ {
		result, err := r.attempt(ctx, x, cards)
		switch {
		case err != nil && (try == 0 || ctx.Err() != nil):
			return result, err
		case err != nil:
			return last, nil
		}
		if try > 0 {
			r.metrics.retries.Inc()
		}
		if !result.temporary() || try >= retries || r.isCrowded() {
			return result, nil
		}
		result.cast(limits.Failure, result.err)
		last, last.cast = result, func(limits.Vote, error) {}
		select {
		case <-time.After(delays.NextBackOff()):
		case <-ctx.Done():
			return last, errStopped
		}
	}
}

// attempt sends one request when the limits allow. The error says why it did
// not.
func (r *refresher) attempt(ctx context.Context, x *refresh, cards []*card) (result, error) {
	suspect := x.suspect || x.requests > 0
	if x.requests++; x.requests > 1 { // the first has the slot that the refresh was started with
		if err := r.acquire(ctx); err != nil {
			return result{}, err
		}
	}
	defer r.release(suspect)
	if x.fleet.pacer.Wait(ctx) != nil {
		return result{}, errStopped
	}
	cast, err := r.allow(x, cards)
	if err != nil {
		return result{}, err
	}
	result := r.send(ctx, x, cards)
	result.cast = cast
	if ctx.Err() != nil {
		return result, errStopped
	}
	return result, nil
}

func (r *refresher) isCrowded() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.crowded()
}

// acquire waits for a slot for a further request of a refresh.
func (r *refresher) acquire(ctx context.Context) error {
	r.mu.Lock()
	slot := r.slots.Resume()
	r.mu.Unlock()
	r.signal()
	select {
	case <-slot:
		return nil
	case <-ctx.Done(): // the end of all requests, and of all counting
		return errStopped
	}
}

func (r *refresher) release(suspect bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots.Release(suspect)
	r.signal()
}

// allow asks the breaker. While it is open, only the probe may ask, and not for
// a card in quarantine.
func (r *refresher) allow(x *refresh, cards []*card) (cast func(limits.Vote, error), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	breaker := x.fleet.breaker
	if breaker.Open() && (r.probe != x || cards[0].quarantined()) {
		return nil, x.fleet.unavailable()
	}
	vote, ok := breaker.Allow()
	if !ok {
		return nil, x.fleet.unavailable()
	}
	return func(v limits.Vote, cause error) {
		vote(v, cause)
		r.signal() // if this opened the breaker, what is queued fails
	}, nil
}

// send sends a request, reads the answer, and counts what becomes of it.
func (r *refresher) send(ctx context.Context, x *refresh, cards []*card) result {
	g := x.batch.group
	ctx, cancel := context.WithTimeout(ctx, x.fleet.settings.Timeout)
	defer cancel()
	g.requests.Add(1)
	r.metrics.requestsInFlight.Inc()
	asked, began := wallClock(), time.Now()
	answer, err := x.fleet.platform.Query(ctx, ids(cards), g.Live)
	result := result{asked: asked, at: wallClock(), err: err}
	elapsed := time.Since(began)
	r.metrics.requestsInFlight.Dec()
	r.metrics.requestDuration.WithLabelValues(strconv.FormatBool(g.Live)).Observe(elapsed.Seconds())

	x.fleet.pacer.Pause(answer.RetryAfter)
	if err == nil {
		result.Match, result.err = answer.Match(ids(cards))
	}
	r.metrics.count(result, answer)
	r.logger.Debug("platform asked", "group", g.Name, "kind", string(x.batch.kind), "first", cards[0].id, "cards", len(cards),
		"answered", len(answer.Cards), "invalid", answer.Invalid, "duration", elapsed, "err", result.err)
	return result
}
