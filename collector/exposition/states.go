package exposition

import (
	"time"

	"simcard_exporter/collector/szzkc"
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

	states int = iota
)

var stateNames = [states]string{"expired", "moved", "no_answer", "ok", "out_of_data", "out_of_service", "refused", "suspended", "unknown"}

// String returns the value of the label state.
func (s State) String() string { return stateNames[s] }

// States counts the cards in each state.
type States [states]int

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

// Add counts a card at a time.
func (s *States) Add(c *Card, at time.Time) {
	if outOfService := s.addKnown(c.Known, at); outOfService {
		s[OutOfService]++
	} else if c.ok() {
		s[OK]++
	}
	s.addIf(Moved, c.moved())
	s.addIf(NoAnswer, !c.Answered)
	s.addIf(Refused, c.Refused)
	s.addIf(Unknown, c.Answered && c.Known == nil)
}

// addKnown counts what the platform says of a card, and reports whether that keeps
// the terminal from working.
func (s *States) addKnown(c *szzkc.Card, at time.Time) (outOfService bool) {
	if c == nil {
		return false
	}
	suspended := c.Status != nil && *c.Status == 0
	expired := c.Expires != 0 && c.Expires <= szzkc.InstantOf(at)
	outOfData := c.Balance != nil && *c.Balance == 0
	s.addIf(Suspended, suspended)
	s.addIf(Expired, expired)
	s.addIf(OutOfData, outOfData)
	return suspended || expired || outOfData
}

func (s *States) addIf(state State, in bool) {
	if in {
		s[state]++
	}
}

// moved reports whether the card is in another device than expected.
func (c *Card) moved() bool {
	match, known := c.deviceMatch()
	return known && !match
}

// ok reports whether a card that is not out of service is in none of the other
// states either.
func (c *Card) ok() bool { return c.Known != nil && !c.Refused && !c.moved() }
