package collector

import (
	"cmp"
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

// look is a card at one moment.
type look struct {
	states     stateSet
	fresh      bool // an answer is younger than max_age
	unreadable bool // the status or the balance is
	expires    int64
}

// look returns what e says at a moment. The states are those of exposition.States.Add.
func (e *entry) look(g *group, now time.Time) (l look) {
	facts, nanos := e.facts.Load(), now.UnixNano()
	age := time.Duration(nanos - e.at.Load())
	if facts&inQuarantine != 0 {
		l.states |= refusedState
	}
	if facts&hasAnswer == 0 || age.Abs() > g.MaxAge+g.StaleIfError {
		l.states |= noAnswerState
		return l
	}
	l.fresh = facts&isStale == 0 && age < g.MaxAge
	if !l.fresh {
		l.states |= staleState
	}
	if facts&isKnown == 0 {
		l.states |= unknownState
		return l
	}
	l.expires, l.unreadable = e.expires.Load(), facts&isUnreadable != 0
	l.states |= setIf(suspendedState|outOfServiceState, facts&isSuspended != 0) |
		setIf(outOfDataState|outOfServiceState, facts&isOutOfData != 0) |
		setIf(movedState, facts&isMoved != 0) |
		setIf(expiredState|outOfServiceState, l.expires != 0 && l.expires <= nanos) |
		setIf(expiringState, l.expires > nanos && l.expires-nanos <= int64(pages.ExpiringSoon))
	return look{l.states | setIf(okState, l.states&(outOfServiceState|refusedState|movedState) == 0), l.fresh, l.unreadable, l.expires}
}

func setIf(s stateSet, in bool) stateSet {
	if in {
		return s
	}
	return 0
}

// urgency ranks a card in a list; the most urgent is the lowest.
type urgency struct {
	class   int
	expires int64 // when it expires, the last of all if that is unknown
	place   int   // in the fleet
}

func (l look) urgency(place int) urgency {
	u := urgency{class: 4, expires: cmp.Or(l.expires, 1<<63-1), place: place}
	switch {
	case l.states&outOfServiceState != 0:
		u.class = 0
	case l.states&(refusedState|unknownState|movedState) != 0:
		u.class = 1
	case l.states&noAnswerState != 0:
		u.class = 2
	case l.states&expiringState != 0 || l.unreadable:
		u.class = 3
	}
	return u
}

func (u urgency) compare(v urgency) int {
	return cmp.Or(cmp.Compare(u.class, v.class), cmp.Compare(u.expires, v.expires), cmp.Compare(u.place, v.place))
}
