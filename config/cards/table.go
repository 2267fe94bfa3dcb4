package cards

import (
	"cmp"
	"errors"
	"maps"
	"strings"

	"simcard_exporter/config/inventory"
)

// maxTitles is how many rows, such as a title, may stand above the header.
const maxTitles = 20

// uncalculated is said of a formula without a value.
const uncalculated = "the cell has a formula without a value, as programs write it that calculate nothing: open the file in Excel, WPS or LibreOffice, and save it"

// unread is a sheet that is not read, unless files name it as well.
type unread struct {
	finding
	group    *Group
	table    string
	hasCards bool // probably
}

// ReadFile makes cards of the rows of a file's tables, for which at is the place of the
// file's name: of the first with a header, and of those whose identifier columns have the
// same headers. Tables that are read already are passed over.
func (g *Group) ReadFile(tables []*inventory.Table, at inventory.Place) {
	var first, empty, hidden *table // with a header
	var headless []*table
	isRead := false
	notRead := func(t *table, r *inventory.Row, hasCards bool, why string) {
		g.unread = append(g.unread, unread{finding{r.Place(0), "the sheet is not read: " + why}, g, t.sheet.Name, hasCards})
	}
	for _, sheet := range tables {
		if by := g.read[sheet.Name]; by != nil {
			isRead = true
			if by != g {
				g.Warn(at, "files: %s is already read for group %s; it is not read again", Quote(sheet.Name), Quote(by.Name))
			}
			continue
		}
		for _, text := range sheet.Warnings {
			g.Warn(inventory.Place{File: sheet.Name}, "%s", text)
		}
		t, leftOut := &table{Group: g, sheet: sheet, like: first}, len(g.mapping.leftOut)
		t.readRows()
		const ifWanted = "name it under files as well, as FILE.xlsx#SHEET, if its cards are wanted"
		switch {
		case t.header == nil && !sheet.IsHidden:
			headless = append(headless, t)
		case t.header == nil:
		case sheet.IsHidden:
			hidden = t
			notRead(t, t.header, true, "it is hidden, and has a header; "+ifWanted)
		case t.isUnlike:
			notRead(t, t.header, true, "the headers of its identifiers are not those of the sheet "+Quote(first.sheet.Sheet)+"; "+ifWanted)
		case first == nil && (len(t.list.cards) > 0 || t.list.rows.Invalid > 0 || t.isBroken):
			first = t
		case first == nil: // which explains columns, perhaps
			empty = t
			g.mapping.leftOut = g.mapping.leftOut[:leftOut]
		}
	}
	switch {
	case first != nil || empty != nil || isRead:
	case hidden != nil:
		g.Problem(hidden.header.Place(0), "the sheet is hidden, and no other has a header: name it under files, as FILE.xlsx#SHEET, or show it")
		return
	default:
		g.reportNoHeader(headless)
		return
	}
	for _, t := range headless {
		if t.top != nil && !t.isBroken {
			notRead(t, t.top, t.hasCards, "no column of it has a header that means IMEI or ICCID")
		}
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
	g.Problem(inventory.Place{File: tables[0].sheet.File}, "the file is empty; it needs a header with imei or iccid, and a row for each card")
}

// table makes cards of the rows of a sheet or text file.
type table struct {
	*Group
	sheet *inventory.Table
	like  *table // that has the headers to expect, nil if there is none

	top      *inventory.Row   // the first row, if it is not the header
	hasCards bool             // identifiers without a header
	formula  *inventory.Place // of the first one without a value above the header
	header   *inventory.Row
	isBroken bool // and reported
	isUnlike bool

	list *list
	columns
	noted map[int]bool // columns of which something has been said
}

// readRows looks for the header, and makes cards of the rows below it.
func (t *table) readRows() {
	titles, last, isShort := 0, 0, false
rows:
	for r, err := range t.sheet.Rows() {
		var unreadable *inventory.Error
		switch {
		case errors.As(err, &unreadable):
			if t.isBroken = true; !t.sheet.IsHidden {
				t.Problem(unreadable.Place, "%s", unreadable.Text)
			}
		case t.list != nil:
			last, isShort = r.Place(0).Line, r.FullWidth() < t.header.FullWidth()
			t.addRow(r)
		case t.mapping.identifierColumns(r) != noIdentifiers && !holdsIdentifier(r):
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
	rows := &t.list.rows
	if t.sheet.IsUnended {
		if rows.Unread++; t.list.lastOut >= last || isShort {
			rows.Unread++
		}
	}
	if len(t.list.cards) == 0 && rows.Invalid == 0 && !t.isBroken && t.like == nil {
		rows.Unread++
		t.Warn(t.header.Place(0), "the file lists no cards: there is no row with an identifier below the header")
	}
	t.list.finish()
}

// pass passes over a row above the header, and notes what to say if there is no header.
func (t *table) pass(r inventory.Row) {
	if t.top == nil {
		t.top = r.Clone()
	}
	t.hasCards = t.hasCards || holdsIdentifier(r)
	for column := 0; t.formula == nil && column < r.Width(); column++ {
		if _, note := r.Shown(column); note == inventory.Uncalculated {
			t.formula = new(r.Place(column))
		}
	}
}

// begin takes the columns from the header, unless the sheet is hidden or its header unlike
// that of the first.
func (t *table) begin() {
	if t.sheet.IsHidden || t.like != nil && !maps.Equal(t.identifierHeaders(), t.like.identifierHeaders()) {
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
	t.read[t.sheet.Name] = t.Group
	t.noted = make(map[int]bool)
	t.list = t.newList(t.sheet.Name, headings, t.labels)
	t.list.file, t.list.sheet = t.sheet.File, t.sheet.Sheet
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
	for k, column := range t.mapping.identifierColumns(*t.header) {
		if column >= 0 {
			text, _ := t.header.Shown(column)
			headers[k] = plainHeader(normalizeHeader(text))
		}
	}
	return headers
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
