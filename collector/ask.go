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

// errNoTime is added to the error of a request that would have been tried again.
var errNoTime = errors.New("no time for another attempt")

// errNoAnswer is a batch whose request is still in flight at the deadline.
var errNoAnswer = errors.New("scrape ended before the platform answered")

// ask has the platform asked about b, by this scrape or by another that is at
// it already, and waits for the answer until ctx, the scrape, is done. The
// request itself goes on then, as long as lifetime, the process, does.
func (c *Collector) ask(ctx, lifetime context.Context, f *fleet, g *group, b *batch, start time.Time) error {
	for ctx.Err() == nil {
		flight, mine := b.join(g.since(start), func(fl *flight) {
			c.flights.Go(func() {
				err := c.fly(ctx, lifetime, f, g, b, fl, start)
				b.land(fl, err, ctx.Err() != nil || errors.Is(err, errNotAsked) || errors.Is(err, errNoTime))
			})
		})
		if flight == nil {
			return nil
		}
		select {
		case <-flight.done:
			// Another scrape may have begun its flight with less time, or
			// with less to ask for; then it is this one's turn.
			if mine || flight.err != nil && !flight.cut {
				return flight.err
			}
		case <-ctx.Done():
			b.leave(flight)
			return errNoAnswer
		}
	}
	return errNotAsked
}

// fly asks about the parts of b that are due, one after the other, and stores
// what the platform answers. Parts that it refuses are split and asked again.
// The error is of the part that went wrong last.
func (c *Collector) fly(ctx, lifetime context.Context, f *fleet, g *group, b *batch, fl *flight, start time.Time) error {
	if err := c.gate.enter(ctx, g.lane); err != nil {
		return err
	}
	defer c.gate.leave(g.lane)
	defer b.settle()

	var last error
	due := b.toAsk(g.since(start))
	for len(due) > 0 {
		p := due[0]
		due = due[1:]
		answer, err := c.request(ctx, lifetime, f, g, b, fl, p)
		var failure *szzkc.Error
		switch {
		case err == nil:
			c.metrics.unexpectedCards.Add(float64(p.store(b.kind, answer, time.Now())))
			b.accept(p)
		case errors.As(err, &failure) && failure.Reason == szzkc.Rejected:
			if halves := b.split(p, c.gate.splits); halves != nil {
				c.metrics.splits.Inc()
				due = append(halves, due...)
				continue
			}
			b.refuse(p)
			last = err
		case failure != nil && !failure.Temporary():
			b.fault(p)
			last = err
		default:
			if failure != nil { // it has been asked
				b.fault(p)
			}
			return err
		}
	}
	return last
}

// request asks about p until there is an answer, or no reason or no time to
// try again. No attempt starts once ctx is done.
func (c *Collector) request(ctx, lifetime context.Context, f *fleet, g *group, b *batch, fl *flight, p part) (szzkc.Answer, error) {
	var last error // Retry gives the context's error instead when that ends first
	attempts := 0
	attempt := func() (szzkc.Answer, error) {
		if err := c.gate.pace(ctx); err != nil {
			return szzkc.Answer{}, backoff.Permanent(err)
		}
		if attempts++; attempts > 1 {
			c.metrics.retries.Inc()
		}
		b.attempt(fl)
		answer, err := c.attempt(lifetime, f, g, b.kind, p)
		last = err
		return answer, retryable(err)
	}
	deadline, _ := ctx.Deadline()
	answer, err := backoff.Retry(ctx, attempt,
		backoff.WithMaxTries(uint(f.settings.MaxRetries)+1),
		backoff.WithMaxElapsedTime(max(time.Until(deadline), 1)), // 0 would be no limit
	)
	var failure *szzkc.Error
	switch {
	case err == nil || last == nil:
		return answer, err
	case errors.As(last, &failure) && failure.Temporary() && attempts <= f.settings.MaxRetries:
		return szzkc.Answer{}, fmt.Errorf("%w (%w)", last, errNoTime)
	default:
		return szzkc.Answer{}, last
	}
}

// attempt sends one request and counts what becomes of it.
func (c *Collector) attempt(lifetime context.Context, f *fleet, g *group, k kind, p part) (szzkc.Answer, error) {
	ctx, cancel := context.WithTimeout(lifetime, f.settings.Timeout)
	defer cancel()
	c.metrics.requestsInFlight.Inc()
	defer c.metrics.requestsInFlight.Dec()

	start := time.Now()
	answer, err := f.platform.Query(ctx, p.identifiers(), g.Live)
	elapsed := time.Since(start)

	c.metrics.requestDuration.WithLabelValues(strconv.FormatBool(g.Live)).Observe(elapsed.Seconds())
	var failure *szzkc.Error
	if errors.As(err, &failure) {
		c.metrics.requestFailures.WithLabelValues(string(failure.Reason)).Inc()
		if failure.Reason == szzkc.Throttled && failure.RetryAfter > 0 {
			c.gate.pause(failure.RetryAfter)
		}
	}
	for _, field := range answer.Invalid {
		c.metrics.invalidFields.WithLabelValues(field.Field).Inc()
	}
	c.logger.Debug("platform asked", "group", g.Name, "kind", string(k), "first", p.members[0].id,
		"cards", len(p.members), "answered", len(answer.Cards), "invalid", answer.Invalid, "duration", elapsed, "err", err)
	return answer, err
}

// retryable tells backoff what the platform's error means for it.
func retryable(err error) error {
	var failure *szzkc.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failure) || !failure.Temporary():
		return backoff.Permanent(err)
	case failure.RetryAfter > 0:
		return fmt.Errorf("%w: %w", err, &backoff.RetryAfterError{Duration: failure.RetryAfter})
	default:
		return err
	}
}
