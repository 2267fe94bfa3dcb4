package cards

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"simcard_exporter/config/inventory"
)

// maxTitles is how many rows, such as a title, may stand above the header.
const maxTitles = 20

// uncalculated is said of a formula without a value.
const uncalculated = "the cell has a formula without a value, as programs write it that calculate nothing: open the file in Excel, WPS or LibreOffice, and save it"

// ReadFile makes cards of the rows of a file's tables: of the first with a header, and of
// those whose identifier columns have the same headers.
func (g *Group) ReadFile(tables []*inventory.Table) {
	var first, empty *table // with a header
	var passed, headless []*table
	for _, sheet := range tables {
		for _, text := range sheet.Warnings {
			g.Warn(inventory.Place{File: sheet.Name}, "%s", text)
		}
		t, named := &table{Group: g, sheet: sheet, like: first}, len(g.mapping.leftOut)
		t.readRows()
		switch {
		case t.isUnlike:
			passed = append(passed, t)
		case t.header == nil:
			headless = append(headless, t)
		case first == nil && (len(t.list.cards) > 0 || t.list.rows.Invalid > 0 || t.isBroken):
			first = t
		case first == nil: // which explains columns, perhaps
			empty = t
			g.mapping.leftOut = g.mapping.leftOut[:named]
		}
	}
	if first == nil && empty == nil {
		g.reportNoHeader(headless)
		return
	}
	for _, t := range headless {
		if t.top != nil && !t.isBroken {
			g.Warn(t.top.Place(0), "the sheet is not read: no column of it has a header that means IMEI or ICCID")
		}
	}
	for _, t := range passed {
		g.Warn(t.header.Place(0), "the sheet is not read: the headers of its identifiers are not those of the sheet %s; name it under files as well, as FILE.xlsx#SHEET, if its cards are wanted", Quote(first.sheet.Sheet))
	}
}

// reportNoHeader reports a file in which no table has a header.
func (g *Group) reportNoHeader(tables []*table) {
	const wanted = "one column must be called imei or iccid, or by another name for them, such as 设备号 or 卡号, or be mapped under columns"
	for _, t := range tables {
		switch {
		case t.isBroken:
			return // which is reported
		case t.formula != nil:
			g.Problem(*t.formula, uncalculated)
			return
		case t.top != nil:
			texts := t.top.Texts()
			hint := ""
			if len(texts) == 1 && strings.Contains(texts[0], "，") {
				hint = "; a full-width comma separates no columns"
			}
			g.Problem(t.top.Place(0), "no header found: %s; the first row reads %s%s", wanted, Quote(strings.Join(texts, ",")), hint)
			return
		}
	}
	g.Problem(inventory.Place{File: tables[0].sheet.File()}, "the file is empty; it needs a header with imei or iccid, and a row for each card")
}

// table makes cards of the rows of a sheet or text file.
type table struct {
	*Group
	sheet *inventory.Table
	like  *table // that has the headers to expect, nil if there is none

	top      *inventory.Row   // the first row, if it is not the header
	formula  *inventory.Place // of the first one without a value above the header
	header   *inventory.Row
	isBroken bool // and reported
	isUnlike bool

	list *list
	columns
	noted map[int]bool // columns of which something has been said
}

func (t *table) readRows() {
	titles := 0
rows:
	for r, err := range t.sheet.Rows() {
		var unreadable *inventory.Error
		switch {
		case errors.As(err, &unreadable):
			t.Problem(unreadable.Place, "%s", unreadable.Text)
			t.isBroken = true
		case t.list != nil:
			t.addRow(r)
		case t.mapping.identifiersIn(r) != noIdentifiers && !holdsIdentifier(r):
			// Two rows can look like the header: one over groups of columns, and
			// below it that of the columns. The lower one counts.
			t.header = r.Clone()
		case t.header != nil:
			if t.begin(); t.isUnlike {
				return
			}
			t.addRow(r)
		case titles == maxTitles:
			break rows
		default:
			titles++
			t.pass(r)
		}
		if t.isBroken {
			break
		}
	}
	if t.header != nil && t.list == nil {
		t.begin()
	}
	if t.list == nil {
		return
	}
	if t.list.finish(); len(t.list.cards) == 0 && t.list.rows.Invalid == 0 && !t.isBroken && t.like == nil {
		t.Warn(t.header.Place(0), "the file lists no cards: there is no row with an identifier below the header")
	}
}

// pass passes over a row above the header, and notes what to say if there is no header.
func (t *table) pass(r inventory.Row) {
	if t.top == nil {
		t.top = r.Clone()
	}
	for column := 0; t.formula == nil && column < r.Width(); column++ {
		if _, note := r.Shown(column); note == inventory.Uncalculated {
			t.formula = new(r.Place(column))
		}
	}
}

// begin takes the columns from the header, unless it is unlike that of the first sheet.
func (t *table) begin() {
	if t.like != nil && !maps.Equal(t.identifierHeaders(), t.like.identifierHeaders()) {
		t.isUnlike = true
		return
	}
	t.columns = t.mapping.columnsOf(t.Report, *t.header)
	var headings [len(kinds)]string
	for k, column := range t.identifiers {
		headings[k] = kinds[k].column
		if column >= 0 {
			headings[k] = t.headers[column]
		}
	}
	t.noted = make(map[int]bool)
	t.list = t.newList(t.sheet.Name, headings, t.labels)
	t.list.file, t.list.sheet = t.sheet.File(), t.sheet.Sheet
	t.list.cards = make([]Card, 0, min(t.sheet.Lines, maxCards))
	if len(t.listed) == 0 {
		t.listed = make(map[string]Place, cap(t.list.cards))
		t.devices = make(map[string]Place, cap(t.list.cards))
	}
	note := func(name string, column int) {
		if column >= 0 {
			t.named[name] = cmp.Or(t.named[name], t.headers[column])
		}
	}
	for _, l := range t.labels {
		note(l.name, l.column)
	}
	for i, column := range t.contact {
		note(contacts[i], column)
	}
}

