package cards

import (
	"regexp"
	"slices"
	"strings"

	"simcard_exporter/config/inventory"
)

// What a column can be beside an identifier and a label that the user names.
const (
	inUse   = "in_use"
	contact = "contact"
	phone   = "phone"
	address = "address"
)

// Mapping is what a group says of a header in its files.
type Mapping struct {
	Header string
	Target string // imei, iccid, in_use, the name of a label, or "" to leave the column out
	Place  inventory.Place
}

// columnMapping is what a group says about the columns of its files, and the headers about
// which nothing is known.
type columnMapping struct {
	columns map[string]*mapped // by normalized header
	leftOut []entry            // headers of columns that are left out unasked
}

// mapped is a Mapping, and whether any file has such a column.
type mapped struct {
	Mapping
	isUsed bool
}

// newColumnMapping checks a group's key columns.
func newColumnMapping(report *Report, columns []Mapping) columnMapping {
	m := columnMapping{columns: make(map[string]*mapped)}
	for _, c := range columns {
		key := normalizeHeader(c.Header)
		if first, again := m.columns[key]; again {
			report.Problem(c.Place, "columns: the header %s is already there at line %d", Quote(c.Header), first.Place.Line)
			continue
		}
		m.columns[key] = &mapped{Mapping: c}
		if text := LabelProblem(c.Target); text != "" && c.Target != "" && c.Target != inUse && kindNamed(c.Target) < 0 {
			report.Problem(c.Place, `columns: %s; a column can also be imei, iccid, in_use or "", which leaves it out`, text)
		}
	}
	return m
}

// kindNamed returns the kind that a target of a column means, -1 if none.
func kindNamed(target string) kind {
	return kind(slices.IndexFunc(kinds[:], func(k kindOf) bool { return k.column == target }))
}

// meaning returns what a header means, an empty target if nothing.
func (m *columnMapping) meaning(header string) meaning {
	h := normalizeHeader(header)
	if c := m.columns[h]; c != nil {
		return meaning{c.Target, -1}
	}
	h = plainHeader(h)
	if found := meaningOf(explanation.ReplaceAllString(h, "")); found.target != "" && kindNamed(found.target) < 0 {
		return found
	}
	if found := meaningOf(h); found.target != "" {
		return found
	}
	var named meaning // 设备号（IMEI）, IMEI/串号, but not a title that names both
	for _, piece := range strings.FieldsFunc(h, func(r rune) bool { return strings.ContainsRune("/|()[]【】", r) }) {
		found := meaningOf(piece)
		switch {
		case kindNamed(found.target) < 0:
		case named.target != "" && named.target != found.target:
			return meaning{}
		case named.target == "" || found.rank < named.rank:
			named = meaning{found.target, 1 + found.rank}
		}
	}
	return named
}

// explanation matches what people add to a header in brackets.
var explanation = regexp.MustCompile(`[(\[【][^)\]】]*[)\]】]?`)

// columns are the columns of a table.
type columns struct {
	identifiers [len(kinds)]int    // counted from 0; -1 if there is none
	inUse       int                // -1 if there is none
	contact     [len(contacts)]int // in the order of contacts; -1 if there is none
	labels      []labelColumn
	headers     []string // as the file has them, "" where there is none
}

// labelColumn is a column whose values are those of a label.
type labelColumn struct {
	name   string
	column int
}

// noIdentifiers is what identifierColumns returns for a row that is no header.
var noIdentifiers = [len(kinds)]int{-1, -1}

// clearest returns the columns of a header by what they mean most clearly; those that mean
// nothing, or less clearly than another, are not there.
func (m *columnMapping) clearest(headers []string) map[string]int {
	found := make(map[string]int)
	ranks := make(map[string]int)
	for column, text := range headers {
		c := m.meaning(text)
		if _, again := found[c.target]; c.target != "" && (!again || c.rank < ranks[c.target]) {
			found[c.target], ranks[c.target] = column, c.rank
		}
	}
	return found
}

// identifierColumns returns the columns of a row whose texts mean an identifier most clearly.
func (m *columnMapping) identifierColumns(row inventory.Row) [len(kinds)]int {
	return identifiersOf(m.clearest(row.Texts()))
}

// identifiersOf returns the columns of identifiers among those of a header, by kind.
func identifiersOf(clearest map[string]int) [len(kinds)]int {
	columns := noIdentifiers
	for k := range kinds {
		if column, ok := clearest[kinds[k].column]; ok {
			columns[k] = column
		}
	}
	return columns
}

// columnsOf returns the columns that a header names, and notes those that are left out.
func (m *columnMapping) columnsOf(report *Report, row inventory.Row) columns {
	c := columns{headers: row.Texts(), inUse: -1, contact: [len(contacts)]int{-1, -1, -1}}
	clearest := m.clearest(c.headers)
	c.identifiers = identifiersOf(clearest)
	if column, ok := clearest[inUse]; ok {
		c.inUse = column
	}
	seen := make(map[string]int) // columns by header
	for i, text := range c.headers {
		if text == "" {
			continue
		}
		h, at := normalizeHeader(text), row.Place(i)
		by := m.columns[h]
		if by != nil {
			by.isUsed = true
		}
		meant := m.meaning(text)
		if first, again := seen[h]; again && (by == nil || by.Target != "") {
			report.Warn(at, "columns %d and %d are both named %s; the first one counts", first+1, i+1, Quote(text))
			continue
		}
		seen[h] = i
		isClearest := meant.target != "" && clearest[meant.target] == i
		person := slices.Index(contacts[:], meant.target)
		switch {
		case by != nil && by.Target == "":
		case by != nil && !isClearest:
			report.Warn(at, "the columns %s and %s are both %s; the first one counts", Quote(c.headers[clearest[meant.target]]), Quote(text), meant.target)
		case !isClearest:
			m.leftOut = append(m.leftOut, entry{text, at})
		case meant.target == inUse || kindNamed(meant.target) >= 0:
		case by == nil && person >= 0: // no label, unless the user says so
			c.contact[person] = i
		default:
			c.labels = append(c.labels, labelColumn{meant.target, i})
		}
	}
	return c
}

// contacts are the columns about people, in the order of the fields of [Contact].
var contacts = [3]string{contact, phone, address}
