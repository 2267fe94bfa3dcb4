package config

import (
	"simcard_exporter/config/cards"
	"simcard_exporter/config/inventory"
)

// The bits of a [cards.Place], from the highest: the number of a list, from 1; the line; the
// column.
const (
	columnBits = 10 // tables have at most 1,000 columns
	lineBits   = 24 // files have at most 8,000,000 lines
)

// Places are the names of all lists of cards, by the number in a [cards.Place].
type Places []string

// Text returns the place as file:line, or as file, sheet and cell; "" for the zero
// value and for places of another configuration.
func (p Places) Text(at cards.Place) string {
	list := int(at >> (lineBits + columnBits))
	if list < 1 || list > len(p) {
		return ""
	}
	return inventory.Place{
		File:   p[list-1],
		Line:   int(at >> columnBits & (1<<lineBits - 1)),
		Column: int(at & (1<<columnBits - 1)),
	}.String()
}

// place returns the place of id. A list is numbered when the first of its cards is.
func (l *cardList) place(id entry) cards.Place {
	if l.number == 0 {
		l.places = append(l.places, l.in)
		l.number = len(l.places)
	}
	at := id.place
	if at.Line >= 1<<lineBits { // only if most of the lines are empty, and then the file must do
		at.Line, at.Column = 0, 0
	}
	return cards.Place(l.number)<<(lineBits+columnBits) | cards.Place(at.Line)<<columnBits | cards.Place(at.Column)
}
