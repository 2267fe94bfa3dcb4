package collector

import (
	"slices"
	"time"

	"simcard_exporter/collector/platform"
)

// batch is at most client.MaxBatch cards of one group, all with the same kind of
// identifier. One request queries all of them, except those in quarantine.
type batch struct {
	group  *group
	number int // in its group, from 1
	kind   kind
	cards  []*card
	*state
}

// state is what is remembered about a batch between refreshes, beside the records
// of its cards. refresher.mu protects it.
type state struct {
	refresh  *refresh  // queued or in progress; nil if neither
	err      error     // why the batch failed last; nil if it did not fail
	failures int       // failed refreshes in a row
	trouble  uint64    // refresh.trouble of the first of these
	history  []attempt // the last requests, the latest first
}

func newBatch(g *group, k kind, cards []*card) *batch {
	b := &batch{group: g, number: len(g.batches) + 1, kind: k, cards: cards, state: new(state)}
	for _, c := range cards {
		c.batch = b
	}
	return b
}

// adopt takes over from previous. A batch with the same cards as before shares the
// state, the refresh in progress included. Another one, if it is stale, begins with
// the failures of the batch that its first card was in.
func (b *batch) adopt(previous *fleet) {
	last := previous.card(b.cards[0].id)
	switch {
	case last == nil || last.record != b.cards[0].record:
	case slices.EqualFunc(last.batch.cards, b.cards, func(x, y *card) bool { return x.id == y.id && x.record == y.record }):
		b.state = last.batch.state
	case b.stale(wallClock()):
		old := last.batch.state
		*b.state = state{err: old.err, failures: old.failures, trouble: old.trouble}
	}
}

// due reports whether a scrape that began at start has anything to query: b is
// stale, or the cooldown of a quarantined card is over.
func (b *batch) due(start time.Time) bool {
	return b.stale(start) || slices.ContainsFunc(b.cards, func(c *card) bool { return c.quarantine.Load().cooledDown(b.group.MaxAge) })
}

// stale reports whether a card outside quarantine has no answer that is young
// enough for a scrape that began at start.
func (b *batch) stale(start time.Time) bool {
	now, cutoff := wallClock(), start.Add(-b.group.MaxAge)
	return slices.ContainsFunc(b.cards, func(c *card) bool { return !c.last().young(cutoff, now) && !c.quarantined() })
}

// oldest returns the time of the oldest answer of the cards outside quarantine,
// 0 if one of them has none.
func (b *batch) oldest() platform.Instant {
	oldest := platform.InstantOf(wallClock())
	for _, c := range b.cards {
		switch a := c.last(); {
		case c.quarantined():
		case a == nil:
			return 0
		case a.came < oldest:
			oldest = a.came
		}
	}
	return oldest
}
