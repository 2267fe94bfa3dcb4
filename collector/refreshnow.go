package collector

import (
	"context"
	"time"

	"simcard_exporter/collector/pages"
)

// refreshNowInterval is the least time between a request for a card and one that the
// button on its page causes.
const refreshNowInterval = 5 * time.Second

// Refresh implements [pages.Source].
func (s *source) Refresh(ctx context.Context, id string) error {
	for ctx.Err() == nil {
		f := s.collector.fleet.Load()
		c := f.find(id)
		if c == nil {
			return pages.ErrNoCard
		}
		x := f.refresher.refreshNow(f, c)
		if x == nil {
			return nil
		}
		select {
		case <-x.done:
		case <-f.replaced:
		case <-ctx.Done():
		}
		if s.collector.fleet.Load() == f {
			return nil
		}
	}
	return nil
}

// refreshNow queues the batch of c, due or not, and returns its refresh, or the one that is
// queued or in progress already. A card in quarantine is queried alone. It returns
// nil if nothing may be sent: the card was queried a moment ago, the platform is down
// and it is not time for a probe, or f has been replaced.
func (r *refresher) refreshNow(f *fleet, c *card) *refresh {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, now := c.batch, wallClock()
	probe := r.breaker.Open()
	switch {
	case r.fleet != f || r.stopped:
		return nil
	case b.refresh != nil:
		return b.refresh
	case probe && (r.probe != nil || !r.breaker.Probing()):
		return nil
	}
	for _, a := range b.history {
		if a.queriedCard(b, c) && now.Sub(a.at.Time()).Abs() < refreshNowInterval {
			return nil
		}
	}
	x := &refresh{batch: b, start: now, suspect: b.err != nil, done: make(chan struct{})}
	switch t := c.quarantine.Load(); {
	case t.cooledDown():
		x.suspect = true
	case t.quarantined():
		x.alone, x.suspect = c, true
	default:
		x.forced = true
	}
	if probe {
		r.probe = x
	}
	b.refresh = x
	r.enqueue(x)
	r.signal()
	return x
}
