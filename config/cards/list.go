package cards

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"simcard_exporter/config/inventory"
)

// entry is an identifier or a header, as the user wrote it. One that is not given has no
// place.
type entry struct {
	text  string
	place inventory.Place
}

// list is where identifiers are listed, a group's lists in the configuration file or a
// table, and the cards that they make. The cards' labels are the values of the list's own
// names, until those of all groups are known.
type list struct {
	*Group
	Report                         // its own, until the list is known to be sound
	file, sheet string             // of a table; "" for the configuration's own lists
	headings    [len(kinds)]string // the key or column that each kind is listed under
	number      int                // in Places

	cards  []Card
	names  []string // sorted
	shared []string // labels of all cards that have none of their own

	judged   [len(kinds)]judged
	repeated [len(rules)]int // rows with a number of which a rule finds several
	mistyped alike           // IMEIs with a wrong check digit
	failed   alike           // formulas of one identifier, beside the other
	rows     Rows
	lastOut  int // the last line that is left out
}

func (l *list) isTable() bool { return l.file != "" }

// newList returns a list without cards, which can have the group's labels and those
// of the columns.
func (g *Group) newList(name string, headings [len(kinds)]string, columns []labelColumn) *list {
	names := slices.Collect(maps.Keys(g.Labels))
	for _, c := range columns {
		names = append(names, c.name)
	}
	slices.Sort(names)
	l := &list{Group: g, headings: headings, names: slices.Compact(names)}
	l.shared = make([]string, len(l.names))
	for i, name := range l.names {
		l.shared[i] = g.Labels[name]
	}
	g.Places = append(g.Places, name)
	g.Reader.lists = append(g.Reader.lists, l)
	g.lists = append(g.lists, l)
	l.number = len(g.Places)
	return l
}

// maxCards limits the cards of a configuration.
const maxCards = 3_000_000

// add makes a card of its identifiers, if they are valid and the card is new. If it has
// both, the ICCID is its identity.
func (l *list) add(ids [len(kinds)]entry, r row) {
	listed, valid := kindIMEI, true
	for k := range ids {
		if ids[k].place.File != "" {
			listed, valid = kind(k), l.check(kind(k), &ids[k]) && valid
		}
	}
	if !valid {
		return
	}
	imei, iccid := owned(ids[kindIMEI].text, ids[kindICCID].text)
	ids[kindIMEI].text, ids[kindICCID].text = imei, iccid
	if !l.markListed(listed, ids[listed], r) {
		return
	}
	if imei != "" {
		l.checkDevice(ids[kindIMEI], iccid != "")
	}
	at := l.placeOf(ids[listed])
	if r.notInUse != "" {
		l.out[at] = r.notInUse
	}
	l.cards = append(l.cards, Card{IMEI: imei, ICCID: iccid, Labels: r.labels, Contact: r.contact, Place: at})
}

// checkDevice warns if a card's device is already listed. byCard says that the card has an
// ICCID, and is expected in the device.
func (l *list) checkDevice(imei entry, byCard bool) {
	others := l.devices
	if byCard {
		if twin, again := l.devices[imei.text]; again {
			l.Warn(imei.place, "another card is expected in the device %s as well, at %s; only one of them can be there", imei.text, l.Places.Text(twin))
		} else {
			l.devices[imei.text] = l.placeOf(imei)
		}
		if others = l.listed; !l.anyIMEI { // which saves looking for each of a million
			return
		}
	}
	if twin, again := others[imei.text]; again {
		l.Warn(imei.place, "the device %s is listed at %s too, once by its IMEI and once by its card: they are one card, of the first mention, if the platform says so too; two shards may divide them", imei.text, l.Places.Text(twin))
	}
}

// check repairs id. If it is not of that kind then, it returns false: the row of a table is
// left out, and an entry of the configuration is a mistake.
func (l *list) check(k kind, id *entry) bool {
	written := id.text
	id.text = kinds[k].repair(written)
	j := &l.judged[k]
	j.cells++
	if remark := k.problem(id.text, l.headings[1-k]); remark != nil {
		j.bad(id.place, remark)
		remark = l.under(k, remark)
		if l.isTable() {
			l.leaveOut(id.place, remark)
		} else {
			l.Problem(id.place, "%s%s", remark, l.hint(written))
		}
		return false
	}
	if k == kindIMEI && !hasCheckDigit(id.text) {
		l.mistyped.add(id.place, mistyped, id.text, luhnDigit(id.text))
		if isForeign(id.text) {
			j.bad(id.place, &Remark{Reason: Text{English: id.text + " has a wrong check digit, and no IMEI begins like it"}})
		}
	}
	return true
}

