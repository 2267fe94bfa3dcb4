package config

import (
	"maps"
	"slices"
	"strings"

	"simcard_exporter/config/cards"
	"simcard_exporter/config/inventory"
)

// align gives the groups all their cards, and returns the label names of which each
// card then has the values.
func align(groups []Group) (labelNames []string) {
	for _, g := range groups {
		for _, l := range g.lists {
			labelNames = append(labelNames, l.names...)
		}
	}
	slices.Sort(labelNames)
	labelNames = slices.Compact(labelNames)
	for i := range groups {
		g := &groups[i]
		for _, l := range g.lists {
			l.align(labelNames)
			g.Cards = append(g.Cards, l.cards...)
		}
		g.lists, g.mapping = nil, columnMapping{}
	}
	return labelNames
}

func (l *cardList) align(names []string) {
	if slices.Equal(l.names, names) {
		return
	}
	expand := func(labels []string) []string {
		expanded := make([]string, len(names))
		for i, name := range l.names {
			to, _ := slices.BinarySearch(names, name)
			expanded[to] = labels[i]
		}
		return expanded
	}
	shared := expand(l.shared)
	for i, card := range l.cards {
		if l.isShared(card.Labels) {
			l.cards[i].Labels = shared
		} else {
			l.cards[i].Labels = expand(card.Labels)
		}
	}
}

func (l *cardList) isShared(labels []string) bool {
	return len(labels) == 0 || &labels[0] == &l.shared[0]
}

// cardList is where identifiers are listed, a group's lists in the configuration file or a
// card file, and the cards that they make. The cards' labels are the values of the list's
// own names, until those of all groups are known.
type cardList struct {
	*decoder
	isCardFile bool
	headings   [len(kinds)]string // the key or column that each kind is listed under
	number     int                // in Places

	cards  []cards.Card
	names  []string // sorted
	shared []string // labels of all cards that have none of their own

	zeros, floats damage // of the ICCIDs
}

// newCardList returns a list without cards, which can have the group's labels and those
// of the columns.
func (d *decoder) newCardList(g *Group, in string, headings [len(kinds)]string, columns []labelColumn) *cardList {
	d.places = append(d.places, in)
	d.groups = append(d.groups, g.Name.V)
	names := slices.Collect(maps.Keys(g.Labels))
	for _, c := range columns {
		names = append(names, c.name)
	}
	slices.Sort(names)
	l := &cardList{decoder: d, headings: headings, number: len(d.places), names: slices.Compact(names)}
	l.shared = make([]string, len(l.names))
	for i, name := range l.names {
		l.shared[i] = g.Labels[name].V
	}
	return l
}

// maxCards limits the cards of a configuration.
const maxCards = 3_000_000

// listCards makes cards of the group's own lists.
func (d *decoder) listCards(g *Group) {
	l := d.newCardList(g, d.file, [...]string{"imeis", "iccids"}, nil)
	for k, list := range [len(kinds)][]At[string]{g.IMEIs, g.ICCIDs} {
		for _, listed := range list {
			var ids [len(kinds)]entry
			ids[k] = entry{listed.V, d.at(listed.Line)}
			l.add(ids, l.shared)
		}
	}
	l.checkDamage()
	g.lists = append(g.lists, l)
}

// add makes a card of its identifiers, of which one that is not given has no place, if they
// are valid and the card is new. If it has both, the ICCID is its identity.
func (l *cardList) add(ids [len(kinds)]entry, labels []string) {
	listed, valid := kindIMEI, true
	for k := range ids {
		if ids[k].place.File != "" {
			listed, valid = kind(k), l.check(kind(k), &ids[k]) && valid
		}
	}
	if !valid || !l.markListed(listed, ids[listed]) {
		return
	}
	imei, iccid, at := ids[kindIMEI], ids[kindICCID], l.place(ids[listed])
	if imei.text != "" && iccid.text != "" {
		if first, again := l.devices[imei.text]; again {
			l.warn(imei.place, "another card is expected in the device %s as well, at %s; only one of them can be there", imei.text, l.places.Text(first))
		} else {
			l.devices[imei.text] = l.place(imei)
		}
	}
	l.cards = append(l.cards, cards.Card{IMEI: imei.text, ICCID: iccid.text, Labels: labels, Place: at})
}

// check repairs id. If it is not of that kind then, it reports that and returns false.
func (l *cardList) check(k kind, id *entry) bool {
	written := id.text
	id.text = kinds[k].repair(written)
	if text := k.problem(id.text, l.headings[1-k]); text != "" {
		if !l.isCardFile { // where YAML is to read it
			text += fullWidth(written)
		}
		l.problem(id.place, "%s: %s", l.headings[k], text)
		return false
	}
	if k == kindICCID {
		l.countDamage(*id)
	} else if digit := luhnDigit(id.text); digit != id.text[14] {
		l.warn(id.place, "IMEI %s is probably mistyped: by its check digit it should end in %c", id.text, digit)
	}
	return true
}

// markListed notes an identifier. If it is already listed, it warns and returns
// false.
func (l *cardList) markListed(k kind, id entry) bool {
	key := strings.ToUpper(id.text)
	if first, again := l.listed[key]; again {
		l.warn(id.place, "%s %s is already listed at %s in group %s; this mention is dropped", kinds[k].name, id.text, l.places.Text(first), quote(l.groups[first>>(lineBits+columnBits)-1]))
		return false
	}
	if len(l.listed) == maxCards {
		l.problem(id.place, "the configuration has more than %d cards: divide it between several exporters", maxCards)
		return false
	}
	l.listed[key] = l.place(id)
	return true
}

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

// place returns the place of id.
func (l *cardList) place(id entry) cards.Place {
	at := id.place
	if at.Line >= 1<<lineBits { // only if most of the lines are empty, and then the file must do
		at.Line, at.Column = 0, 0
	}
	return cards.Place(l.number)<<(lineBits+columnBits) | cards.Place(at.Line)<<columnBits | cards.Place(at.Column)
}
