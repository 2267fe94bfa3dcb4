package config

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"simcard_exporter/config/inventory"
)

// maxTitles is how many rows, such as a title, may stand above the header.
const maxTitles = 20

// readTable makes cards of a table's rows, and reports the mistakes in it.
func (d *decoder) readTable(g *Group, t *inventory.Table) {
	for _, text := range t.Warnings {
		d.warn(inventory.Place{File: t.Name}, "%s", text)
	}
	var header, first *inventory.Row // first: the first row, if it is not the header
	var f *cardFile
	titles, cutShort := 0, false
rows:
	for row, err := range t.Rows() {
		switch {
		case d.unreadable(err):
			cutShort = true
			break rows
		case f != nil:
			f.addRow(row)
		case g.mapping.identifierColumns(row) != noIdentifiers:
			// Two rows can look like the header: one over groups of columns, and
			// below it that of the columns. The lower one counts.
			header = row.Clone()
		case header != nil:
			f = d.newCardFile(g, t.Name, *header)
			f.addRow(row)
		case titles == maxTitles:
			break rows
		default:
			if titles++; titles == 1 {
				first = row.Clone()
			}
		}
	}
	switch {
	case f != nil:
		f.checkDamage()
		g.lists = append(g.lists, f.cardList)
	case header != nil:
		d.newCardFile(g, t.Name, *header) // for the mistakes in the header
		if !cutShort {
			d.problem(header.Place(0), "the file lists no cards: there is no row below the header")
		}
	case first != nil:
		d.problem(first.Place(0), "no header found: one column must be called imei or iccid, or by another name for them, such as 设备号 or 卡号, or be mapped under columns; the first row reads %s",
			quote(strings.Join(first.Cells(), ",")))
	case !cutShort:
		d.problem(inventory.Place{File: t.Name}, "the file is empty; it needs a header with imei or iccid, and a row for each card")
	}
}

// unreadable reports an error of the inventory, and whether there is one.
func (d *decoder) unreadable(err error) bool {
	var unreadable *inventory.Error
	if !errors.As(err, &unreadable) {
		return false
	}
	d.problem(unreadable.Place, "%s", unreadable.Text)
	return true
}

// cardFile makes cards of the rows of a table whose columns are known.
type cardFile struct {
	*cardList
	columns
}

func (d *decoder) newCardFile(g *Group, name string, header inventory.Row) *cardFile {
	c := d.columnsOf(header, &g.mapping)
	var headings [len(kinds)]string
	for k := range kinds {
		headings[k] = cmp.Or(header.Cell(c.identifiers[k]), kinds[k].column)
	}
	f := &cardFile{cardList: d.newCardList(g, name, headings, c.labels), columns: c}
	f.isCardFile = true
	return f
}

// addRow makes a card of a row if it is valid and new.
func (f *cardFile) addRow(row inventory.Row) {
	f.checkNameless(row)
	var ids [len(kinds)]entry
	for k, column := range f.identifiers {
		if column >= 0 && !isBlank(row.Cell(column)) {
			ids[k] = entry{row.Cell(column), row.Place(column)}
		}
	}
	if ids == [len(kinds)]entry{} {
		f.problem(row.Place(0), "the row has no identifier: fill in imei or iccid, or delete the row")
		return
	}
	f.add(ids, f.labelsOf(row))
}

// labelsOf returns the labels that the list's cards share, or a copy in which the
// row's values replace the group's.
func (f *cardFile) labelsOf(row inventory.Row) []string {
	labels := f.shared
	for _, l := range f.labels {
		value := row.Cell(l.column)
		if isBlank(value) {
			continue
		}
		if f.isShared(labels) {
			labels = slices.Clone(labels)
		}
		to, _ := slices.BinarySearch(f.names, l.name)
		labels[to] = value
	}
	return labels
}

// checkNameless reports each column that holds a value but has no header. In a
// text file that is a mistake, since an extra comma shifts the cells behind it.
func (f *cardFile) checkNameless(row inventory.Row) {
	for column := range row.Width() {
		if column == len(f.named) {
			f.named = append(f.named, false)
		}
		if f.named[column] || row.Cell(column) == "" {
			continue
		}
		f.named[column] = true // to report it once
		if at, value := row.Place(column), quote(row.Cell(column)); row.InSheet() {
			f.warn(at, "the column holds %s, but has no header; it is left out", value)
		} else {
			f.problem(at, "column %d holds %s, but has no header; a cell that holds a comma needs quotes around it", column+1, value)
		}
	}
}