// leaveOut notes a row of a table that is no card, once.
func (l *list) leaveOut(at inventory.Place, remark *Remark) {
	if at.Line == l.lastOut {
		return
	}
	l.lastOut = at.Line
	if l.rows.Invalid++; len(l.rows.First) < MaxInvalidRows {
		l.rows.First = append(l.rows.First, InvalidRow{File: l.file, Sheet: l.sheet, Line: at.Line, Cell: at.Cell(), Remark: *remark})
	}
	l.LeftOut.add(at, "%s", remark)
}

// under returns a remark with the key or column of a kind in front.
func (l *list) under(k kind, remark *Remark) *Remark {
	return &Remark{Text{l.headings[k] + ": " + remark.Reason.English, l.headings[k] + "：" + remark.Reason.Chinese}, remark.Do}
}

// markListed notes an identifier. If it is already listed, it warns and returns
// false.
func (l *list) markListed(k kind, id entry, r row) bool {
	key := strings.ToUpper(id.text)
	first, again := l.listed[key]
	if !again {
		if len(l.listed) == maxCards {
			l.Problem(id.place, "the configuration has more than %d cards: divide it between several exporters", maxCards)
			return false
		}
		l.listed[key] = l.placeOf(id)
		l.anyIMEI = l.anyIMEI || k == kindIMEI
		return true
	}
	from := l.Reader.lists[first>>(lineBits+columnBits)-1]
	if k == kindICCID && from == l && l.isTable() && isDigits(id.text) {
		for i, rule := range rules {
			if rule.looks(id.text) {
				l.repeated[i]++
				remark := lost(id.text, rule.english+", and it is listed before: its last digits are lost", rule.chinese+"，而且已经出现过：末几位已丢失")
				l.judged[k].bad(id.place, remark)
				l.leaveOut(id.place, l.under(k, remark))
				return false
			}
		}
	}
	if l.rows.Repeated++; r.notInUse == "" { // any mention that is in use counts
		delete(l.out, first)
	}
	l.Warn(id.place, "%s %s is already listed at %s in group %s%s; this mention is dropped", kinds[k].name, id.text, l.Places.Text(first), Quote(from.Name), l.difference(from, first, r.labels))
	return false
}

// difference says in what the labels of two mentions of a card differ, "" if in nothing.
func (l *list) difference(from *list, first Place, labels []string) string {
	i, found := slices.BinarySearchFunc(from.cards, first, func(c Card, at Place) int { return cmp.Compare(c.Place, at) })
	if !found {
		return ""
	}
	for n, name := range l.names {
		m, both := slices.BinarySearch(from.names, name)
		if both && labels[n] != from.cards[i].Labels[m] && labels[n] != "" {
			return fmt.Sprintf(" with another %s, %s and not %s", name, Quote(from.cards[i].Labels[m]), Quote(labels[n]))
		}
	}
	return ""
}

// finish judges the list as a whole, and hands on what is to be reported.
func (l *list) finish() {
	l.checkDamage()
	l.checkLooks()
	isRefused := false
	for k := range l.judged {
		isRefused = l.checkColumn(kind(k)) || isRefused
	}
	if isRefused {
		l.LeftOut, l.Warnings, l.rows = Findings{}, Findings{}, Rows{}
	}
	l.Group.merge(&l.Report)
	rows := &l.Rows
	rows.Invalid += l.rows.Invalid
	rows.Unidentified += l.rows.Unidentified
	rows.Repeated += l.rows.Repeated
	rows.Unread += l.rows.Unread
	rows.First = append(rows.First, l.rows.First[:min(len(l.rows.First), MaxInvalidRows-len(rows.First))]...)
}

// align gives the cards the values of all label names.
func (l *list) align(names []string) {
	if slices.Equal(l.names, names) {
		return
	}
	to := make([]int, len(l.names))
	for i, name := range l.names {
		to[i], _ = slices.BinarySearch(names, name)
	}
	expand := func(labels []string) []string {
		expanded := make([]string, len(names))
		for i, label := range labels {
			expanded[to[i]] = label
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

// isShared reports whether labels are those that the cards of the list share, and no copy.
func (l *list) isShared(labels []string) bool {
	return len(labels) == 0 || &labels[0] == &l.shared[0]
}
