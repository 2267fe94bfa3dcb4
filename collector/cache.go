package collector

import (
	"sync/atomic"
	"time"

	"simcard_exporter/collector/platform"
)

// record is what is known about a card. It outlives the fleet: the answer to a
// request that is in flight during a load still arrives here. Both parts are
// immutable values, replaced with refresher.mu held, or by Load when it replaces
// the refresher. They are read without a lock.
type record struct {
	answer  atomic.Pointer[answer]  // nil if there is none
	trouble atomic.Pointer[trouble] // nil if there is none
}

// answer is what the platform last said about one card. It is immutable.
type answer struct {
	seq      uint64         // number of the request, in the order in which a refresher sends them
	at       time.Time      // when the answer came, by wallClock
	card     *platform.Card // nil if the platform does not know the card
	*remarks                // nil for most
}

// remarks are kept beside the few answers that have any: a pointer to them takes no
// more memory than stale alone.
type remarks struct {
	stale   bool                    // at any age, since another account received it
	invalid []platform.InvalidField // what could not be read of the item
}

func (a *answer) stale() bool { return a.remarks != nil && a.remarks.stale }

// invalid returns what could not be read of the card's item.
func (a *answer) invalid() []platform.InvalidField {
	if a.remarks == nil {
		return nil
	}
	return a.remarks.invalid
}

// put stores an answer, unless there is one to a later request, and reports whether
// it ended a quarantine.
func (rec *record) put(a *answer) (released bool) {
	if last := rec.answer.Load(); last != nil && last.seq > a.seq {
		return false
	}
	rec.answer.Store(a)
	return rec.trouble.Swap(nil).quarantined()
}

// invalidate makes the answer stale, and lets any answer of the next refresher
// replace it. It ends a quarantine.
func (rec *record) invalidate() {
	if last := rec.answer.Load(); last != nil {
		rec.answer.Store(&answer{at: last.at, card: last.card, remarks: &remarks{stale: true, invalid: last.invalid()}})
	}
	rec.trouble.Store(nil)
}

// trouble counts the failures that a card is to blame for. It is immutable. The next
// answer ends it.
type trouble struct {
	unreadable int       // unreadable items in a row
	failures   int       // times in a row that it was quarantined; 0 outside quarantine
	until      time.Time // in quarantine, when to query the card again, by wallClock

	// Why it was quarantined, for the pages.
	since   time.Time // by wallClock
	outcome outcome
	words   string
}

const (
	maxUnreadable = 3 // items in a row; with that many the card is quarantined
	firstCooldown = time.Minute
	maxCooldown   = time.Hour // or the group's MaxAge if that is longer
)

func (t *trouble) quarantined() bool { return t != nil && t.failures > 0 }

// cooledDown reports whether t is a quarantine whose cooldown is over, so that the
// card is to be queried again.
func (t *trouble) cooledDown() bool { return t.quarantined() && !wallClock().Before(t.until) }

// cooldown returns how long the card is left alone, twice as long each time.
func (t *trouble) cooldown(maxAge time.Duration) time.Duration {
	const maxDoublings = 20 // to two years, longer than any max_age
	return min(firstCooldown<<min(t.failures-1, maxDoublings), max(maxCooldown, maxAge))
}

func (rec *record) quarantined() bool { return rec.trouble.Load().quarantined() }

// quarantine keeps the card out of its batch's request until the next answer, because
// of what a request brought. It is queried alone after a cooldown.
func (rec *record) quarantine(maxAge time.Duration, because result) {
	now := wallClock()
	t := trouble{failures: 1, since: now, outcome: because.outcome(), words: words(because.err)}
	if last := rec.trouble.Load(); last.quarantined() {
		t.failures += last.failures
		t.since = last.since
	}
	t.until = now.Add(t.cooldown(maxAge))
	rec.trouble.Store(&t)
}

// countUnreadable counts an item of the card that could not be read. It quarantines
// the card if there were too many in a row, and reports whether it did.
func (rec *record) countUnreadable(maxAge time.Duration, because result) (quarantined bool) {
	t := trouble{unreadable: 1}
	if last := rec.trouble.Load(); last != nil {
		t.unreadable += last.unreadable
	}
	if t.unreadable >= maxUnreadable {
		rec.quarantine(maxAge, because)
		return true
	}
	rec.trouble.Store(&t)
	return false
}
