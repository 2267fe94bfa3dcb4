// Package limits bounds how hard the platform is asked: how many requests in a
// second, none while it wants to be left alone, and next to none while it is
// down. It knows nothing of what is asked for.
package limits

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxPause bounds how long one answer can keep the platform from being asked,
// so that a bad header does not blind anyone for a day.
const maxPause = time.Minute

// Pacer spaces requests: by a rate, and by the pauses that the platform asks
// for. It is safe for concurrent use.
type Pacer struct {
	turn chan struct{} // held by the one that waits for its time; the others wait for it
	// mu protects all below. It is never held while waiting.
	mu      sync.Mutex
	limiter *rate.Limiter
	resume  time.Time     // before which the platform wants to be left alone
	changed chan struct{} // closed when another limit holds
}

// NewPacer returns a Pacer without a limit.
func NewPacer() *Pacer {
	return &Pacer{turn: make(chan struct{}, 1), limiter: rate.NewLimiter(rate.Inf, 1), changed: make(chan struct{})}
}

// Set changes the limit, in requests per second, also for those that wait
// already; 0 is no limit.
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

// Pause has nobody ask for d, as the platform wishes, but at most for a minute.
func (p *Pacer) Pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(min(d, maxPause)); until.After(p.resume) {
		p.resume = until
	}
}

// Wait waits until a request may be sent, and reports whether it may: not if
// stop is closed, or ctx is done, before that.
func (p *Pacer) Wait(ctx context.Context, stop <-chan struct{}) bool {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-stop:
		return false
	case <-ctx.Done():
		return false
	}
	for {
		p.mu.Lock()
		changed := p.changed
		delay := time.Until(p.resume)
		var reservation *rate.Reservation
		if delay <= 0 {
			reservation = p.limiter.Reserve() // the only one, so that it can be cancelled
			delay = reservation.Delay()
		}
		p.mu.Unlock()
		if delay <= 0 {
			return true
		}
		sent := false
		select {
		case <-time.After(delay):
			sent = reservation != nil && !p.paused()
		case <-changed:
		case <-stop:
		case <-ctx.Done():
		}
		switch {
		case sent:
			return true
		case reservation != nil:
			reservation.Cancel()
		}
		if closed(stop) || ctx.Err() != nil {
			return false
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// paused reports whether somebody else was asked for a pause meanwhile.
func (p *Pacer) paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.resume)
}
