package collector

import (
	"slices"
	"sync/atomic"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/szzkc"
)

// entry is what an overview or a search needs to know of a card. The entries of a batch
// lie side by side, so that a million cards are searched or counted in milliseconds; to
// follow the pointers to their answers takes twenty times as long. Whoever changes a
// record updates the entry, with refresher.mu held. Entries are read without a lock.
type entry struct {
	facts   atomic.Uint32
	at      atomic.Int64 // when the answer came, in nanoseconds since the Unix epoch
	expires atomic.Int64 // when the card expires; 0 if that is unknown
}

// The bits of entry.facts. Those after hasAnswer are about the answer.
const (
	inQuarantine uint32 = 1 << iota
	hasAnswer
	isStale // at any age
	isKnown // to the platform
	isSuspended
	isOutOfData
	isMoved
	isUnreadable // the status or the balance is
)

// update updates the entry of c, the card i of b.
func (b *batch) update(i int, c *card) {
	e, a := &b.entries[i], c.answer.Load()
	b.ends[i].other.Store(endOf(c.reported()))
	var facts uint32
	set := func(bit uint32, is bool) {
		if is {
			facts |= bit
		}
	}
	set(inQuarantine, c.quarantined())
	if a != nil {
		e.at.Store(int64(szzkc.InstantOf(a.at)))
		row := c.row(a, true, false)
		var states exposition.States
		states.Add(&row, a.at)
		set(hasAnswer, true)
		set(isStale, a.stale())
		set(isKnown, a.card != nil)
		set(isSuspended, states[exposition.Suspended] > 0)
		set(isOutOfData, states[exposition.OutOfData] > 0)
		set(isMoved, states[exposition.Moved] > 0)
		if a.card != nil {
			set(isUnreadable, a.card.Status == nil || a.card.Balance == nil)
			e.expires.Store(int64(a.card.Expires))
		} else {
			e.expires.Store(0)
		}
	}
	e.facts.Store(facts)
}

// updateAll updates the entries of all cards of b.
func (b *batch) updateAll() {
	for i, c := range b.cards {
		b.update(i, c)
	}
}

// update updates the entry of c in the present fleet.
func (r *refresher) update(c *card) {
	if present := r.fleet.Load().card(c.id); present != nil && present.record == c.record {
		present.batch.update(slices.Index(present.batch.cards, present), present)
	}
}

// reported returns the identifier that the platform reports beside the one that c is
// queried by; "" if there is none.
func (c *card) reported() string {
	a := c.answer.Load()
	switch {
	case a == nil || a.card == nil:
		return ""
	case c.batch.kind == byIMEI:
		return a.card.ICCID
	default:
		return a.card.IMEI
	}
}

// ends holds the last four characters of a card's identifiers. They lie apart from the
// entries, so that a search by them, the most frequent one, leaves most of the processor's
// cache to scrapes.
type ends struct {
	id, expected uint32        // as configured
	other        atomic.Uint32 // the one that the platform reports beside
}

// endOf returns the last four characters of an identifier, in upper case, the last
// one in the lowest byte. If there are fewer, the rest is 0.
func endOf(identifier string) (end uint32) {
	for _, char := range []byte(identifier[max(0, len(identifier)-4):]) {
		if 'a' <= char && char <= 'z' {
			char -= 'a' - 'A'
		}
		end = end<<8 | uint32(char)
	}
	return end
}

// endMask returns which bits of an end count in a search for n characters.
func endMask(n int) uint32 {
	if n >= 4 {
		return 0xffffffff
	}
	return 1<<(8*n) - 1
}

// match reports whether one of the ends is end, as far as mask goes.
func (e *ends) match(end, mask uint32) bool {
	return e.id&mask == end || e.expected&mask == end || e.other.Load()&mask == end
}
