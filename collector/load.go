package collector

import "slices"

// load replaces the fleet. What is queued is queued anew as the new fleet has
// it; what is in progress goes on to its end.
func (r *refresher) load(f *fleet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pacer.Set(f.settings.paced())
	r.slots.Limit = f.settings.Concurrency
	previous := r.fleet.Swap(f)
	if previous == nil {
		return
	}
	waiting := f.waiting(previous)
	for _, g := range f.groups {
		for _, b := range g.batches {
			b.adopt(previous)
		}
	}
	r.drop()
	r.push(f, waiting, wallClock())
	close(previous.replaced)
}

// waiting returns the batches of the groups of f with cards that a refresh of
// previous was going to ask for.
func (f *fleet) waiting(previous *fleet) (batches []*batch) {
	waits := func(c *card) bool {
		last := previous.card(c.id)
		return last != nil && last.record == c.record && last.batch.refresh != nil
	}
	for _, g := range f.groups {
		if slices.ContainsFunc(g.batches, func(b *batch) bool { return slices.ContainsFunc(b.cards, waits) }) {
			batches = append(batches, g.batches...)
		}
	}
	return batches
}

// errs returns why the last refresh of each batch failed; nil for those that were
// answered.
func (r *refresher) errs(batches []*batch) []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := make([]error, len(batches))
	for i, b := range batches {
		errs[i] = b.err
	}
	return errs
}
