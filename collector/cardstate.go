package collector

import (
	"cmp"
	"math"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// cardState is how a card is at one moment.
type cardState struct {
	exposition.Card
	view
	served     bool
	fresh      bool // its own answer is younger than max_age
	unreadable bool // the status or the balance is
}

// stateAt returns how the card is at a moment.
func (c *card) stateAt(now time.Time) (s cardState) {
	s.view = c.view(now)
	s.served = c.batch.group.serves(s.came, now, now)
	s.Card = s.row(s.served, now)
	s.fresh = s.served && c.last().young(now.Add(-c.batch.group.MaxAge), now)
	s.unreadable = s.Known != nil && (s.Known.Status == nil || s.Known.Balance == nil)
	return s
}

// urgency ranks a card in a list; the most urgent is the lowest.
type urgency struct {
	class    int
	expires  platform.Instant // the last of all if that is unknown
	position int              // among the cards that were found
}

func (s cardState) urgency(position int) urgency {
	u := urgency{class: 2 * int(s.State), expires: math.MaxInt64, position: position}
	if s.unreadable && s.State == problem.OK {
		u.class--
	}
	if expires := s.expires(); expires != 0 {
		u.expires = expires
	}
	return u
}

// expires returns when the card expires; 0 if that is unknown.
func (s *cardState) expires() platform.Instant {
	if s.Known == nil {
		return 0
	}
	return s.Known.Expires
}

func (u urgency) compare(v urgency) int {
	return cmp.Or(cmp.Compare(u.class, v.class), cmp.Compare(u.expires, v.expires), cmp.Compare(u.position, v.position))
}
