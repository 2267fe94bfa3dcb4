package collector

import (
	"slices"
	"time"

	"simcard_exporter/collector/limits"
)

// load replaces the fleet. What is queued is queued anew as the new fleet has
// it; what is in progress goes on to its end.
func (r *refresher) load(f *fleet, change Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	previous := r.fleet.Load()
	if previous == nil || change == AnotherPlatform {
		f.pacer = limits.NewPacer()
	} else {
		f.pacer = previous.pacer
	}
	if previous == nil || change != SamePlatform {
		f.breaker, r.probe = limits.NewBreaker(r.logger, r.metrics.platformAvailable), nil
		f.renew(wallClock())
	} else {
		f.breaker = previous.breaker
	}
	f.pacer.Set(f.settings.paced())
	r.slots.Limit = f.settings.Concurrency
	r.fleet.Store(f)
	if previous == nil {
		return
	}
	waiting := f.waiting(previous)
	r.drop()
	r.push(f, waiting, wallClock())
	close(previous.replaced)
}

// waiting returns the batches of f with cards that a refresh of previous was
// going to ask for.
func (f *fleet) waiting(previous *fleet) (batches []*batch) {
	for _, g := range f.groups {
		for _, b := range g.batches {
			if slices.ContainsFunc(b.cards, func(c *card) bool {
				last := previous.card(c.id)
				return last != nil && last.record == c.record && last.batch.refresh != nil
			}) {
				batches = append(batches, b)
			}
		}
	}
	return batches
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

// errs returns why each batch failed; nil for those that were answered, by their
// last refresh or by another since.
func (r *refresher) errs(batches []*batch, start time.Time) []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := make([]error, len(batches))
	for i, b := range batches {
		if b.err != nil && b.stale(start, start) {
			errs[i] = b.err
		}
	}
	return errs
}
