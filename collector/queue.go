package collector

import (
	"cmp"
	"slices"
	"time"

	"simcard_exporter/collector/limits"
)

// queue queues the due batches of groups, for a scrape of f that began at start,
// and returns for each group the refreshes to wait for: these, and those that
// were queued or in progress. If f is replaced it does nothing.
func (r *refresher) queue(f *fleet, groups []*group, start time.Time) (refreshes [][]*refresh, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fleet.Load() != f {
		return nil, false
	}
	var due []*batch
	for _, g := range groups {
		due = append(due, g.batches...)
	}
	r.push(f, due, start)
	refreshes = make([][]*refresh, len(groups))
	for i, g := range groups {
		for _, b := range g.batches {
			if b.refresh != nil {
				refreshes[i] = append(refreshes[i], b.refresh)
			}
		}
	}
	return refreshes, true
}

// push queues those of the batches that are due, the one with the oldest answer
// first. While the breaker is open it queues a probe at the most, and fails the
// others.
func (r *refresher) push(f *fleet, batches []*batch, start time.Time) {
	if r.stopped {
		return
	}
	now := wallClock()
	due := slices.DeleteFunc(batches, func(b *batch) bool { return b.refresh != nil || !b.isDue(start, now) })
	open := r.breaker.Open()
	if open {
		stale := slices.DeleteFunc(slices.Clone(due), func(b *batch) bool { return !b.stale(start, now) })
		for _, b := range stale {
			b.err = r.unavailable()
		}
		if len(stale) == 0 {
			stale = due // nothing but cards in quarantine
		}
		due = r.pickProbe(stale)
	}
	oldest := make(map[*batch]time.Time, len(due))
	for _, b := range due {
		oldest[b] = b.oldest()
	}
	slices.SortStableFunc(due, func(a, b *batch) int { return oldest[a].Compare(oldest[b]) })
	for _, b := range due {
		suspect := b.err != nil || !b.stale(start, now) // only cards in quarantine are due
		b.refresh = &refresh{fleet: f, batch: b, start: start, suspect: suspect, done: make(chan struct{})}
		r.enqueue(b.refresh)
		if open {
			r.probe = b.refresh
		}
	}
	r.signal()
}

// pickProbe returns the batch to ask for while the breaker is open, if it is
// time. It is one that failed no more often than the others, so that one which
// spoils itself cannot keep the breaker open.
func (r *refresher) pickProbe(due []*batch) []*batch {
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

// drop ends what is queued.
func (r *refresher) drop() {
	for x := range r.progress {
		for _, y := range x.next {
			r.enqueue(y)
		}
		x.next = nil
	}
	for _, q := range []*limits.Queue[*refresh]{&r.slots.Healthy, &r.slots.Suspect} {
		for !q.Empty() {
			r.end(q.Pop())
		}
	}
}
