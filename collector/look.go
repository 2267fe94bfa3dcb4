package collector

import (
	"cmp"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/szzkc"
)

// look is what the pages need to know of a card at one moment, in order to count,
// filter and rank it. To make one allocates nothing: there may be a million.
type look struct {
	row    exposition.Card // identifiers as the platform reports them
	answer *answer         // nil if there is none
	fresh  bool            // the answer is younger than max_age
	states exposition.States
	now    time.Time
}

func (c *card) look(now time.Time) look {
	a, g := c.answer.Load(), c.batch.group
	l := look{answer: a, row: c.row(a, g.serves(a, now, now), c.quarantined()), now: now}
	l.fresh = l.row.Answered && !a.stale() && now.Sub(a.at) < g.MaxAge
	l.states.Add(&l.row, now)
	return l
}

func (l *look) is(state pages.State) bool {
	switch state {
	case pages.Stale:
		return l.row.Answered && !l.fresh
	case pages.Expiring:
		return l.expiring()
	}
	for i, n := range l.states {
		if n > 0 && exposition.State(i).String() == string(state) {
			return true
		}
	}
	return false
}

// expiring reports whether the card expires soon, and has not yet.
func (l *look) expiring() bool {
	if l.row.Known == nil || l.row.Known.Expires == 0 {
		return false
	}
	left := l.row.Known.Expires.Time().Sub(l.now)
	return left > 0 && left <= pages.ExpiringSoon
}

// allStates returns the states that the card is in.
func (l *look) allStates() (states []pages.State) {
	for _, state := range pages.States() {
		if l.is(state) {
			states = append(states, state)
		}
	}
	return states
}

// urgency ranks a card in a list; the most urgent is the lowest.
type urgency struct {
	class    int
	expires  szzkc.Instant // when it expires, the last of all if that is unknown
	position int           // in the configuration
}

func (l *look) urgency(c *card) urgency {
	u := urgency{class: 4, expires: 1<<63 - 1, position: c.position}
	if l.row.Known != nil && l.row.Known.Expires != 0 {
		u.expires = l.row.Known.Expires
	}
	switch s := l.states; {
	case s[exposition.OutOfService] > 0:
		u.class = 0
	case s[exposition.Refused]+s[exposition.Unknown]+s[exposition.Moved] > 0:
		u.class = 1
	case s[exposition.NoAnswer] > 0:
		u.class = 2
	case l.expiring() || l.row.Known.Balance == nil || l.row.Known.Status == nil:
		u.class = 3
	}
	return u
}

func (u urgency) compare(v urgency) int {
	return cmp.Or(cmp.Compare(u.class, v.class), cmp.Compare(u.expires, v.expires), cmp.Compare(u.position, v.position))
}
