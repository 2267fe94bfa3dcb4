package collector

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"simcard_exporter/collector/szzkc"
)

// result is what a request brought.
type result struct {
	reading             // of the answer
	asked, at time.Time // when it was sent, and when the answer came
	err       error     // what went wrong: nothing could be read, or not all
	temporary bool      // the same request may be answered a little later
	cast      func(vote)
}

func (r result) outcome() outcome {
	var failure *szzkc.Error
	switch {
	case r.err == nil:
		return answered
	case errors.Is(r.err, errIncomplete):
		return incomplete
	case errors.As(r.err, &failure) && failure.Reason == szzkc.Rejected:
		return refused
	default:
		return failed
	}
}

var (
	errIncomplete = errors.New("items of the answer could not be read")
	errForeign    = errors.New("no item of the answer is of a card that was asked for")
)

// query asks for cards until there is an answer or no reason to try again. Only
// the first request of a batch whose last refresh was answered is tried again.
// Waiting for that holds no slot. The error says why nothing was sent.
func (r *refresher) query(ctx context.Context, x *refresh, cards []*card) (result, error) {
	retries := 0
	if !x.suspect && x.requests == 0 {
		retries = x.fleet.settings.MaxRetries
	}
	var last result
	delays := backoff.NewExponentialBackOff()
	for try := 0; ; try++ {
		result, err := r.attempt(ctx, x, cards)
		if err == nil && try > 0 {
			r.metrics.retries.Inc()
		}
		switch {
		case errors.Is(err, errStopped), err != nil && try == 0:
			return result, err
		case err != nil:
			return last, nil
		case !result.temporary || try >= retries:
			return result, nil
		}
		result.cast(failure)
		last, last.cast = result, func(vote) {}
		select {
		case <-time.After(delays.NextBackOff()):
		case <-ctx.Done():
			return result, errStopped
		}
	}
}

// attempt sends one request when the limits allow. The error says why it did
// not.
func (r *refresher) attempt(ctx context.Context, x *refresh, cards []*card) (result, error) {
	suspect := x.suspect || x.requests > 0
	x.requests++
	if x.requests > 1 {
		if err := r.acquire(ctx); err != nil {
			return result{}, err
		}
	}
	defer r.release(suspect)
	if err := r.pacer.wait(ctx); err != nil {
		return result{}, err
	}
	cast, err := r.allow(x, cards)
	if err != nil {
		return result{}, err
	}
	result := r.send(ctx, x, cards)
	result.cast = cast
	if ctx.Err() != nil {
		cast(neither)
		return result, errStopped
	}
	return result, nil
}

// allow asks the breaker. While it is open, only the probe may ask, and not for
// a card in quarantine.
func (r *refresher) allow(x *refresh, cards []*card) (cast func(vote), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.breaker.open() && (r.probe != x || cards[0].quarantined()) {
		return nil, errUnavailable
	}
	breakerCast, err := r.breaker.allow()
	return func(v vote) {
		breakerCast(v)
		r.signal() // if this opened the breaker, what is queued fails
	}, err
}

// send sends a request, reads the answer, and counts what becomes of it.
func (r *refresher) send(ctx context.Context, x *refresh, cards []*card) result {
	g, f := x.batch.group, x.fleet
	ids := make([]string, len(cards))
	for i, c := range cards {
		ids[i] = c.id
	}
	ctx, cancel := context.WithTimeout(ctx, f.settings.Timeout)
	defer cancel()
	g.requests.Add(1)
	r.metrics.requestsInFlight.Inc()
	defer r.metrics.requestsInFlight.Dec()

	asked := wallClock()
	began := time.Now()
	answer, err := f.platform.Query(ctx, ids, g.Live)
	elapsed := time.Since(began)
	result := result{asked: asked, at: wallClock()}
	if err == nil {
		result.reading = read(x.batch.kind, cards, answer)
		result.err = result.check(cards)
	} else {
		result.err = err
	}
	r.metrics.requestDuration.WithLabelValues(strconv.FormatBool(g.Live)).Observe(elapsed.Seconds())
	r.count(&result, answer)
	r.logger.Debug("platform asked", "group", g.Name, "kind", string(x.batch.kind), "first", ids[0], "cards", len(ids),
		"answered", len(answer.Cards), "invalid", answer.Invalid, "duration", elapsed, "err", result.err)
	return result
}

// check says what could not be read of an answer to cards.
func (r reading) check(cards []*card) error {
	switch {
	case r.noData || len(r.found) == len(cards):
		return nil
	case len(r.found) == 0:
		return &szzkc.Error{Reason: szzkc.Decode, Err: errForeign}
	case r.ambiguous:
		return fmt.Errorf("%w: %d of %d cards", errIncomplete, len(cards)-len(r.found), len(cards))
	default:
		return nil
	}
}

func (r *refresher) count(result *result, answer szzkc.Answer) {
	var failure *szzkc.Error
	r.pacer.pause(answer.RetryAfter)
	if errors.As(result.err, &failure) {
		result.temporary = failure.Temporary()
		r.metrics.requestFailures.WithLabelValues(string(failure.Reason)).Inc()
	}
	for _, field := range answer.Invalid {
		r.metrics.invalidFields.WithLabelValues(field.Field).Inc()
	}
	r.metrics.unexpectedCards.Add(float64(result.unexpected))
}