// identifierHeaders returns the headers of the identifiers, by kind.
func (t *table) identifierHeaders() map[int]string {
	headers := make(map[int]string)
	for k, column := range t.mapping.identifiersIn(*t.header) {
		if column >= 0 {
			text, _ := t.header.Shown(column)
			headers[k] = plainHeader(normalizeHeader(text))
		}
	}
	return headers
}

// addRow makes a card of a row if it is valid and new.
func (t *table) addRow(r inventory.Row) {
	if !t.checkNameless(r) {
		return
	}
	var ids [len(kinds)]entry
	for k, column := range t.identifiers {
		if column < 0 {
			continue
		}
		if _, note := r.Shown(column); note == inventory.Uncalculated {
			t.Problem(r.Place(column), uncalculated)
			t.isBroken = true
			return
		}
		if value := r.Value(column); !isBlank(value) && !isNote(value) {
			ids[k] = entry{value, r.Place(column)}
		}
	}
	if ids == [len(kinds)]entry{} {
		if column := t.astray(r); column >= 0 {
			text, _ := r.Shown(column)
			t.list.leaveOut(r.Place(column), &Remark{
				Text{Quote(text) + " holds an identifier, and the column of identifiers is empty", Quote(text) + " 中有号码，但号码列是空的"},
				Text{"move it to its column; a row must not be in quotes as a whole", "移到对应的列；不要给整行加引号"},
			})
			return
		}
		t.list.rows.Unidentified++
		return
	}
	about := row{labels: t.labelsOf(r), contact: t.contactOf(r)}
	if t.inUse >= 0 {
		about.notInUse = t.notInUse[fold(t.shown(r, t.inUse))]
	}
	if !t.isBroken {
		t.list.add(ids, about)
	}
}

// labelsOf returns the labels that the list's cards share, or a copy in which the
// row's values replace the group's.
func (t *table) labelsOf(r inventory.Row) []string {
	labels := t.list.shared
	for _, l := range t.labels {
		value := t.shown(r, l.column)
		if value == "" {
			continue
		}
		if t.list.isShared(labels) {
			labels = slices.Clone(labels)
		}
		to, _ := slices.BinarySearch(t.list.names, l.name)
		labels[to] = t.intern(value)
	}
	return labels
}

func (t *table) contactOf(r inventory.Row) *Contact {
	var values [len(contacts)]string
	for i, column := range t.contact {
		if column >= 0 {
			values[i] = t.shown(r, column)
		}
	}
	if len(values[1]) == 13 && isDigits(values[1]) && !strings.HasPrefix(values[1], "86") {
		values[1] = "" // the number of a SIM
	}
	if values == [len(contacts)]string{} {
		return nil
	}
	number, street := owned(values[1], values[2])
	return &Contact{t.intern(values[0]), number, street}
}

// shown returns what a cell shows, "" if it is empty or holds what people write for that.
// What it should say but cannot is a warning, once a column.
func (t *table) shown(r inventory.Row, column int) string {
	text, note := r.Shown(column)
	warn := func(format string) {
		if !t.noted[column] {
			t.noted[column] = true
			t.list.Warn(r.Place(column), format, Quote(t.headers[column]), Quote(text))
		}
	}
	switch note {
	case inventory.Uncalculated:
		if !t.isBroken {
			t.Problem(r.Place(column), uncalculated)
		}
		t.isBroken = true
		return ""
	case inventory.Failed:
		warn("the column %s has a formula that fails: %s; such cells are taken as empty")
		return ""
	case inventory.OtherFormat:
		warn("the column %s has a number format that is not known here; the number is taken as it is stored, %s")
	}
	if isBlank(text) {
		return ""
	}
	return cleanLabel(text)
}

// checkNameless warns of each column that holds a value but has no header. In a text
// file, cells behind the last header cost the row, since an extra comma shifts the cells
// behind it: then it returns false.
func (t *table) checkNameless(r inventory.Row) bool {
	if !r.InSheet() && r.Width() > t.header.FullWidth() {
		more := fmt.Sprintf("%d cells, and the header has %d", r.Width(), t.header.FullWidth())
		t.list.leaveOut(r.Place(0), &Remark{
			Text{"the row has " + more, fmt.Sprintf("该行有 %d 格，表头只有 %d 格", r.Width(), t.header.FullWidth())},
			Text{"a cell that holds a comma needs quotes around it", "含有逗号的单元格要加引号"},
		})
		return false
	}
	for column := range r.Width() {
		if (column >= len(t.headers) || t.headers[column] == "") && r.IsFilled(column) && !t.noted[column] {
			t.noted[column] = true
			text, _ := r.Shown(column)
			t.list.Warn(r.Place(column), "the column holds %s, but has no header; it is left out", Quote(text))
		}
	}
	return true
}

// holdsIdentifier reports whether a cell of a row is an identifier: then it is no header.
func holdsIdentifier(r inventory.Row) bool {
	for column := range r.Width() {
		for _, k := range kinds {
			if k.is(k.repair(r.Value(column))) {
				return true
			}
		}
	}
	return false
}

// astray returns the column of a row in which an identifier of a kind that the table has is
// in the wrong place, -1 if there is none.
func (t *table) astray(r inventory.Row) int {
	for column := range r.Width() {
		if k := identifierIn(clean(r.Value(column))); k >= 0 && t.identifiers[k] >= 0 {
			return column
		}
	}
	return -1
}
