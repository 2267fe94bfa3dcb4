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

// answer is what counts of all that the platform said about one card. It is immutable.
type answer struct {
	moments
	since        uint32                   // in seconds since the Unix epoch, when the platform was first seen to say the present status, or not to know the card; 0 if that is unknown
	unknown      bool                     // the platform does not know the card
	wasDated     bool                     // the card has a date, or once had
	otherAccount bool                     // another account received it: it is stale at any age
	item         *platform.Card           // that the platform last gave; nil if it never knew the card
	unreadable   *[]platform.InvalidField // what could not be read of its item; nil for most: a slice would take 16 bytes more
}

// follow takes over what earlier answers said, up to last, which may be nil.
func (a *answer) follow(last *answer) {
	a.since = uint32(a.came / platform.Instant(time.Second))
	a.wasDated = a.item != nil && (a.item.Activated != 0 || a.item.Expires != 0)
	if last == nil {
		return
	}
	a.wasDated = a.wasDated || last.wasDated
	if sameStatus(a.card(), last.card()) {
		a.since = last.since
	}
	if a.unknown {
		a.item = last.item
	}
}

// card returns what the platform says of the card; nil if it does not know it.
func (a *answer) card() *platform.Card {
	if a == nil || a.unknown {
		return nil
	}
	return a.item
}

// statusSince returns a.since; the zero time if that is unknown.
func (a *answer) statusSince() time.Time {
	return (platform.Instant(a.since) * platform.Instant(time.Second)).Time()
}

func sameStatus(a, b *platform.Card) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Status == nil || b.Status == nil {
		return a.Status == b.Status
	}
	return *a.Status == *b.Status
}

// young reports whether the answer, which may be nil, came between a time and now: one that
// came later is of a clock that was set back.
func (a *answer) young(after, now time.Time) bool {
	return a != nil && !a.otherAccount && a.came > platform.InstantOf(after) && a.came <= platform.InstantOf(now)
}

// invalid returns what could not be read of the card's item.
func (a *answer) invalid() []platform.InvalidField {
	if a.unreadable == nil {
		return nil
	}
	return *a.unreadable
}

// put stores an answer, and reports whether it ended a quarantine. If the last one
// still counts, a only says that the card was answered.
func (rec *record) put(a *answer, now time.Time) (released bool) {
	last := rec.last()
	overtaken := last != nil && last.seq > a.seq
	if a.replaces(last, now) {
		a.follow(last)
	} else {
		kept := *last
		kept.seq, kept.came, kept.otherAccount = max(last.seq, a.seq), max(last.came, a.came), false
		a = &kept
	}
	rec.answer.Store(a)
	return !overtaken && rec.quarantine.Swap(nil).quarantined()
}

// invalidate makes the answer stale, so that the card is queried again. It ends a
// quarantine.
func (rec *record) invalidate() {
	if last := rec.last(); last != nil {
		stale := *last
		stale.seq, stale.otherAccount = 0, true
		rec.answer.Store(&stale)
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

func (rec *record) last() *answer { return rec.answer.Load() }

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
