package collector

import (
	"cmp"
	"slices"
	"time"

	"simcard_exporter/collector/platform"
)

// queue queues the due batches of groups for a scrape of f that began at start. It
// returns for each group the refreshes to wait for: these, and those that were
// queued or in progress already. If f has been replaced, it does nothing.
func (r *refresher) queue(f *fleet, groups []*group, start time.Time) (scrapes []*groupScrape) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fleet != f {
		return nil
	}
	if !r.stopped {
		r.queueDue(groups, start)
	}
	for _, g := range groups {
		s := &groupScrape{group: g, opened: r.way(g).opened}
		for _, b := range g.batches {
			if b.refresh != nil {
				s.refreshes = append(s.refreshes, b.refresh)
			}
		}
		scrapes = append(scrapes, s)
	}
	return scrapes
}

// queueDue queues the due batches of groups, the one with the oldest answer first.
// mu is held, here and below, except in report.
func (r *refresher) queueDue(groups []*group, start time.Time) {
	var due []*batch
	oldest := make(map[*batch]platform.Instant)
	for _, g := range groups {
		for _, b := range g.batches {
			if !b.due(start) {
				continue
			}
			r.way(g).foundDue = start
			if b.refresh == nil {
				due = append(due, b)
				oldest[b] = b.oldest()
			} else if !b.refresh.begun || r.way(g).breaker.Open() {
				b.refresh.start = start
			}
		}
	}
	slices.SortStableFunc(due, func(a, b *batch) int { return cmp.Compare(oldest[a], oldest[b]) })
	for _, b := range due {
		suspect := b.failures > 0 || !b.stale(start) // if not stale, only cards in quarantine are due
		b.refresh = &refresh{batch: b, start: start, done: make(chan struct{}), openings: r.way(b.group).breaker.Openings()}
		if suspect {
			r.slots.Suspect.Push(b.refresh.turn(), b.refresh)
		} else {
			r.slots.Healthy.Push(b.refresh.turn(), b.refresh)
		}
	}
	r.signal()
}

// report sets what a scrape that began at start says of a group at its end. It has
// waited until the last of the refreshes ended, or until now if one goes on, but not for a
// platform that does not answer.
func (r *refresher) report(s *groupScrape, start time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range s.refreshes {
		ended := x.ended
		if ended.IsZero() && !r.way(s.group).breaker.Open() {
			ended = time.Now()
		}
		s.waited = max(s.waited, ended.Sub(start))
	}
	s.errs = make([]error, len(s.batches))
	for i, b := range s.batches {
		s.errs[i] = r.failure(b, start)
	}
}

// failure returns why b failed last, or that the platform does not answer; nil if neither
// is so, or if b is not due: each card may have been answered apart from the batch.
func (r *refresher) failure(b *batch, start time.Time) error {
	w := r.way(b.group)
	if !b.stale(start) || b.err == nil && !w.breaker.Open() {
		return nil
	}
	return cmp.Or(b.err, w.unavailable())
}
