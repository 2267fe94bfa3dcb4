package cards

import "simcard_exporter/config/inventory"

// Place is where a card is listed, in eight bytes: there can be three million. Only the
// configuration that it is from can say it in words. The zero value is no place.
type Place uint64

// The bits of a [Place], from the highest: the number of a list, from 1; the line; the
// column.
const (
	columnBits = 10 // tables have at most 1,000 columns
	lineBits   = 24 // a configuration file has at most 8,000,000 lines, and few card files have more
)

// Places are the names of all lists of cards, by the number in a [Place].
type Places []string

// Text returns the place as file:line, or as file, sheet and cell; "" for the zero
// value and for places of another configuration.
func (p Places) Text(at Place) string { return p.place(at).String() }

func (p Places) place(at Place) inventory.Place {
	list := int(at >> (lineBits + columnBits))
	if list < 1 || list > len(p) {
		return inventory.Place{}
	}
	return inventory.Place{
		File:   p[list-1],
		Line:   int(at >> columnBits & (1<<lineBits - 1)),
		Column: int(at & (1<<columnBits - 1)),
	}
}

// at returns the place of a card of the list.
func (l *list) at(place Place) inventory.Place { return l.Places.place(place) }

// placeOf returns the place of id.
func (l *list) placeOf(id entry) Place {
	at := id.place
	if at.Line >= 1<<lineBits { // only if most of the lines are empty, and then the file must do
		at.Line, at.Column = 0, 0
	}
	return Place(l.number)<<(lineBits+columnBits) | Place(at.Line)<<columnBits | Place(at.Column)
}
