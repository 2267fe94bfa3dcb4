package collector

import "slices"

// Change says whether the answers come from the same source as before a load.
type Change int

const (
	// SamePlatform keeps all answers.
	SamePlatform Change = iota
	// AnotherAccount keeps all answers and queries every card again.
	AnotherAccount
	// AnotherPlatform drops all answers.
	AnotherPlatform
)

// Load replaces the configuration; running scrapes switch to the new one. The
// caller must not change the arguments afterwards, and must not call Load
// concurrently with itself.
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
	for _, g := range f.groups {
		g.traffic = previous.traffic(g.Name) // whatever platform it was with
	}
	r.retire()
	for _, card := range f.cards {
		card.invalidate() // has an effect only after AnotherAccount
	}
	successor := newRefresher(c.logger, c.metrics)
	successor.load(f)
	c.refresher.Store(successor)
	// Only now may r end what is queued: a scrape that wakes up must find the
	// successor.
	close(r.replaced)
	close(previous.replaced)
}

// retire keeps r from queueing, storing or counting anything more. Unlike stop it
// does not end what is queued: scrapes wait for that until another refresher has
// replaced r.
func (r *refresher) retire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
}

// load replaces the fleet. What is queued ends, and is queued again in the batches
// of the new fleet; what is in progress goes on.
func (r *refresher) load(f *fleet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pacer.Set(f.settings.sendRate())
	r.slots.Limit = f.settings.Concurrency
	previous := r.fleet.Swap(f)
	waiting := f.waiting(previous)
	for _, g := range f.groups {
		for _, b := range g.batches {
			b.adopt(previous)
		}
	}
	r.drop()
	r.queueDue(waiting, wallClock())
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
