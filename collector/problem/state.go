package problem

// State is how a card is as a whole. Each card is in exactly one.
type State uint8

// The states, the worst first.
const (
	OutOfService State = iota // a shop cannot take payments
	Attention                 // it has a problem that does not stop its terminal
	NoAnswer                  // nothing is served, and it is not in quarantine
	OK
	NotInUse // the list or the platform says so

	states int = iota
)

var stateTable = [states]struct {
	name    string // value of the label state
	caption Text
}{
	OutOfService: {"out_of_service", Text{"Out of service", "不可用"}},
	Attention:    {"attention", Text{"Needs attention", "需关注"}},
	NoAnswer:     {"no_answer", Text{"No answer", "无数据"}},
	OK:           {"ok", Text{"OK", "正常"}},
	NotInUse:     {"not_in_use", Text{"Not in use", "未使用"}},
}

// States returns all states, the worst first.
func States() []State { return []State{OutOfService, Attention, NoAnswer, OK, NotInUse} }

// StateOf returns the state with a name; an invalid one if there is none.
func StateOf(name string) State {
	for _, s := range States() {
		if s.String() == name {
			return s
		}
	}
	return State(states)
}

// String returns the value of the label state.
func (s State) String() string { return stateTable[s].name }

// Caption names the state.
func (s State) Caption() Text { return stateTable[s].caption }

// Counts counts cards by state and by problem.
type Counts struct {
	States   [states]int
	Problems [problems]int
}

// Add counts a card.
func (n *Counts) Add(s State, found Set) {
	n.States[s]++
	for p := range n.Problems {
		n.Problems[p] += int(found >> p & 1)
	}
}

// AddAll adds the counts of other cards.
func (n *Counts) AddAll(more Counts) {
	for s := range n.States {
		n.States[s] += more.States[s]
	}
	for p := range n.Problems {
		n.Problems[p] += more.Problems[p]
	}
}

// ManyExpire reports whether more than a quarter of the cards are expiring, so that the
// limit does not fit them: those that are paid by the month are renewed in the last days.
func (n *Counts) ManyExpire() bool {
	cards := 0
	for _, of := range n.States {
		cards += of
	}
	return 4*n.Problems[Expiring] > cards
}
