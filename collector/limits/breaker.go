package limits

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

const (
	tripFailures = 10               // in a row, and
	tripSpan     = 5 * time.Second  // from the first to the last, open the breaker
	probeEvery   = 10 * time.Second // at the most, while it is open
)

// Vote is what a request means for the breaker.
type Vote int

// The votes.
const (
	Neither Vote = iota
	Success
	Failure
)

// errNeither is no vote.
var errNeither = errors.New("neither an answer nor a failure")

// Breaker keeps a platform that is down from being asked over and over. It
// opens when requests in a row, over some time, brought no answer, and closes
// with the first answer of a probe. It is safe for concurrent use.
type Breaker struct {
	breaker *gobreaker.TwoStepCircuitBreaker[any]
	cause   atomic.Pointer[error]
	opened  atomic.Pointer[chan struct{}] // closed while it is open
}

// NewBreaker returns a closed breaker. It keeps available at 1 while it is
// closed and at 0 while it is open, and logs when that changes.
func NewBreaker(logger *slog.Logger, available prometheus.Gauge) *Breaker {
	available.Set(1)
	b := new(Breaker)
	b.renewOpened()
	var first, opened time.Time // failure in a row; gobreaker's lock protects both
	b.breaker = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Timeout:    probeEvery,
		IsExcluded: func(err error) bool { return errors.Is(err, errNeither) },
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			if counts.ConsecutiveFailures == 1 {
				first = time.Now()
			}
			return counts.ConsecutiveFailures >= tripFailures && time.Since(first) >= tripSpan
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case to == gobreaker.StateClosed:
				b.renewOpened()
				available.Set(1)
				logger.Info("platform available again", "after", time.Since(opened))
			case from == gobreaker.StateClosed:
				opened = time.Now()
				close(*b.opened.Load())
				available.Set(0)
				logger.Warn("platform unavailable", "err", b.Cause(), "probe_interval", probeEvery)
			}
		},
	})
	return b
}

// Open reports whether no request but a probe may be sent.
func (b *Breaker) Open() bool { return b.breaker.State() != gobreaker.StateClosed }

// Opened returns a channel that is closed when the breaker opens, or is open.
func (b *Breaker) Opened() <-chan struct{} { return *b.opened.Load() }

func (b *Breaker) renewOpened() {
	opened := make(chan struct{})
	b.opened.Store(&opened)
}

// Probing reports whether it is time for a probe.
func (b *Breaker) Probing() bool { return b.breaker.State() == gobreaker.StateHalfOpen }

// Cause returns why the last request failed; nil if none has.
func (b *Breaker) Cause() error {
	if err := b.cause.Load(); err != nil {
		return *err
	}
	return nil
}

// Allow reports whether a request may be sent. Once it is known what the request
// means, that must be cast, with what went wrong.
func (b *Breaker) Allow() (cast func(Vote, error), ok bool) {
	done, err := b.breaker.Allow()
	return func(v Vote, cause error) {
		switch v {
		case Success:
			done(nil)
		case Failure:
			b.cause.Store(&cause)
			done(cause)
		default:
			done(errNeither)
		}
	}, err == nil
}
