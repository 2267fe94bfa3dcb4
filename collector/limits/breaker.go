package limits

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

const (
	// The breaker opens after tripFailures in a row, the last of them at least
	// tripSpan after the first.
	tripFailures = 10
	tripSpan     = 5 * time.Second
	// probeEvery is the minimum time between two probes.
	probeEvery = 10 * time.Second
)

// Vote is what the result of a request says about the platform. The zero value
// says nothing.
type Vote int

// What a request can say about the platform.
const (
	Neither Vote = iota // says nothing
	Success             // the platform is up
	Failure             // the platform may be down
)

// Breaker is a circuit breaker that keeps requests from a platform that is down. It
// opens after 10 failures in a row over at least 5 s. From then on it is time for a
// probe every 10 s, and the first success closes it. NewBreaker returns one; the zero
// value is not usable.
type Breaker struct {
	breaker  *gobreaker.TwoStepCircuitBreaker[any]
	cause    error // of the last failure
	openings int
}

// NewBreaker returns a closed breaker. It sets available to 1 while it is closed
// and to 0 while it is open, and logs each change.
func NewBreaker(logger *slog.Logger, available prometheus.Gauge) *Breaker {
	available.Set(1)
	b := new(Breaker)
	var firstFailure, openedAt time.Time
	b.breaker = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Timeout: probeEvery,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			if counts.ConsecutiveFailures == 1 {
				firstFailure = time.Now()
			}
			return counts.ConsecutiveFailures >= tripFailures && time.Since(firstFailure) >= tripSpan
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case to == gobreaker.StateClosed:
				available.Set(1)
				logger.Info("platform available again", "after", time.Since(openedAt))
			case from == gobreaker.StateClosed:
				openedAt = time.Now()
				b.openings++
				available.Set(0)
				logger.Warn("platform unavailable", "err", b.cause, "probe_interval", probeEvery)
			}
		},
	})
	return b
}

// Open reports whether the breaker is open, so that only a probe should be sent.
func (b *Breaker) Open() bool { return b.breaker.State() != gobreaker.StateClosed }

// Probing reports whether the breaker is open and it is time for a probe.
func (b *Breaker) Probing() bool { return b.breaker.State() == gobreaker.StateHalfOpen }

// Openings returns how often the breaker has opened, probes that failed apart. If that
// is not what it was when a request was sent, the result says nothing.
func (b *Breaker) Openings() int { return b.openings }

// Vote counts the result of a request; cause says what went wrong if it is a
// failure. While the breaker is open, votes do not count until it is time for a
// probe; the first one after that counts as the probe's.
func (b *Breaker) Vote(v Vote, cause error) {
	switch v {
	case Neither:
		return
	case Success:
		cause = nil
	case Failure:
		b.cause = cause
	}
	if done, err := b.breaker.Allow(); err == nil {
		done(cause)
	}
}

// Cause returns the cause of the last failure; nil if there was none.
func (b *Breaker) Cause() error { return b.cause }
