package platform

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// ErrIncomplete means that requested cards are missing from an answer with items
// that cannot be attributed, as in [Match.Ambiguous].
var ErrIncomplete = errors.New("items of the answer could not be read")

// Match is the result of [Answer.Match]. The zero value has no cards.
type Match struct {
	// Cards has an element for each identifier, in their order. An element is nil
	// if no item matches: the platform does not know the card or, if Ambiguous is
	// set, its item may be unreadable.
	Cards []*Card
	// Invalid has an element for each of Cards: what could not be read of its item;
	// nil if all was.
	Invalid [][]InvalidField
	// Ambiguous is set if an item cannot be attributed: it matches no identifier,
	// but lacks its IMEI, its ICCID or both, and may be any card that is nil in
	// Cards. If none is nil, Ambiguous has no meaning.
	Ambiguous bool
	// Unexpected counts the items of cards that were not requested, and those
	// that repeat a card.
	Unexpected int
}

// Match finds the requested cards in the answer by their identifiers, IMEIs or
// ICCIDs. Neither the order of the items nor the case of an ICCID's letters
// matters. If several items match one identifier, as for a device with two SIMs,
// the one with the lowest ICCID is taken. The elements of Cards point into a.Cards.
//
// The error says what nil elements of Cards mean:
//   - With no error, the platform does not know these cards. An answer without
//     items means that it knows none of them.
//   - With [ErrIncomplete], Ambiguous is set, and they may be unreadable. The other
//     cards are usable.
//   - With an [*Error], the answer has items, but none of a requested card. Cards
//     itself is nil.
func (a Answer) Match(identifiers []string) (Match, error) {
	m := Match{Cards: make([]*Card, len(identifiers)), Invalid: make([][]InvalidField, len(identifiers))}
	invalid := a.invalidByCard()
	index := make(map[string]int, len(identifiers))
	for i, id := range identifiers {
		index[strings.ToUpper(id)] = i
	}
	found := 0
	for i := range a.Cards {
		item := &a.Cards[i]
		position, requested := index[item.IMEI]
		if !requested {
			position, requested = index[strings.ToUpper(item.ICCID)]
		}
		switch {
		case !requested && (item.IMEI == "" || item.ICCID == ""):
			m.Ambiguous = true // the missing identifier may be a requested one
		case !requested:
			m.Unexpected++
		case m.Cards[position] == nil:
			m.Cards[position], m.Invalid[position] = item, invalid[i]
			found++
		default:
			m.Unexpected++
			if item.less(m.Cards[position]) {
				m.Cards[position], m.Invalid[position] = item, invalid[i]
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

// invalidByCard returns a.Invalid by index in a.Cards, which lacks the items that are
// invalid as a whole.
func (a Answer) invalidByCard() map[int][]InvalidField {
	byCard := make(map[int][]InvalidField)
	leftOut := 0
	for _, field := range a.Invalid { // in the order of the items
		if field.Field == "item" {
			leftOut++
			continue
		}
		card := field.Item - leftOut
		byCard[card] = append(byCard[card], field)
	}
	return byCard
}

// less orders the items that match one identifier, independently of their order in
// the answer.
func (c *Card) less(other *Card) bool {
	return cmp.Or(strings.Compare(strings.ToUpper(c.ICCID), strings.ToUpper(other.ICCID)), strings.Compare(c.IMEI, other.IMEI)) < 0
}
