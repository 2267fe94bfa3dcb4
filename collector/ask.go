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

// errNoAnswer is a batch whose request is still in flight at the deadline.
var errNoAnswer = errors.New("scrape ended before the platform answered")

// ask has the platform asked about b, by this scrape or by another that is at
// it already, and waits for the answer until ctx, the scrape, is done. The
// request itself goes on then, as long as lifetime, the process, does.
func (c *Collector) ask(ctx, lifetime context.Context, f *fleet, b *batch, since time.Time) error {
	for ctx.Err() == nil {
		flight, mine := b.join(since, func(fl *flight) {
			c.flights.Go(func() { b.land(fl, c.request(ctx, lifetime, f, b)) })
		})
		if flight == nil {
			return nil
		}
		select {
		case <-flight.done:
			// Another scrape's request may not have started before that
			// scrape's deadline, which need not be this one's.
			if mine || !errors.Is(flight.err, errNotAsked) {
				return flight.err
			}
		case <-ctx.Done():
			b.leave(flight)
			return errNoAnswer
		}
	}
	return errNotAsked
}

// request asks about b until there is an answer, which it stores, or no reason
// or time to try again. No attempt starts once ctx is done.
func (c *Collector) request(ctx, lifetime context.Context, f *fleet, b *batch) error {
	if err := f.gate.enter(ctx); err != nil {
		return err
	}
	defer f.gate.leave()

	var last error // Retry gives the context's error instead when that ends first
	attempts := 0
	attempt := func() (szzkc.Answer, error) {
		if err := f.gate.pace(ctx); err != nil {
			return szzkc.Answer{}, backoff.Permanent(err)
		}
		if attempts++; attempts > 1 {
			c.metrics.retries.Inc()
		}
		answer, err := c.attempt(lifetime, f, b)
		last = err
		return answer, retryable(err)
	}
	remaining := time.Hour
	if deadline, ok := ctx.Deadline(); ok {
		remaining = time.Until(deadline)
	}
	answer, err := backoff.Retry(ctx, attempt,
		backoff.WithMaxTries(uint(f.settings.MaxRetries)+1),
		backoff.WithMaxElapsedTime(max(remaining, 1)), // 0 would be no limit
	)
	switch {
	case err == nil:
	case last != nil:
		return last
	default:
		return err
	}
	c.metrics.unexpectedCards.Add(float64(b.store(answer, time.Now())))
	return nil
}

// attempt sends one request and counts what becomes of it.
func (c *Collector) attempt(lifetime context.Context, f *fleet, b *batch) (szzkc.Answer, error) {
	ctx, cancel := context.WithTimeout(lifetime, f.settings.Timeout)
	defer cancel()
	c.metrics.requestsInFlight.Inc()
	defer c.metrics.requestsInFlight.Dec()

	start := time.Now()
	answer, err := f.platform.Query(ctx, b.identifiers(), b.group.live)
	elapsed := time.Since(start)

	c.metrics.requestDuration.WithLabelValues(strconv.FormatBool(b.group.live)).Observe(elapsed.Seconds())
	var failure *szzkc.Error
	if errors.As(err, &failure) {
		c.metrics.requestFailures.WithLabelValues(string(failure.Reason)).Inc()
	}
	for _, field := range answer.Invalid {
		c.metrics.invalidFields.WithLabelValues(field.Field).Inc()
	}
	c.logger.Debug("platform asked", "group", b.group.name, "kind", string(b.kind), "first", b.members[0].id,
		"cards", len(b.members), "answered", len(answer.Cards), "invalid", answer.Invalid, "duration", elapsed, "err", err)
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
