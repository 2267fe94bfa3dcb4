package collector

import (
	"context"
	"slices"
	"time"

	"simcard_exporter/collector/pages"
)

// refreshNowInterval is the least time between a live request for a card and one that
// the button on its page causes.
const refreshNowInterval = 5 * time.Second

// pressLasts is how long a press of the button may wait for its turn.
const pressLasts = time.Minute

// Refresh implements [pages.Source].
func (s *source) Refresh(ctx context.Context, id string) error {
	f := s.collector.fleet.Load()
	c := f.find(id)
	if c == nil {
		return pages.ErrNoCard
	}
	wait(ctx, f, f.refresher.refreshNow(f, c))
	return nil
}

// refreshNow queues a live request for c alone, and returns what to wait for: nothing if
// the platform does not answer such requests, or f has been replaced.
func (r *refresher) refreshNow(f *fleet, c *card) []*groupScrape {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.ways[true]
	if r.fleet != f || r.stopped || w.breaker.Open() {
		return nil
	}
	x := r.presses[c.record]
	if x == nil {
		x = &refresh{batch: c.batch, start: wallClock(), press: c, done: make(chan struct{}), openings: w.breaker.Openings()}
		r.presses[c.record] = x
		r.slots.Urgent.Push(x.turn(), x)
		r.signal()
	}
	return []*groupScrape{{group: c.batch.group, refreshes: []*refresh{x}, opened: w.opened}}
}

// mayPress reports whether a card may still be queried for a press of the button at a
// time: the press waits no longer than pressLasts, and the card was not queried live a
// moment ago.
func (b *batch) mayPress(c *card, pressed time.Time) bool {
	now := wallClock()
	return now.Sub(pressed).Abs() < pressLasts && !slices.ContainsFunc(b.history, func(a attempt) bool {
		return a.queriedCard(c) && (b.group.Live || a.purpose == forPress) && now.Sub(a.at.Time()).Abs() < refreshNowInterval
	})
}
