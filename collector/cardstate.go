package collector

import (
	"cmp"
	"math"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
)

// cardState is how a card is at one moment.
type cardState struct {
	exposition.StateSet
	view
	fresh      bool // its own answer is younger than max_age
	unreadable bool // the status or the balance is
	expires    platform.Instant
}

// stateAt returns how the card is at a moment.
func (c *card) stateAt(now time.Time) (s cardState) {
	s.view = c.view(now)
	row := s.row(c.batch.group.serves(s.came, now, now))
	s.StateSet = row.States(now)
	s.fresh = row.Answered && c.last().young(now.Add(-c.batch.group.MaxAge), now)
	s.AddIf(exposition.Stale, row.Answered && !s.fresh)
	if known := row.Known; known != nil {
		s.unreadable = known.Status == nil || known.Balance == nil
		s.expires = known.Expires
	}
	return s
}

// urgency ranks a card in a list; the most urgent is the lowest.
type urgency struct {
	class    int
	expires  platform.Instant // the last of all if that is unknown
	position int              // among the cards that were found
}

func (s cardState) urgency(position int) urgency {
	u := urgency{class: 4, expires: cmp.Or(s.expires, math.MaxInt64), position: position}
	switch {
	case s.Has(exposition.OutOfService):
		u.class = 0
	case s.Has(exposition.Refused) || s.Has(exposition.Unknown) || s.Has(exposition.Moved):
		u.class = 1
	case s.Has(exposition.NoAnswer):
		u.class = 2
	case s.Has(exposition.Expiring) || s.unreadable:
		u.class = 3
	}
	return u
}

func (u urgency) compare(v urgency) int {
	return cmp.Or(cmp.Compare(u.class, v.class), cmp.Compare(u.expires, v.expires), cmp.Compare(u.position, v.position))
}
