package collector

import (
	"sync/atomic"
	"time"

	"simcard_exporter/collector/szzkc"
)

// record is what is known of a card. It outlives the fleet: a request that is
// in flight while the next one is loaded still brings its answer here. Its
// parts are swapped whole, with refresher.mu held, and read without.
type record struct {
	answer  atomic.Pointer[answer]
	trouble atomic.Pointer[trouble] // nil if there is none
}

// answer is what the platform last said about one card. It is immutable.
type answer struct {
	asked uint64 // the request's number: requests are numbered as they are sent
	// at is when it came, without a monotonic reading: a machine that was
	// suspended must not take an old answer for a young one.
	at   time.Time
	card *szzkc.Card // nil if the platform does not know the card
}

// wallClock returns the time without a monotonic reading.
func wallClock() time.Time { return time.Now().Round(0) }

// trouble is a card that spoils its batch, or may. It is immutable. The first
// answer ends it.
type trouble struct {
	unreadable int       // items in a row that could not be read
	refusals   int       // refused or failed alone, in a row; above 0 in quarantine
	until      time.Time // when to ask again, in quarantine
}

const (
	maxUnreadable   = 3 // items in a row, then the card is quarantined
	firstQuarantine = time.Minute
	maxQuarantine   = time.Hour // or the group's MaxAge if that is longer
)

func (t *trouble) quarantined() bool { return t != nil && t.refusals > 0 }

func (r *record) quarantined() bool { return r.trouble.Load().quarantined() }

// quarantine keeps the card out of its batch, twice as long each time.
func (r *record) quarantine(maxAge time.Duration) {
	t := trouble{refusals: 1}
	if last := r.trouble.Load(); last != nil {
		t.refusals += last.refusals
	}
	t.until = time.Now().Add(t.wait(maxAge))
	r.trouble.Store(&t)
}

func (t *trouble) wait(maxAge time.Duration) time.Duration {
	const doublings = 20 // longer than any max_age
	return min(firstQuarantine<<min(t.refusals-1, doublings), max(maxQuarantine, maxAge))
}

// misread notes that the card's item could not be read.
func (r *record) misread(maxAge time.Duration) (quarantined bool) {
	t := trouble{unreadable: 1}
	if last := r.trouble.Load(); last != nil {
		t.unreadable += last.unreadable
	}
	if t.unreadable >= maxUnreadable {
		r.quarantine(maxAge)
		return true
	}
	r.trouble.Store(&t)
	return false
}

// put stores an answer, unless there is one that was asked for later, and
// reports whether it ended a quarantine.
func (r *record) put(a *answer) (released bool) {
	if last := r.answer.Load(); last != nil && last.asked > a.asked {
		return false
	}
	r.answer.Store(a)
	return r.trouble.Swap(nil).quarantined()
}
