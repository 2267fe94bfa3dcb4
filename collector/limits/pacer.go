// Package limits bounds the load on the platform. A Pacer spaces requests, Slots
// bound how many are in flight and who is next, and a Breaker stops nearly all
// of them while the platform is down. The package does not know what is queried.
package limits

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxPause limits the pause that an answer can ask for, so that a wrong header does
// not stop all requests for a day.
const maxPause = time.Minute

// Pacer limits the rate of requests, and pauses them when the platform asks for it.
// NewPacer returns one; the zero value is not usable. It is safe for
// concurrent use.
type Pacer struct {
	turn chan struct{} // holds a value while a request waits for its time; others wait for room

	// mu protects all below. It is never held while waiting.
	mu          sync.Mutex
	limiter     *rate.Limiter
	pausedUntil time.Time     // no request before this time
	changed     chan struct{} // closed when the limit changes
}

// NewPacer returns a Pacer without a limit.
func NewPacer() *Pacer {
	return &Pacer{turn: make(chan struct{}, 1), limiter: rate.NewLimiter(rate.Inf, 1), changed: make(chan struct{})}
}

// Set changes the limit to a number of requests per second, also for requests that
// wait already; 0 is no limit.
func (p *Pacer) Set(perSecond float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit := rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond)
	}
	p.limiter.SetLimit(limit)
	close(p.changed)
	p.changed = make(chan struct{})
}

// Pause stops all requests for d, but for at most a minute. It does not shorten an
// earlier pause.
func (p *Pacer) Pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(min(d, maxPause)); until.After(p.pausedUntil) {
		p.pausedUntil = until
	}
}

// Wait waits until one request may be sent, and reports whether it may. It returns
// false if giveUp is closed or ctx is done before that. A nil giveUp is never closed.
func (p *Pacer) Wait(ctx context.Context, giveUp <-chan struct{}) bool {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-giveUp:
		return false
	case <-ctx.Done():
		return false
	}
	at := time.Now()
	for {
		delay, changed := p.take(at)
		if delay <= 0 {
			return true
		}
		select {
		case <-time.After(time.Until(at.Add(delay))):
			at = at.Add(delay) // a late timer does not lower the rate
		case <-changed:
			at = time.Now()
		case <-giveUp:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// take returns 0 if a request may be sent at a time, and counts it. Otherwise it
// returns the delay after which to call it again, or earlier if changed is closed.
func (p *Pacer) take(at time.Time) (delay time.Duration, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if delay = p.pausedUntil.Sub(at); delay > 0 {
		return delay, p.changed
	}
	reservation := p.limiter.ReserveN(at, 1)
	if delay = reservation.DelayFrom(at); delay > 0 {
		reservation.CancelAt(at) // a pause or another limit may come first
	}
	return delay, p.changed
}
