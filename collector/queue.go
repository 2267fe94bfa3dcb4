package collector

import (
	"cmp"
	"slices"
	"time"

	"simcard_exporter/collector/limits"
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
	r.queueDue(groups, start)
	for _, g := range groups {
		s := &groupScrape{group: g}
		for _, b := range g.batches {
			if b.refresh != nil {
				s.refreshes = append(s.refreshes, b.refresh)
			}
		}
		scrapes = append(scrapes, s)
	}
	return scrapes
}

// errs returns why each batch failed last; nil for those that did not.
func (r *refresher) errs(batches []*batch) []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := make([]error, len(batches))
	for i, b := range batches {
		errs[i] = b.err
	}
	return errs
}

// queueDue queues the due batches of groups, the one with the oldest answer first.
// While the breaker is open, it fails all that are stale and queues at most one batch,
// as a probe. mu is held, here and below.
func (r *refresher) queueDue(groups []*group, start time.Time) {
	var due []*batch
	for _, g := range groups {
		for _, b := range g.batches {
			if b.refresh == nil && b.due(start) && !r.stopped {
				due = append(due, b)
			}
		}
	}
	open := r.breaker.Open()
	if open {
		due = r.pickProbe(due, start)
	}
	oldest := make(map[*batch]time.Time, len(due))
	for _, b := range due {
		oldest[b] = b.oldest()
	}
	slices.SortStableFunc(due, func(a, b *batch) int { return oldest[a].Compare(oldest[b]) })
	for _, b := range due {
		suspect := b.err != nil || !b.stale(start) // if not stale, only cards in quarantine are due
		b.refresh = &refresh{batch: b, start: start, suspect: suspect, done: make(chan struct{})}
		r.enqueue(b.refresh)
		if open {
			r.probe = b.refresh
		}
	}
	r.signal()
}

// pickProbe fails the due batches that are stale. If it is time for a probe, it
// returns the batch to query nevertheless: one with the fewest failures in a row,
// so that a batch that always fails cannot keep the breaker open. A batch in which
// only cards in quarantine are due is the last resort.
func (r *refresher) pickProbe(due []*batch, start time.Time) []*batch {
	stale := slices.DeleteFunc(slices.Clone(due), func(b *batch) bool { return !b.stale(start) })
	for _, b := range stale {
		b.err = r.unavailable()
	}
	if len(stale) > 0 {
		due = stale
	}
	if r.probe != nil || !r.breaker.Probing() || len(due) == 0 {
		return nil
	}
	return []*batch{slices.MinFunc(due, func(a, b *batch) int { return cmp.Compare(a.failures, b.failures) })}
}

func (r *refresher) enqueue(x *refresh) {
	if x.suspect {
		r.slots.Suspect.Push(x.batch.group, x)
	} else {
		r.slots.Healthy.Push(x.batch.group, x)
	}
}

// drop ends what has not begun.
func (r *refresher) drop() {
	for _, q := range []*limits.Queue[*refresh]{&r.slots.Healthy, &r.slots.Suspect} {
		for x := range q.Drain() {
			r.end(x)
		}
	}
}
