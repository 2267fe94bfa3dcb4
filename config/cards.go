package config

import (
	"maps"
	"slices"
	"strings"

	"simcard_exporter/config/cards"
	"simcard_exporter/config/inventory"
)

// part is the cards of a group that come from one place. Their labels are the
// values of the part's own names, until those of all groups are known.
type part struct {
	cards  []cards.Card
	names  []string // sorted
	shared []string // labels of all cards that have none of their own
}

// newPart returns a part without cards, which can have the group's labels and
// those of the columns.
func (g *Group) newPart(columns []labelColumn) part {
	names := slices.Collect(maps.Keys(g.Labels))
	for _, c := range columns {
		names = append(names, c.name)
	}
	slices.Sort(names)
	p := part{names: slices.Compact(names)}
	p.shared = make([]string, len(p.names))
	for i, name := range p.names {
		p.shared[i] = g.Labels[name].V
	}
	return p
}

// align gives the groups all their cards, and returns the label names of which each
// card then has the values.
func align(groups []Group) (labelNames []string) {
	names := make(map[string]bool)
	for _, g := range groups {
		for _, p := range g.parts {
			for _, name := range p.names {
				names[name] = true
			}
		}
	}
	labelNames = slices.Sorted(maps.Keys(names))
	for i := range groups {
		g := &groups[i]
		for _, p := range g.parts {
			p.align(labelNames)
			g.Cards = append(g.Cards, p.cards...)
		}
		g.parts, g.mapping = nil, columnMapping{}
	}
	return labelNames
}

func (p *part) align(names []string) {
	if slices.Equal(p.names, names) {
		return
	}
	expand := func(labels []string) []string {
		expanded := make([]string, len(names))
		for i, name := range p.names {
			to, _ := slices.BinarySearch(names, name)
			expanded[to] = labels[i]
		}
		return expanded
	}
	shared := expand(p.shared)
	for i, card := range p.cards {
		if p.isShared(card.Labels) {
			p.cards[i].Labels = shared
		} else {
			p.cards[i].Labels = expand(card.Labels)
		}
	}
}

func (p *part) isShared(labels []string) bool {
	return len(labels) == 0 || &labels[0] == &p.shared[0]
}

// cardList is where identifiers are listed: a group's lists in the configuration
// file, or a card file.
type cardList struct {
	*decoder
	group                     string
	in                        string // the file
	isCardFile                bool
	imeiHeading, iccidHeading string // the key or column that they are listed under
	number                    int    // in Places; 0 while it has none

	expected float64 // how many ICCIDs look damaged by chance
	rounded  []entry // those that do
}

// mention is where an identifier was first listed.
type mention struct {
	list         *cardList
	line, column int32
}

func (m mention) String() string {
	return inventory.Place{File: m.list.in, Line: int(m.line), Column: int(m.column)}.String()
}

// maxCards limits the cards of a configuration.
const maxCards = 3_000_000

// listCards makes cards of the group's own lists.
func (d *decoder) listCards(g *Group) {
	if len(g.IMEIs)+len(g.ICCIDs) == 0 {
		return
	}
	l := &cardList{decoder: d, group: g.Name.V, in: d.file, imeiHeading: "imeis", iccidHeading: "iccids"}
	p := g.newPart(nil)
	for _, listed := range g.IMEIs {
		if imei := (entry{listed.V, d.at(listed.Line)}); l.checkIMEI(&imei) && l.markListed(imei) {
			p.cards = append(p.cards, cards.Card{IMEI: imei.text, Labels: p.shared, Place: l.place(imei)})
		}
	}
	for _, listed := range g.ICCIDs {
		if iccid := (entry{listed.V, d.at(listed.Line)}); l.checkICCID(&iccid) && l.markListed(iccid) {
			p.cards = append(p.cards, cards.Card{ICCID: iccid.text, Labels: p.shared, Place: l.place(iccid)})
		}
	}
	l.checkDamage()
	g.parts = append(g.parts, p)
}

// checkIMEI repairs id. If it is not an IMEI then, it reports that and returns
// false.
func (l *cardList) checkIMEI(id *entry) bool {
	written := id.text
	id.text = repairIMEI(written)
	if text := imeiProblem(id.text, l.iccidHeading); text != "" {
		l.problem(id.place, "%s: %s%s", l.imeiHeading, text, l.fullWidth(written))
		return false
	}
	if digit := luhnDigit(id.text); digit != id.text[14] {
		l.warn(id.place, "IMEI %s is probably mistyped: by its check digit it should end in %c", id.text, digit)
	}
	return true
}

// checkICCID repairs id. If it is not an ICCID then, it reports that and returns
// false.
func (l *cardList) checkICCID(id *entry) bool {
	written := id.text
	id.text = repairICCID(written)
	if text := iccidProblem(id.text, l.imeiHeading); text != "" {
		l.problem(id.place, "%s: %s%s", l.iccidHeading, text, l.fullWidth(written))
		return false
	}
	l.countDamage(*id)
	return true
}

// fullWidth is as the function, where YAML is to read a text.
func (l *cardList) fullWidth(text string) string {
	if l.isCardFile {
		return ""
	}
	return fullWidth(text)
}

// markListed notes an identifier. If it is already listed, it warns and returns
// false.
func (l *cardList) markListed(id entry) bool {
	key := strings.ToUpper(id.text)
	first, again := l.cards[key]
	if again {
		kind := "ICCID"
		if isIMEI(key) {
			kind = "IMEI"
		}
		l.warn(id.place, "%s %s is already listed at %s in group %s; this mention is dropped", kind, id.text, first, quote(first.list.group))
		return false
	}
	if len(l.cards) == maxCards {
		l.problem(id.place, "the configuration has more than %d cards: divide it between several exporters", maxCards)
		return false
	}
	l.cards[key] = l.mention(id)
	return true
}

// warnSharedDevice warns if another card is expected in the device as well.
func (l *cardList) warnSharedDevice(imei entry) {
	if first, again := l.devices[imei.text]; again {
		l.warn(imei.place, "another card is expected in the device %s as well, at %s; only one of them can be there", imei.text, first)
		return
	}
	l.devices[imei.text] = l.mention(imei)
}

func (l *cardList) mention(id entry) mention {
	return mention{l, int32(id.place.Line), int32(id.place.Column)}
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
