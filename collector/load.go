package collector

import "slices"

// Change says what is different about the source of the answers since the last
// load.
type Change int

const (
	// SamePlatform keeps all that is known.
	SamePlatform Change = iota
	// AnotherAccount serves what is known, and queries all of it anew.
	AnotherAccount
	// AnotherPlatform forgets all that is known.
	AnotherPlatform
)

// Load replaces the configuration; running scrapes switch to the new one. The
// arguments must not be changed afterwards. Load must not be called concurrently
// with itself.
func (c *Collector) Load(platform Platform, settings Settings, groups []Group, change Change) {
	c.metrics.shardIndex.Set(float64(settings.Shard.Index))
	c.metrics.shards.Set(float64(max(settings.Shard.Count, 1)))
	r := c.refresher.Load()
	previous := r.fleet.Load()
	if change == SamePlatform {
		r.load(newFleet(platform, settings, groups, previous))
		return
	}
	known := previous
	if change == AnotherPlatform {
		known = nil
	}
	f := newFleet(platform, settings, groups, known)
	r.retire()
	for _, card := range f.cards {
		card.renew()
	}
	successor := newRefresher(c.logger, c.metrics)
	successor.load(f)
	c.refresher.Store(successor)
	close(r.retired)
	close(previous.replaced)
}

// retire lets nothing more be queued, stored or counted by r. Unlike stop it does
// not end what is queued: scrapes wait for it until another refresher has taken
// over.
func (r *refresher) retire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
}

// load replaces the fleet. What is queued ends, and is queued anew as the new
// fleet has it; what is in progress goes on to its end.
func (r *refresher) load(f *fleet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pacer.Set(f.settings.paced())
	r.slots.Limit = f.settings.Concurrency
	previous := r.fleet.Swap(f)
	waiting := f.waiting(previous)
	for _, g := range f.groups {
		for _, b := range g.batches {
			b.adopt(previous)
		}
	}
	r.drop()
	r.push(waiting, wallClock())
	close(previous.replaced)
}

// waiting returns the batches of f with a card that is queued or in progress in
// previous.
func (f *fleet) waiting(previous *fleet) (batches []*batch) {
	waits := func(c *card) bool {
		last := previous.card(c.id)
		return last != nil && last.record == c.record && last.batch.refresh != nil
	}
	for _, g := range f.groups {
		for _, b := range g.batches {
			if slices.ContainsFunc(b.cards, waits) {
				batches = append(batches, b)
			}
		}
	}
	return batches
}
