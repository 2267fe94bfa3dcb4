package collector

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

const (
	tripFailures = 10               // in a row, and
	tripSpan     = 5 * time.Second  // from the first to the last, open the breaker
	probeEvery   = 10 * time.Second // at the most, while it is open
)

// errUnavailable is a batch that is not asked for while the breaker is open.
var errUnavailable = errors.New("platform is unavailable: only a probe is sent now and then")

var (
	errVoted    = errors.New("no answer")
	errExcluded = errors.New("no vote")
)

// breaker keeps a platform that is down from being asked over and over. It
// opens when requests in a row, over some time, brought no answer, and closes
// with the first answer of a probe.
type breaker struct {
	*gobreaker.TwoStepCircuitBreaker[any]
}

func newBreaker(logger *slog.Logger, available prometheus.Gauge) breaker {
	var first time.Time // failure in a row; gobreaker's lock protects it
	available.Set(1)
	return breaker{gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Timeout:    probeEvery,
		IsExcluded: func(err error) bool { return errors.Is(err, errExcluded) },
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			if counts.ConsecutiveFailures == 1 {
				first = time.Now()
			}
			return counts.ConsecutiveFailures >= tripFailures && time.Since(first) >= tripSpan
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case to == gobreaker.StateClosed:
				available.Set(1)
				logger.Info("platform available again")
			case from == gobreaker.StateClosed:
				available.Set(0)
				logger.Warn("platform unavailable", "failures", tripFailures, "probe_interval", probeEvery)
			}
		},
	})}
}

func (b breaker) open() bool { return b.State() != gobreaker.StateClosed }

// probing reports whether a probe may be sent.
func (b breaker) probing() bool { return b.State() == gobreaker.StateHalfOpen }

// allow asks to send a request. The vote must be cast once it is known.
func (b breaker) allow() (cast func(vote), err error) {
	done, err := b.Allow()
	if err != nil {
		return nil, errUnavailable
	}
	return func(v vote) {
		done(map[vote]error{success: nil, failure: errVoted, neither: errExcluded}[v])
	}, nil
}
