package cards

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"simcard_exporter/config/inventory"
)

// Reader makes the cards of a configuration, group by group. A card that is listed twice,
// in one group or in two, is only where it is listed first.
type Reader struct {
	*Report
	Places Places // of all cards

	hint    func(text string) string
	listed  map[string]Place  // by IMEI or ICCID in capitals, whose lengths keep them apart
	anyIMEI bool              // whether a card without an ICCID is listed
	devices map[string]Place  // by IMEI: the first card that is expected in it
	out     map[Place]string  // cards that are not in use, and the value that says so
	read    map[string]*Group // by the Name of a table: the group that has read it
	unread  []unread
	groups  []*Group
	lists   []*list           // by the number in a Place, less 1
	texts   map[string]string // of labels, so that equal ones are one
}

// NewReader returns a Reader that reports to report. hint returns what to add to the
// mistake of an entry of a configuration's lists, "" for nothing.
func NewReader(report *Report, hint func(text string) string) *Reader {
	return &Reader{Report: report, hint: hint, listed: make(map[string]Place), devices: make(map[string]Place), out: make(map[Place]string), read: make(map[string]*Group), texts: make(map[string]string)}
}

// Group is what a group's lists and files hold.
type Group struct {
	*Reader
	Name     string
	Place    inventory.Place
	Labels   map[string]string // of all cards; a row's own value wins
	NotInUse []string          // values of the column in_use

	Cards    []Card // complete once Reader.Finish has returned
	Rows     Rows
	notInUse map[string]string // the values of NotInUse by their folded form
	mapping  columnMapping
	lists    []*list
	named    map[string]string // the headers of columns, by the Name of a Column
}

// Rows says what became of the rows of a group's card files that are no cards.
type Rows struct {
	Invalid      int            // rows that cannot be a card
	First        []InvalidRow   // the first of them, at most MaxInvalidRows
	Unidentified int            // rows without any identifier: notes, totals, terminals that wait for a card; no mistake
	Repeated     int            // rows that list a card again, and are dropped
	Unread       int            // tables that may list cards that are not known, since they are not read or seem to end early
	NotInUse     map[string]int // cards out of use, by the value of not_in_use that says so
}

// String says what became of the rows, "" if all of them are cards that are in use.
func (r *Rows) String() string {
	var parts []string
	if r.Invalid > 0 {
		parts = append(parts, count(r.Invalid, "row")+" left out")
	}
	if r.Unidentified > 0 {
		parts = append(parts, count(r.Unidentified, "row")+" without an identifier")
	}
	for _, value := range slices.Sorted(maps.Keys(r.NotInUse)) {
		parts = append(parts, fmt.Sprintf("%s not in use (%s)", count(r.NotInUse[value], "card"), value))
	}
	return strings.Join(parts, ", ")
}

// MaxInvalidRows limits how many invalid rows of a group are kept. All are counted.
const MaxInvalidRows = 1000

// InvalidRow is a row of a card file that is left out.
type InvalidRow struct {
	File  string // as the configuration finds it
	Sheet string // "" in a text file
	Line  int    // or number of the row
	Cell  string // such as B7; "" in a text file
	Remark
}

// Add begins a group, of which the exported fields up to NotInUse are filled in. columns
// says what its files' columns are.
func (r *Reader) Add(g *Group, columns []Mapping) {
	g.Reader, g.mapping = r, newColumnMapping(r.Report, columns)
	g.notInUse, g.named, g.Rows.NotInUse = make(map[string]string), make(map[string]string), make(map[string]int)
	for _, value := range g.NotInUse {
		g.notInUse[fold(value)] = value
	}
	r.groups = append(r.groups, g)
}

// fold returns the form in which values of in_use are compared.
func fold(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// AddLists makes cards of the lists imeis and iccids of a configuration file. An entry that
// is no identifier is a mistake.
func (g *Group) AddLists(file string, imeis, iccids iter.Seq2[string, inventory.Place]) {
	l := g.newList(file, [...]string{"imeis", "iccids"}, nil)
	for k, listed := range [len(kinds)]iter.Seq2[string, inventory.Place]{imeis, iccids} {
		for text, place := range listed {
			var ids [len(kinds)]entry
			ids[k] = entry{text, place}
			l.add(ids, row{labels: l.shared})
		}
	}
	l.finish()
}

// Finish checks the columns of all groups, and completes their cards. It returns the names
// of the labels of which each card then has the values, sorted, and what is known of cards
// in the order of importance.
func (r *Reader) Finish() (labelNames []string, columns []Column) {
	headers := make(map[string]string)
	for _, u := range r.unread {
		if r.read[u.table] == nil {
			r.Warn(u.place, "%s", u.text)
			if u.hasCards {
				u.group.Rows.Unread++
			}
		}
	}
	for _, g := range r.groups {
		g.checkColumns()
		g.countNotInUse()
		for _, l := range g.lists {
			labelNames = append(labelNames, l.names...)
			for _, name := range l.names { // those of the configuration alone have no header
				headers[name] = cmp.Or(headers[name], g.named[name])
			}
		}
		for name, header := range g.named {
			headers[name] = cmp.Or(headers[name], header)
		}
	}
	slices.Sort(labelNames)
	labelNames = slices.Compact(labelNames)
	for _, g := range r.groups {
		for _, l := range g.lists {
			l.align(labelNames)
			if len(g.Cards) == 0 {
				g.Cards = l.cards // and no copy of it
			} else {
				g.Cards = append(g.Cards, l.cards...)
			}
			l.cards = nil
		}
	}
	return labelNames, order(headers)
}

// countNotInUse marks the cards that are not in use. It warns if they are so many that a
// value may mean another thing.
func (g *Group) countNotInUse() {
	total, out := 0, 0
	for _, l := range g.lists {
		total += len(l.cards)
		for i := range l.cards {
			if value, ok := g.out[l.cards[i].Place]; ok {
				l.cards[i].NotInUse = true
				g.Rows.NotInUse[value]++
				out++
			}
		}
	}
	if out*5 > total {
		g.Warn(g.Place, "%d of the %d cards of group %s are not in use, by %s in the column in_use: check not_in_use",
			out, total, Quote(g.Name), strings.Join(slices.Sorted(maps.Keys(g.Rows.NotInUse)), ", "))
	}
}

// owned returns two texts that share their memory with each other alone: a cell is a part
// of its row.
func owned(a, b string) (string, string) {
	var both strings.Builder
	both.Grow(len(a) + len(b))
	both.WriteString(a)
	both.WriteString(b)
	return both.String()[:len(a)], both.String()[len(a):]
}

// intern returns a text that shares its memory with equal ones, as far as a bounded number
// of them goes, and with nothing else.
func (r *Reader) intern(text string) string {
	const maxInterned = 20_000
	if shared, ok := r.texts[text]; ok {
		return shared
	}
	text = strings.Clone(text)
	if len(r.texts) < maxInterned {
		r.texts[text] = text
	}
	return text
}
