package collector

import (
	"context"
	"errors"
	"strconv"
	"time"

	"simcard_exporter/collector/platform"
)

// request is one request of a refresh. It is immutable.
type request struct {
	refresh     *refresh
	cards       []*card
	quarantined bool   // it is for one card, in quarantine
	retry       bool   // it repeats one that failed
	suspect     bool   // holds the slot of a suspect
	seq         uint64 // in the order in which the refresher sends requests
	openings    int    // of the breaker, before it
}

// result is what a request brought.
type result struct {
	platform.Match
	at         time.Time // when it came, by wallClock
	duration   time.Duration
	retryAfter time.Duration // the pause that the platform asked for
	err        error         // a *platform.Error, platform.ErrIncomplete, or that the request was cancelled
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

// readable reports whether res has answers, at least for some of the cards.
func (res result) readable() bool {
	return res.outcome() == answered || res.outcome() == incomplete
}

// temporary reports whether the same request may succeed if it is soon retried.
func (res result) temporary() bool {
	var failure *platform.Error
	return errors.As(res.err, &failure) && failure.Temporary()
}

// answer returns the answer for the card i of the request.
func (q *request) answer(res result, i int) *answer {
	a := &answer{seq: q.seq, at: res.at, card: q.cards[i].share(res.Cards[i])}
	if invalid := res.Invalid[i]; len(invalid) > 0 {
		a.remarks = &remarks{invalid: invalid}
	}
	return a
}

// query sends a request, matches the answer to the cards, and counts what is wrong
// with it.
func (r *refresher) query(ctx context.Context, q *request) result {
	g := q.refresh.batch.group
	ctx, cancel := context.WithTimeout(ctx, g.fleet.settings.Timeout)
	defer cancel()
	g.requests.Add(1)
	r.metrics.requestsInFlight.Inc()
	began := time.Now()
	answer, err := g.fleet.client.Query(ctx, ids(q.cards), g.Live)
	res := result{at: wallClock(), duration: time.Since(began), retryAfter: answer.RetryAfter, err: err}
	r.metrics.requestsInFlight.Dec()
	r.metrics.requestDuration.WithLabelValues(strconv.FormatBool(g.Live)).Observe(res.duration.Seconds())
	if err == nil {
		res.Match, res.err = answer.Match(ids(q.cards))
	}
	r.metrics.count(res, answer)
	r.logger.Debug("platform asked", "group", g.Name, "kind", string(q.refresh.batch.kind), "first", q.cards[0].id, "cards", len(q.cards),
		"answered", len(answer.Cards), "invalid", answer.Invalid, "duration", res.duration, "err", res.err)
	return res
}
