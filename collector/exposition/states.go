package exposition

import (
	"time"

	"simcard_exporter/collector/platform"
)

// State is what an operator asks of a card.
type State int

// The states, in the order of their names.
const (
	Expired State = iota
	Moved
	NoAnswer
	OK // none of the others
	OutOfData
	OutOfService // Expired, OutOfData or Suspended
	Refused
	Suspended
	Unknown

	// NumStates is the number of states.
	NumStates int = iota
)

var stateNames = [NumStates]string{"expired", "moved", "no_answer", "ok", "out_of_data", "out_of_service", "refused", "suspended", "unknown"}

// String returns the value of the label state.
func (s State) String() string { return stateNames[s] }

// StateSet is a set of states: bit i is state i.
type StateSet uint16

// Has reports whether s is in the set.
func (set StateSet) Has(s State) bool { return set>>s&1 != 0 }

func (set *StateSet) addIf(s State, in bool) {
	if in {
		*set |= 1 << s
	}
}

// StateCounts counts the cards in each state.
type StateCounts [NumStates]int

// Add counts a card.
func (n *StateCounts) Add(set StateSet) {
	for s := range n {
		n[s] += int(set >> s & 1)
	}
}

// stateRow is how many cards of a group are in a state.
type stateRow struct {
	group string
	state State
	cards int
}

func (s *Snapshot) stateRows() []stateRow {
	var rows []stateRow
	for i := range s.Groups {
		for state, cards := range s.Groups[i].States {
			rows = append(rows, stateRow{s.Groups[i].Name, State(state), cards})
		}
	}
	return rows
}

// States returns the states of the card at a time.
func (c *Card) States(at time.Time) (set StateSet) {
	match, known := c.deviceMatch()
	set.addIf(Moved, known && !match)
	set.addIf(NoAnswer, !c.Answered)
	set.addIf(Refused, c.Refused)
	set.addIf(Unknown, c.Answered && c.Known == nil)
	if k := c.Known; k != nil {
		set.addIf(Suspended, k.Status != nil && *k.Status == 0)
		set.addIf(Expired, k.Expires != 0 && k.Expires <= platform.InstantOf(at))
		set.addIf(OutOfData, k.Balance != nil && *k.Balance == 0)
		set.addIf(OutOfService, set.Has(Suspended) || set.Has(Expired) || set.Has(OutOfData))
	}
	set.addIf(OK, c.Known != nil && !set.Has(OutOfService) && !set.Has(Refused) && !set.Has(Moved))
	return set
}
