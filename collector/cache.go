package collector

import (
	"sync/atomic"
	"time"

	"simcard_exporter/collector/platform"
)

// record is what is known about a card. It outlives the fleet: the answer to a
// request that is in flight during a load still arrives here. Both parts are
// immutable values, replaced with the present refresher's mu held, or by Restore
// before Run. They are read without a lock.
type record struct {
	answer     atomic.Pointer[answer]     // nil if there is none
	quarantine atomic.Pointer[quarantine] // nil if there is none
}

// answer is what the platform last said about one card. It is immutable.
type answer struct {
	seq      uint64         // number of the request, in the order in which a refresher sends them
	at       time.Time      // when the answer came, by wallClock
	card     *platform.Card // nil if the platform does not know the card
	*remarks                // nil for most
}

// remarks are kept beside the few answers that have any: a pointer to them takes no
// more memory than otherAccount alone.
type remarks struct {
	otherAccount bool                    // another account received it: it is stale at any age
	invalid      []platform.InvalidField // what could not be read of the item
}

// ofOtherAccount reports whether another account received the answer.
func (a *answer) ofOtherAccount() bool { return a.remarks != nil && a.otherAccount }

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
	return rec.quarantine.Swap(nil).quarantined()
}

// invalidate makes the answer stale, and lets any answer of the next refresher
// replace it. It ends a quarantine.
func (rec *record) invalidate() {
	if last := rec.answer.Load(); last != nil {
		rec.answer.Store(&answer{at: last.at, card: last.card, remarks: &remarks{otherAccount: true, invalid: last.invalid()}})
	}
	rec.quarantine.Store(nil)
}

// quarantine counts what a card is to blame for, also before it is in quarantine. It is
// immutable. The next answer ends it.
type quarantine struct {
	unreadable int       // unreadable items in a row
	failures   int       // times in a row that it was quarantined; 0 outside quarantine
	beyond     bool      // the bound of its group, which is at fault: the card is not shown as refused
	until      time.Time // in quarantine, when to query the card again, by wallClock

	// Why it was quarantined, for the pages.
	since   time.Time // by wallClock
	outcome outcome
	words   string
}

const (
	maxUnreadable = 3 // items in a row; with that many the card is quarantined
	firstCooldown = 5 * time.Minute
	maxCooldown   = time.Hour // or the group's MaxAge if that is longer
)

func (q *quarantine) quarantined() bool { return q != nil && q.failures > 0 }

// refused reports whether q is a quarantine that is shown as one.
func (q *quarantine) refused() bool { return q.quarantined() && !q.beyond }

// cooledDown reports whether q is a quarantine whose cooldown is over, so that the
// card is to be queried again. An end that is further away than any cooldown is of a
// clock that was set back.
func (q *quarantine) cooledDown(maxAge time.Duration) bool {
	if !q.quarantined() {
		return false
	}
	left := q.until.Sub(wallClock())
	return left <= 0 || left > q.cooldown(maxAge)
}

// cooldown returns how long the card is left alone, twice as long each time.
func (q *quarantine) cooldown(maxAge time.Duration) time.Duration {
	const maxDoublings = 20 // to two years, longer than any max_age
	return min(firstCooldown<<min(q.failures-1, maxDoublings), max(maxCooldown, maxAge))
}

func (rec *record) quarantined() bool { return rec.quarantine.Load().quarantined() }

// blame puts the card in quarantine, or prolongs that, because of what a request
// brought: until the next answer it is out of its batch's request, and queried alone
// after a cooldown. With overBound, its group has too many such cards.
func (rec *record) blame(maxAge time.Duration, because result, overBound bool) {
	now := wallClock()
	q := quarantine{failures: 1, beyond: overBound, since: now, outcome: because.outcome(), words: words(because.err)}
	if last := rec.quarantine.Load(); last.quarantined() {
		q.failures += last.failures
		q.beyond = last.beyond && overBound
		q.since = last.since
	}
	q.until = now.Add(q.cooldown(maxAge))
	rec.quarantine.Store(&q)
}

// countUnreadable counts an item of the card that could not be read, and returns how
// many there were in a row.
func (rec *record) countUnreadable() int {
	var q quarantine
	if last := rec.quarantine.Load(); last != nil {
		q = *last
	}
	q.unreadable++
	rec.quarantine.Store(&q)
	return q.unreadable
}
