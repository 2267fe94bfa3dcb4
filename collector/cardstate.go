package collector

import (
	"cmp"
	"math"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/platform"
)

// cardState is how a card is at one moment.
type cardState struct {
	states     exposition.StateSet
	fresh      bool // an answer is younger than max_age
	expiring   bool // within pages.ExpiringSoon
	unreadable bool // the status or the balance is
	expires    platform.Instant
}

// stateAt returns how the card is at a moment.
func (c *card) stateAt(now time.Time) cardState {
	g, a := c.batch.group, c.answer.Load()
	row := c.row(a, g.serves(a, now, now), c.quarantined())
	s := cardState{states: row.States(now)}
	s.fresh = row.Answered && !a.ofOtherAccount() && now.Sub(a.at) < g.MaxAge
	if known := row.Known; known != nil {
		s.unreadable = known.Status == nil || known.Balance == nil
		s.expires = known.Expires
		s.expiring = s.expires > platform.InstantOf(now) && s.expires <= platform.InstantOf(now.Add(pages.ExpiringSoon))
	}
	return s
}

// stale reports whether an answer is served that the next scrape renews.
func (s *cardState) stale() bool { return !s.fresh && !s.states.Has(exposition.NoAnswer) }

// metricStates are the states that the metrics have too, by name.
var metricStates = func() map[pages.State]exposition.State {
	states := make(map[pages.State]exposition.State)
	for s := range exposition.State(exposition.NumStates) {
		states[pages.State(s.String())] = s
	}
	return states
}()

// in reports whether the card is in a state.
func (s *cardState) in(state pages.State) bool {
	switch state {
	case pages.Stale:
		return s.stale()
	case pages.Expiring:
		return s.expiring
	}
	metric, ok := metricStates[state]
	return ok && s.states.Has(metric)
}

// list returns the states of the card.
func (s *cardState) list() (states []pages.State) {
	for _, state := range pages.States() {
		if s.in(state) {
			states = append(states, state)
		}
	}
	return states
}

// urgency ranks a card in a list; the most urgent is the lowest.
type urgency struct {
	class    int
	expires  platform.Instant // the last of all if that is unknown
	position int              // among the cards that were found
}

func (s *cardState) urgency(position int) urgency {
	u := urgency{class: 4, expires: cmp.Or(s.expires, math.MaxInt64), position: position}
	switch {
	case s.states.Has(exposition.OutOfService):
		u.class = 0
	case s.states.Has(exposition.Refused) || s.states.Has(exposition.Unknown) || s.states.Has(exposition.Moved):
		u.class = 1
	case s.states.Has(exposition.NoAnswer):
		u.class = 2
	case s.expiring || s.unreadable:
		u.class = 3
	}
	return u
}

func (u urgency) compare(v urgency) int {
	return cmp.Or(cmp.Compare(u.class, v.class), cmp.Compare(u.expires, v.expires), cmp.Compare(u.position, v.position))
}
