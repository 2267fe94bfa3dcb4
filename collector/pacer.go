package collector

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxPause bounds how long one answer can keep the platform from being asked,
// so that a bad header does not blind anyone for a day.
const maxPause = time.Minute

// pacer spaces requests: by the rate limit, and by the pauses that the platform
// asks for. There is one, whatever is loaded, so that both hold across loads.
type pacer struct {
	// mu protects all below. It is never held while waiting.
	mu      sync.Mutex
	limiter *rate.Limiter
	resume  time.Time     // before which the platform wants to be left alone
	changed chan struct{} // closed when another limit holds
}

func newPacer() *pacer {
	return &pacer{limiter: rate.NewLimiter(rate.Inf, 1), changed: make(chan struct{})}
}

// paced is RateLimit less a little: the platform counts when requests arrive,
// and the network's jitter must not make one too many in a second.
func (s Settings) paced() float64 { return s.RateLimit * .98 }

// set changes the limit, also for those that wait already. Pauses are forgotten
// if another platform is to be asked.
func (p *pacer) set(s Settings, forget bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit := rate.Inf
	if s.RateLimit > 0 {
		limit = rate.Limit(s.paced())
	}
	p.limiter.SetLimit(limit)
	if forget {
		p.resume = time.Time{}
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// pause has nobody ask for d, as the platform wishes, but at most for maxPause.
func (p *pacer) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(min(d, maxPause)); until.After(p.resume) {
		p.resume = until
	}
}

// wait waits until a request may be sent.
func (p *pacer) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		changed := p.changed
		delay := time.Until(p.resume)
		var reservation *rate.Reservation
		if delay <= 0 {
			reservation = p.limiter.Reserve()
			delay = reservation.Delay()
		}
		p.mu.Unlock()
		if delay <= 0 && reservation != nil {
			return nil
		}
		select {
		case <-time.After(delay):
			if reservation != nil && !p.paused() {
				return nil
			}
		case <-changed:
			if reservation != nil {
				reservation.Cancel()
			}
		case <-ctx.Done():
			return errStopped
		}
	}
}

// paused reports whether somebody else was asked for a pause meanwhile.
func (p *pacer) paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.resume)
}
