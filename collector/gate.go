package collector

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	// MaxConcurrency is the most that Settings.Concurrency may be.
	MaxConcurrency = 1000
	// maxPause bounds how long one answer can keep the platform from being
	// asked, so that a bad header does not blind anyone for a day.
	maxPause = time.Minute
)

// errNotAsked is a batch whose turn did not come before the scrape's deadline.
var errNotAsked = errors.New("scrape ended before the platform could be asked")

// gate bounds the requests of the whole process, in number and in rate. There
// is one, whatever is loaded, so that its bounds hold across loads.
type gate struct {
	slots   *semaphore.Weighted // of MaxConcurrency; those that the settings do not grant are taken
	granted int
	limiter *rate.Limiter
	splits  *rate.Limiter // of refused batches, see split.go
	resume  atomic.Int64  // unix time in ns before which the platform wants to be left alone
}

func newGate() *gate {
	g := &gate{
		slots:   semaphore.NewWeighted(MaxConcurrency),
		limiter: rate.NewLimiter(rate.Inf, 1),
		splits:  rate.NewLimiter(1, 60),
	}
	g.slots.TryAcquire(MaxConcurrency)
	return g
}

// set changes the bounds. Slots that are in use and no longer granted are taken
// as they become free, in the background.
func (g *gate) set(settings Settings, background *sync.WaitGroup) {
	switch more := settings.Concurrency - g.granted; {
	case more > 0:
		g.slots.Release(int64(more))
	case more < 0:
		background.Go(func() { _ = g.slots.Acquire(context.Background(), int64(-more)) })
	}
	g.granted = settings.Concurrency
	limit := rate.Inf
	if settings.RateLimit > 0 {
		limit = rate.Limit(settings.paced())
	}
	g.limiter.SetLimit(limit)
}

// paced is RateLimit less a little: the platform counts when requests arrive,
// and the network's jitter must not make one too many in a second.
func (s Settings) paced() float64 { return s.RateLimit * .98 }

// enter waits for a slot, first one of the group's and then one of all, until
// ctx is done. Every enter that succeeds is followed by a leave.
func (g *gate) enter(ctx context.Context, lane *semaphore.Weighted) error {
	if lane.Acquire(ctx, 1) != nil {
		return errNotAsked
	}
	if g.slots.Acquire(ctx, 1) != nil {
		lane.Release(1)
		return errNotAsked
	}
	return nil
}

func (g *gate) leave(lane *semaphore.Weighted) {
	g.slots.Release(1)
	lane.Release(1)
}

// pace waits until a request may start. It does not wait for a turn that comes
// after ctx is done.
func (g *gate) pace(ctx context.Context) error {
	for {
		if ctx.Err() != nil || g.limiter.Wait(ctx) != nil {
			return errNotAsked
		}
		// While this one waited, another may have been asked for a pause. One
		// that is longer than any is a clock that was set back.
		wait := time.Until(time.Unix(0, g.resume.Load()))
		if wait <= 0 || wait > maxPause {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && wait >= time.Until(deadline) {
			return errNotAsked
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// pause has nobody ask for d, as the platform wishes.
func (g *gate) pause(d time.Duration) {
	until := time.Now().Add(min(d, maxPause)).UnixNano()
	for {
		resume := g.resume.Load()
		if until <= resume || g.resume.CompareAndSwap(resume, until) {
			return
		}
	}
}
