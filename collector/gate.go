package collector

import (
	"context"
	"errors"

	"golang.org/x/time/rate"
)

// errNotAsked is a batch whose turn did not come before the scrape's deadline.
var errNotAsked = errors.New("scrape ended before the platform could be asked")

// gate bounds the requests of the whole process, in number and in rate.
type gate struct {
	slots   chan struct{}
	limiter *rate.Limiter
}

// newGate returns the gate of previous where that will do, so that requests
// still in flight from before a reload count as well.
func newGate(settings Settings, previous *gate) *gate {
	limit := rate.Inf
	if settings.RateLimit > 0 {
		// The platform counts when requests arrive. A little more time between
		// them keeps the network's jitter from making one too many a second.
		limit = rate.Limit(settings.RateLimit * .98)
	}
	if previous != nil && cap(previous.slots) == settings.Concurrency {
		previous.limiter.SetLimit(limit)
		return previous
	}
	return &gate{
		slots:   make(chan struct{}, settings.Concurrency),
		limiter: rate.NewLimiter(limit, 1),
	}
}

// enter waits for a slot until ctx is done. Every enter that succeeds is
// followed by a leave.
func (g *gate) enter(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return errNotAsked
	case g.slots <- struct{}{}:
		return nil
	}
}

func (g *gate) leave() { <-g.slots }

// pace waits until a request may start under the rate limit. It does not wait
// for a turn that comes after ctx is done.
func (g *gate) pace(ctx context.Context) error {
	if ctx.Err() != nil || g.limiter.Wait(ctx) != nil {
		return errNotAsked
	}
	return nil
}
