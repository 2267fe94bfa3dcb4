package collector

import (
	"slices"
	"time"
)

// batch is at most szzkc.MaxBatch cards of one group, all by IMEI or all by
// ICCID. One request asks for all of it, but for cards in quarantine.
type batch struct {
	group *group
	kind  kind
	cards []*card
	*state
}

// state is all that a batch remembers between refreshes. refresher.mu protects
// it. What is known of each card is in the card's record.
type state struct {
	refresh  *refresh // queued or in progress; nil if neither
	err      error    // of the last refresh; nil if it was answered, or there was none
	failures int      // refreshes in a row that failed
	answers  uint64   // requests of this batch that were answered
	others   uint64   // requests of others that were answered when it first failed
	ban      ban      // on bisecting
}

// ban keeps a batch from being bisected: every card of it was refused alone,
// and nobody else was answered. It ends with time, or with the first answer.
type ban struct {
	until   time.Time
	answers uint64 // refresher.answers when it began
}

func (b ban) holds(answers uint64) bool { return time.Now().Before(b.until) && b.answers == answers }

func newBatch(g *group, k kind, cards []*card) *batch {
	b := &batch{group: g, kind: k, cards: cards, state: new(state)}
	for _, c := range cards {
		c.batch = b
	}
	return b
}

// adopt has b begin where previous left off: a batch that has not changed shares
// its state, the refresh in progress included; another one begins with the
// failures of its first card's batch.
func (b *batch) adopt(previous *fleet) {
	last := previous.card(b.cards[0].id)
	switch now := wallClock(); {
	case last == nil || last.record != b.cards[0].record:
	case slices.EqualFunc(last.batch.cards, b.cards, func(x, y *card) bool { return x.id == y.id && x.record == y.record }):
		b.state = last.batch.state
	case b.stale(now, now):
		*b.state = state{err: last.batch.err, failures: last.batch.failures, answers: last.batch.answers, others: last.batch.others}
	}
}

// due returns what there is to ask for, for a scrape that began at start: the
// cards outside quarantine together, if one of them has no answer young enough,
// and those in quarantine whose time has come, each alone.
func (b *batch) due(start, now time.Time) (together, alone []*card) {
	if b.stale(start, now) {
		together = slices.DeleteFunc(slices.Clone(b.cards), (*card).quarantined)
	}
	for _, c := range b.cards {
		if t := c.trouble.Load(); t.quarantined() && !now.Before(t.until) {
			alone = append(alone, c)
		}
	}
	return together, alone
}

// isDue reports whether there is anything to ask for.
func (b *batch) isDue(start, now time.Time) bool {
	together, alone := b.due(start, now)
	return len(together)+len(alone) > 0
}

// stale reports whether a card outside quarantine has no answer young enough. An
// answer from the future is of a clock that was set back, and not young.
func (b *batch) stale(start, now time.Time) bool {
	cutoff := start.Add(-b.group.MaxAge)
	return slices.ContainsFunc(b.cards, func(c *card) bool {
		a := c.answer.Load()
		young := a != nil && a.at.After(cutoff) && !a.at.After(now) && a.asked >= b.group.renewed
		return !young && !c.quarantined()
	})
}

// oldest returns the time of the oldest answer of the cards outside quarantine,
// the zero time if one of them has none.
func (b *batch) oldest() time.Time {
	oldest := wallClock()
	for _, c := range b.cards {
		switch a := c.answer.Load(); {
		case c.quarantined():
		case a == nil:
			return time.Time{}
		case a.at.Before(oldest):
			oldest = a.at
		}
	}
	return oldest
}
