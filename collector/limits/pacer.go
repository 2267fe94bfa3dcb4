// Package limits bounds the load on the platform. A Pacer spaces requests, Slots
// bound how many are in flight and who is next, and a Breaker stops nearly all
// of them while the platform is down. The package does not know what is queried.
// Nothing in it waits, and nothing is safe for concurrent use.
package limits

import (
	"time"

	"golang.org/x/time/rate"
)

// maxPause limits the pause that an answer can ask for, so that a wrong header does
// not stop all requests for a day.
const maxPause = time.Minute

// Pacer limits the rate of requests, and pauses them when the platform asks for it.
// NewPacer returns one; the zero value is not usable.
type Pacer struct {
	limiter     *rate.Limiter
	pausedUntil time.Time // no request before this time
}

// NewPacer returns a Pacer without a limit.
func NewPacer() *Pacer { return &Pacer{limiter: rate.NewLimiter(rate.Inf, 1)} }

// Set changes the limit, from a time on, to a number of requests per second; 0 is no
// limit.
func (p *Pacer) Set(now time.Time, perSecond float64) {
	limit := rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond)
	}
	p.limiter.SetLimitAt(now, limit)
}

// Pause stops all requests for d, but for at most a minute. It does not shorten an
// earlier pause.
func (p *Pacer) Pause(now time.Time, d time.Duration) {
	if until := now.Add(min(d, maxPause)); until.After(p.pausedUntil) {
		p.pausedUntil = until
	}
}

// Delay returns how long the next request has to wait; 0 if it may be sent now.
func (p *Pacer) Delay(now time.Time) time.Duration {
	if delay := p.pausedUntil.Sub(now); delay > 0 {
		return delay
	}
	reservation := p.limiter.ReserveN(now, 1)
	defer reservation.CancelAt(now)
	return reservation.DelayFrom(now)
}

// Sent counts a request that is sent now.
func (p *Pacer) Sent(now time.Time) { p.limiter.AllowN(now, 1) }
