package collector

import (
	"cmp"
	"math"
	"slices"
	"time"

	"simcard_exporter/collector/pages"
)

// stateSet is the states of a card: bit i is state i of pages.States.
type stateSet uint16

const (
	outOfServiceState stateSet = 1 << iota
	suspendedState
	expiredState
	outOfDataState
	refusedState
	unknownState
	movedState
	noAnswerState
	staleState
	expiringState
	okState
)

// numStates is the number of states.
const numStates = 11

// setOf returns the set of one state; none for "" and for what is no state.
func setOf(state pages.State) stateSet {
	i := slices.Index(pages.States(), state)
	if i < 0 {
		return 0
	}
	return 1 << i
}

// list returns the states in the set.
func (s stateSet) list() (states []pages.State) {
	for i, state := range pages.States() {
		if s>>i&1 != 0 {
			states = append(states, state)
		}
	}
	return states
}

// cardState is how a card is at one moment.
type cardState struct {
	states     stateSet
	fresh      bool  // an answer is younger than max_age
	unreadable bool  // the status or the balance is
	expires    int64 // when the card expires, in nanoseconds since the Unix epoch; 0 if unknown
}

// stateAt returns how the card of e, of group g, is at a moment. The states are those
// of exposition.States.Add.
func (e *entry) stateAt(g *group, now time.Time) (s cardState) {
	facts, nanos := e.facts.Load(), now.UnixNano()
	age := time.Duration(nanos - e.at.Load())
	if facts&inQuarantine != 0 {
		s.states |= refusedState
	}
	if facts&hasAnswer == 0 || age.Abs() > g.MaxAge+g.StaleIfError {
		s.states |= noAnswerState
		return s
	}
	s.fresh = facts&isStale == 0 && age < g.MaxAge
	if !s.fresh {
		s.states |= staleState
	}
	if facts&isKnown == 0 {
		s.states |= unknownState
		return s
	}
	s.expires, s.unreadable = e.expires.Load(), facts&isUnreadable != 0
	s.states |= setIf(suspendedState|outOfServiceState, facts&isSuspended != 0) |
		setIf(outOfDataState|outOfServiceState, facts&isOutOfData != 0) |
		setIf(movedState, facts&isMoved != 0) |
		setIf(expiredState|outOfServiceState, s.expires != 0 && s.expires <= nanos) |
		setIf(expiringState, s.expires > nanos && s.expires-nanos <= int64(pages.ExpiringSoon))
	s.states |= setIf(okState, s.states&(outOfServiceState|refusedState|movedState) == 0)
	return s
}

// setIf returns set if in is true, or else the empty set.
func setIf(set stateSet, in bool) stateSet {
	if in {
		return set
	}
	return 0
}

// urgency ranks a card in a list; the most urgent is the lowest.
type urgency struct {
	class    int
	expires  int64 // when it expires, the last of all if that is unknown
	position int   // among the cards that were found
}

func (s cardState) urgency(position int) urgency {
	u := urgency{class: 4, expires: cmp.Or(s.expires, math.MaxInt64), position: position}
	switch {
	case s.states&outOfServiceState != 0:
		u.class = 0
	case s.states&(refusedState|unknownState|movedState) != 0:
		u.class = 1
	case s.states&noAnswerState != 0:
		u.class = 2
	case s.states&expiringState != 0 || s.unreadable:
		u.class = 3
	}
	return u
}

func (u urgency) compare(v urgency) int {
	return cmp.Or(cmp.Compare(u.class, v.class), cmp.Compare(u.expires, v.expires), cmp.Compare(u.position, v.position))
}
