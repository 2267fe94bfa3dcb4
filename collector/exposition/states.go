package exposition

import (
	"slices"
	"time"

	"simcard_exporter/collector/platform"
)

// State is what an operator asks of a card.
type State int

// The states, in the order of their names.
const (
	Expired  State = iota
	Expiring       // within ExpiringSoon; not in the metrics
	Moved
	NoAnswer
	OK // none of the others, but for Expiring and Stale
	OutOfData
	OutOfService // Expired, OutOfData or Suspended
	Refused
	Stale // the next scrape renews the answer; not in the metrics
	Suspended
	Unknown

	states int = iota
)

var stateNames = [states]string{"expired", "expiring", "moved", "no_answer", "ok", "out_of_data", "out_of_service", "refused", "stale", "suspended", "unknown"}

// ExpiringSoon is how long before its end a card is in the state Expiring; the alert
// SimcardExpiresSoon has the same limit.
const ExpiringSoon = 14 * 24 * time.Hour

// String returns the value of the label state.
func (s State) String() string { return stateNames[s] }

// StateOf returns the state with a name, -1 if there is none.
func StateOf(name string) State { return State(slices.Index(stateNames[:], name)) }

// StateSet is a set of states: bit i is state i.
type StateSet uint16

// Has reports whether s, which may be -1, is in the set.
func (set StateSet) Has(s State) bool { return s >= 0 && set>>s&1 != 0 }

// AddIf adds s if it is in the set.
func (set *StateSet) AddIf(s State, in bool) {
	if in {
		*set |= 1 << s
	}
}

// StateCounts counts the cards in each state.
type StateCounts [states]int

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
			if State(state) == Expiring || State(state) == Stale {
				continue
			}
			rows = append(rows, stateRow{s.Groups[i].Name, State(state), cards})
		}
	}
	return rows
}

// States returns the states of the card at a time, Stale apart.
func (c *Card) States(at time.Time) (set StateSet) {
	match, known := c.deviceMatch()
	set.AddIf(Moved, known && !match)
	set.AddIf(NoAnswer, !c.Answered)
	set.AddIf(Refused, c.Refused)
	set.AddIf(Unknown, c.Answered && c.Known == nil)
	if k := c.Known; k != nil {
		set.AddIf(Suspended, k.Status != nil && *k.Status == 0)
		set.AddIf(Expiring, k.Expires > platform.InstantOf(at) && k.Expires <= platform.InstantOf(at.Add(ExpiringSoon)))
		set.AddIf(Expired, k.Expires != 0 && k.Expires <= platform.InstantOf(at))
		set.AddIf(OutOfData, k.Balance != nil && *k.Balance == 0)
		set.AddIf(OutOfService, set.Has(Suspended) || set.Has(Expired) || set.Has(OutOfData))
	}
	set.AddIf(OK, c.Known != nil && !set.Has(OutOfService) && !set.Has(Refused) && !set.Has(Moved))
	return set
}
