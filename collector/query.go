package collector

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"simcard_exporter/collector/platform"
)

// request is one request to the platform. It is immutable once it has a number.
type request struct {
	number  uint64   // in the order in which the refresher sends requests
	refresh *refresh // nil for a control
	batch   *batch
	cards   []*card // of batch
	live    bool    // as Group.Live, but for a press
	purpose purpose
	suspect bool // holds the slot of a suspect
}

// result is what a request brought.
type result struct {
	platform.Match
	about      platform.Instant // the moment that the answer describes
	at         time.Time        // when it came, by wallClock
	duration   time.Duration
	retryAfter time.Duration // the pause that the platform asked for
	err        error         // a *platform.Error, platform.ErrIncomplete, errVanished, or that the request was cancelled
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

// known returns how many of the cards the answer has.
func (res result) known() (n int) {
	for _, c := range res.Cards {
		if c != nil {
			n++
		}
	}
	return n
}

// temporary reports whether the same request may succeed if it is soon retried.
func (res result) temporary() bool {
	var failure *platform.Error
	return errors.As(res.err, &failure) && failure.Temporary()
}

// answer returns the answer for the card i of the request.
func (q *request) answer(res result, i int) *answer {
	a := &answer{moments: moments{seq: q.number, came: platform.InstantOf(res.at), about: res.about}, unknown: res.Cards[i] == nil, item: q.cards[i].share(res.Cards[i])}
	if invalid := res.Invalid[i]; len(invalid) > 0 {
		a.unreadable = &invalid
	}
	return a
}

// frozen is how many times the timeout a request takes at least, by the wall clock, if
// the process or the machine stood still meanwhile. Its answer is old, and discarded.
const frozen = 2

// query sends a request, matches the answer to the cards, and counts what is wrong
// with it.
func (r *refresher) query(ctx context.Context, q *request) result {
	g := q.batch.group
	ctx, cancel := context.WithTimeout(ctx, g.fleet.settings.Timeout)
	defer cancel()
	g.requests.Add(1)
	r.metrics.requestsInFlight.Inc()
	began, beganWall := time.Now(), wallClock()
	answer, err := g.fleet.client.Query(ctx, ids(q.cards), q.live)
	res := result{at: wallClock(), duration: time.Since(began), retryAfter: answer.RetryAfter, err: err}
	res.about = describedAt(min(platform.InstantOf(beganWall), platform.InstantOf(res.at)), q.live, g.fleet.settings.Location)
	r.metrics.requestsInFlight.Dec()
	r.metrics.requestDuration.WithLabelValues(strconv.FormatBool(q.live)).Observe(res.duration.Seconds())
	switch took := res.at.Sub(beganWall); {
	case err != nil:
	case took > frozen*g.fleet.settings.Timeout:
		res.err = &platform.Error{Reason: platform.Timeout, Err: fmt.Errorf("the answer waited for %v in a process that stood still", took.Round(time.Second))}
	default:
		res.Match, res.err = answer.Match(ids(q.cards))
	}
	r.metrics.count(res, answer)
	r.logger.Debug("platform asked", "group", g.Name, "live", q.live, "kind", string(q.batch.kind), "first", q.cards[0].id, "cards", len(q.cards),
		"answered", len(answer.Cards), "invalid", answer.Invalid, "duration", res.duration, "err", res.err)
	return res
}
