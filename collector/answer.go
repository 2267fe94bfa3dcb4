package collector

import (
	"strings"
	"time"

	"simcard_exporter/collector/szzkc"
)

// answer is what the platform last said about one card. It is immutable.
type answer struct {
	at    time.Time
	state state
	card  szzkc.Card // valid if found
}

type state int

const (
	found      state = iota
	unknown          // the platform answered without the card
	unreadable       // the answer holds an item that cannot be told from the card
)

// store takes the platform's answer to p apart, by identifier. It returns how
// many items nobody asked for: foreign ones, and repetitions.
func (p part) store(by kind, a szzkc.Answer, at time.Time) (unexpected int) {
	answers := make([]*answer, len(p.members))
	missing := unknown
	for _, f := range a.Invalid {
		if f.Field == "item" || f.Field == string(by) {
			missing = unreadable
		}
	}
	for _, c := range a.Cards {
		id := c.IMEI
		if by == byICCID {
			id = c.ICCID
		}
		switch i := p.find(id); {
		case i >= 0 && answers[i] == nil:
			answers[i] = &answer{at: at, state: found, card: c}
		case id != "":
			unexpected++
		}
	}
	for i, m := range p.members {
		if answers[i] == nil {
			answers[i] = &answer{at: at, state: missing}
		}
		m.answer.Store(answers[i])
	}
	return unexpected
}

// find returns the index of the member that id names, or -1. The platform may
// not keep the case of an ICCID's letters.
func (p part) find(id string) int {
	for i, m := range p.members {
		if strings.EqualFold(id, m.id) {
			return i
		}
	}
	return -1
}
