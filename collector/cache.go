package collector

import (
	"sync/atomic"
	"time"

	"simcard_exporter/collector/szzkc"
)

// record is what is known about a card. It outlives the fleet: a request that is
// in flight during a load still brings its answer here. Both parts are replaced
// as a whole: by the refresher, with refresher.mu held, or by Load between two
// refreshers. They are read without a lock.
type record struct {
	answer  atomic.Pointer[answer]  // nil if there is none
	trouble atomic.Pointer[trouble] // nil if there is none
}

// answer is what the platform last said about one card. It is immutable.
type answer struct {
	asked uint64      // number of the request, in the order in which a refresher sends them
	at    time.Time   // when the answer came, by wallClock
	card  *szzkc.Card // nil if the platform does not know the card
	due   bool        // whatever its age, since it was given to another account
}

// put stores an answer, unless there is one that was asked for later, and
// reports whether it ended a quarantine.
func (rec *record) put(a *answer) (released bool) {
	if last := rec.answer.Load(); last != nil && last.asked > a.asked {
		return false
	}
	rec.answer.Store(a)
	return rec.trouble.Swap(nil).quarantined()
}

// renew makes the answer due, and older than any that the next refresher asks
// for. It ends a quarantine.
func (rec *record) renew() {
	if last := rec.answer.Load(); last != nil {
		rec.answer.Store(&answer{at: last.at, card: last.card, due: true})
	}
	rec.trouble.Store(nil)
}

// trouble counts the failures that a card is at fault for. It is immutable. The
// next answer ends it.
type trouble struct {
	unreadable int       // items in a row that could not be read
	failures   int       // requests for this card alone in a row that failed; above 0 in quarantine
	until      time.Time // in quarantine, the time to query the card again
}

const (
	maxUnreadable   = 3 // items in a row, then the card is quarantined
	firstQuarantine = time.Minute
	maxQuarantine   = time.Hour // or the group's MaxAge if that is longer
)

func (t *trouble) quarantined() bool { return t != nil && t.failures > 0 }

// over reports whether t is a quarantine, and it is time to query the card again.
func (t *trouble) over() bool { return t.quarantined() && !wallClock().Before(t.until) }

// cooldown returns how long the quarantine lasts, twice as long each time.
func (t *trouble) cooldown(maxAge time.Duration) time.Duration {
	const doublings = 20 // longer than any max_age
	return min(firstQuarantine<<min(t.failures-1, doublings), max(maxQuarantine, maxAge))
}

func (rec *record) quarantined() bool { return rec.trouble.Load().quarantined() }

// quarantine keeps the card out of its batch's request for a time.
func (rec *record) quarantine(maxAge time.Duration) {
	t := trouble{failures: 1}
	if last := rec.trouble.Load(); last != nil {
		t.failures += last.failures
	}
	t.until = time.Now().Add(t.cooldown(maxAge))
	rec.trouble.Store(&t)
}

// misread notes that the card's item could not be read.
func (rec *record) misread(maxAge time.Duration) (quarantined bool) {
	t := trouble{unreadable: 1}
	if last := rec.trouble.Load(); last != nil {
		t.unreadable += last.unreadable
	}
	if t.unreadable >= maxUnreadable {
		rec.quarantine(maxAge)
		return true
	}
	rec.trouble.Store(&t)
	return false
}
