package collector

import (
	"context"
	"time"

	"simcard_exporter/collector/pages"
)

// askAgainAfter is the least time between two requests for a card that are asked for on
// its page.
const askAgainAfter = 5 * time.Second

// Refresh implements [pages.Source].
func (s *source) Refresh(ctx context.Context, id string) error {
	for ctx.Err() == nil {
		r := s.collector.refresher.Load()
		f := r.fleet.Load()
		c := f.find(id)
		if c == nil {
			return pages.ErrNoCard
		}
		x := r.ask(f, c)
		if x == nil {
			return nil
		}
		select {
		case <-x.done:
		case <-f.replaced:
		case <-ctx.Done():
		}
		if s.collector.refresher.Load() == r && r.fleet.Load() == f {
			return nil
		}
	}
	return nil
}

// ask queues the batch of c, due or not, and returns its refresh, or the one that is
// queued or in progress already. A card in quarantine is asked for alone. If the limits
// forbid that, ask returns nil: the card was asked for a moment ago, the platform is
// down and it is not time for a probe, or f has been replaced.
func (r *refresher) ask(f *fleet, c *card) *refresh {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, now := c.batch, wallClock()
	probe := r.breaker.Open()
	switch {
	case r.fleet.Load() != f || r.stopped:
		return nil
	case b.refresh != nil:
		return b.refresh
	case probe && (r.probe != nil || !r.breaker.Probing()):
		return nil
	}
	for _, a := range b.history.last() {
		if a.asked&b.bit(c) != 0 && now.Sub(a.at.Time()).Abs() < askAgainAfter {
			return nil
		}
	}
	x := &refresh{batch: b, start: now, suspect: b.err != nil, done: make(chan struct{})}
	switch t := c.trouble.Load(); {
	case t.cooledDown():
		x.suspect = true
	case t.quarantined():
		x.alone, x.suspect = c, true
	default:
		x.start = now.Add(b.group.MaxAge) // at which every answer that there is will be stale
	}
	if probe {
		r.probe = x
	}
	b.refresh = x
	r.enqueue(x)
	r.signal()
	return x
}
