package collector

import (
	"simcard_exporter/collector/limits"
	"simcard_exporter/collector/platform"
)

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
func (c *Collector) Load(client platform.Client, settings Settings, groups []Group, change Change) {
	c.metrics.shardIndex.Set(float64(settings.Shard.Index))
	c.metrics.shards.Set(float64(max(settings.Shard.Count, 1)))
	previous := c.fleet.Load()
	f := newFleet(client, settings, groups, previous)
	switch f.refresher = previous.refresher; change {
	case AnotherAccount:
		f.refresher = newRefresher(c.logger, c.metrics, f.refresher.pacer)
	case AnotherPlatform:
		f.refresher = newRefresher(c.logger, c.metrics, limits.NewPacer())
		for _, card := range f.cards {
			card.record = new(record)
		}
	}
	c.replace(previous, f)
}

// replace puts f in the place of previous. What is queued ends, and the scrapes that wait
// for it queue it again; what is in progress goes on, or counts no more if f has another
// refresher.
func (c *Collector) replace(previous, f *fleet) {
	r := previous.refresher
	r.mu.Lock()
	defer r.mu.Unlock()
	f.refresher.use(f)
	if f.refresher == r {
		for _, g := range f.groups {
			for _, b := range g.batches {
				b.adopt(previous)
			}
		}
	} else {
		for _, card := range f.cards {
			card.invalidate() // has an effect only after AnotherAccount
		}
	}
	for c := range f.all() {
		c.noteTwin(c.last())
	}
	f.countQuarantined()
	c.fleet.Store(f) // before a scrape wakes up
	if f.refresher != r {
		r.halt()
	}
	r.drop()
	close(previous.replaced)
}
