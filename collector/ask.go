package collector

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
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
		flight, mine := b.join(since, func(fl *flight, stale []part) {
			c.flights.Go(func() { b.land(fl, c.fly(ctx, lifetime, f, b, stale)) })
		})
		if flight == nil {
			return nil
		}
		select {
		case <-flight.done:
			// Another scrape may have begun its flight with less time, or
			// with less to ask for; then it is this one's turn.
			if mine || flight.err != nil && !errors.Is(flight.err, errNotAsked) {
				return flight.err
			}
		case <-ctx.Done():
			b.leave(flight)
			return errNoAnswer
		}
	}
	return errNotAsked
}

// fly asks about the stale parts of b, one after the other, and stores what
// the platform answers. Parts that it refuses are split and asked again. The
// error is of the part that went wrong last.
func (c *Collector) fly(ctx, lifetime context.Context, f *fleet, b *batch, stale []part) error {
	if err := f.gate.enter(ctx); err != nil {
		return err
	}
	defer f.gate.leave()
	defer func() {
		if b.settle() {
			f.overloaded.Store(true)
		}
	}()
	var refusal error
	for len(stale) > 0 {
		p := stale[0]
		stale = stale[1:]
		answer, err := c.request(ctx, lifetime, f, b, p)
		var failure *szzkc.Error
		switch {
		case err == nil:
			c.metrics.unexpectedCards.Add(float64(p.store(b.kind, answer, time.Now())))
			b.accept(p)
			f.overloaded.Store(false)
		case errors.As(err, &failure) && failure.Reason == szzkc.Rejected:
			if halves := b.split(p, f.overloaded.Load()); halves != nil {
				c.metrics.splits.Inc()
				stale = append(halves, stale...)
				continue
			}
			b.refuse(p)
			refusal = fmt.Errorf("%s %s: %w", b.kind, strings.Join(p.identifiers(), ","), err)
		default:
			return err
		}
	}
	return refusal
}

// request asks about p until there is an answer, or no reason or no time to
// try again. No attempt starts once ctx is done.
func (c *Collector) request(ctx, lifetime context.Context, f *fleet, b *batch, p part) (szzkc.Answer, error) {
	var last error // Retry gives the context's error instead when that ends first
	attempts := 0
	attempt := func() (szzkc.Answer, error) {
		if err := f.gate.pace(ctx); err != nil {
			return szzkc.Answer{}, backoff.Permanent(err)
		}
		if attempts++; attempts > 1 {
			c.metrics.retries.Inc()
		}
		answer, err := c.attempt(lifetime, f, b, p)
		last = err
		return answer, retryable(err)
	}
	deadline, _ := ctx.Deadline()
	answer, err := backoff.Retry(ctx, attempt,
		backoff.WithMaxTries(uint(f.settings.MaxRetries)+1),
		backoff.WithMaxElapsedTime(max(time.Until(deadline), 1)), // 0 would be no limit
	)
	if err != nil && last != nil {
		return szzkc.Answer{}, last
	}
	return answer, err
}

// attempt sends one request and counts what becomes of it.
func (c *Collector) attempt(lifetime context.Context, f *fleet, b *batch, p part) (szzkc.Answer, error) {
	ctx, cancel := context.WithTimeout(lifetime, f.settings.Timeout)
	defer cancel()
	c.metrics.requestsInFlight.Inc()
	defer c.metrics.requestsInFlight.Dec()

	start := time.Now()
	answer, err := f.platform.Query(ctx, p.identifiers(), b.group.Live)
	elapsed := time.Since(start)

	c.metrics.requestDuration.WithLabelValues(strconv.FormatBool(b.group.Live)).Observe(elapsed.Seconds())
	var failure *szzkc.Error
	if errors.As(err, &failure) {
		c.metrics.requestFailures.WithLabelValues(string(failure.Reason)).Inc()
	}
	for _, field := range answer.Invalid {
		c.metrics.invalidFields.WithLabelValues(field.Field).Inc()
	}
	c.logger.Debug("platform asked", "group", b.group.Name, "kind", string(b.kind), "first", p.members[0].id,
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
