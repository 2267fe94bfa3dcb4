package szzkc

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// ErrIncomplete is an answer of which some cards that were asked for could not
// be read.
var ErrIncomplete = errors.New("items of the answer could not be read")

// Match is an answer by the identifiers that were asked for.
type Match struct {
	// Cards are in the order of the identifiers. A nil one is a card that the
	// platform does not know or, with Ambiguous, that may be unreadable.
	Cards []*Card
	// Ambiguous says that an item cannot be told to be of any card.
	Ambiguous bool
	// Unexpected is how many items nobody asked for: foreign ones, and
	// repetitions.
	Unexpected int
}

// Match finds the cards that were asked for by their identifiers, IMEIs or
// ICCIDs, never by position. The platform may not keep the case of an ICCID's
// letters. Of several items for one card, such as a device with two SIMs, the
// one with the lowest ICCID counts, whatever the platform's order.
//
// The error is ErrIncomplete or, if no item is of a card that was asked for, an
// *Error. An answer without any item says that the platform knows none of them.
func (a Answer) Match(identifiers []string) (Match, error) {
	m := Match{Cards: make([]*Card, len(identifiers))}
	index := make(map[string]int, len(identifiers))
	for i, id := range identifiers {
		index[strings.ToUpper(id)] = i
	}
	found := 0
	for i := range a.Cards {
		item := &a.Cards[i]
		at, asked := index[item.IMEI]
		if !asked {
			at, asked = index[strings.ToUpper(item.ICCID)]
		}
		switch {
		case !asked && (item.IMEI == "" || item.ICCID == ""):
			m.Ambiguous = true // what is missing may be what was asked for
		case !asked:
			m.Unexpected++
		case m.Cards[at] == nil:
			m.Cards[at] = item
			found++
		default:
			m.Unexpected++
			if item.less(m.Cards[at]) {
				m.Cards[at] = item
			}
		}
	}
	for _, field := range a.Invalid {
		m.Ambiguous = m.Ambiguous || field.Field == "item"
	}
	switch {
	case len(a.Cards)+len(a.Invalid) == 0 || found == len(identifiers):
		return m, nil
	case found == 0:
		return Match{Unexpected: m.Unexpected}, &Error{Reason: Decode, Err: errors.New("no item of the answer is of a card that was asked for")}
	case m.Ambiguous:
		return m, fmt.Errorf("%w: %d of %d cards", ErrIncomplete, len(identifiers)-found, len(identifiers))
	default:
		return m, nil
	}
}

func (c *Card) less(other *Card) bool {
	return cmp.Or(strings.Compare(strings.ToUpper(c.ICCID), strings.ToUpper(other.ICCID)), strings.Compare(c.IMEI, other.IMEI)) < 0
}
