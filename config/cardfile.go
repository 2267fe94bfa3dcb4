package config

import (
	"errors"
	"slices"
	"strings"

	"simcard_exporter/config/inventory"
)

// cardFile is a card file whose first row has named the columns.
type cardFile struct {
	name        string
	header      inventory.Row
	rows        []inventory.Row // below the header
	end         error           // why there are no more rows, nil at the file's end
	imei, iccid int             // columns, -1 if there is none
	labels      []labelColumn
	nameless    []int // columns, which must be empty
}

type labelColumn struct {
	name   string
	column int
}

// openCardFile reads a file and finds its columns. It returns nil if no row
// could be read then.
func (d *decoder) openCardFile(name string, data []byte) *cardFile {
	rows, err := inventory.ReadCSV(data)
	if len(rows) == 0 {
		d.reportEnd(name, err, "the file is empty; its first row must name the columns, imei or iccid among them")
		return nil
	}
	f := &cardFile{name: name, header: rows[0], rows: rows[1:], end: err}
	header := make([]string, f.header.Width())
	for i := range header {
		header[i] = f.header.Cell(i)
		if lower := strings.ToLower(header[i]); lower == "imei" || lower == "iccid" {
			header[i] = lower
		}
	}
	f.imei, f.iccid = slices.Index(header, "imei"), slices.Index(header, "iccid")
	if f.imei < 0 && f.iccid < 0 {
		hint := ""
		if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
			hint = "; columns must be separated by commas, not by semicolons or tabs"
		}
		d.problem(f.at(f.header, 0), "the first row must name the columns, imei or iccid among them, and it reads %s%s",
			quote(strings.Join(header, ",")), hint)
		return nil
	}
	d.findLabels(f, header)
	return f
}

// reportEnd reports why a file has no more rows, or that it has none.
func (d *decoder) reportEnd(name string, err error, none string) {
	var unreadable *inventory.Error
	if errors.As(err, &unreadable) {
		d.problem(place{name, unreadable.Line}, "%s", unreadable.Text)
	} else if none != "" {
		d.problem(place{name, 1}, "%s", none)
	}
}

// findLabels finds the columns that are labels. One whose name is wrong is
// reported and left out.
func (d *decoder) findLabels(f *cardFile, header []string) {
	for i, name := range header {
		switch first := slices.Index(header, name); {
		case name == "":
			f.nameless = append(f.nameless, i)
		case first < i:
			d.problem(f.at(f.header, i), "columns %d and %d are both named %s", first+1, i+1, quote(name))
		case i == f.imei, i == f.iccid:
		default:
			if text := labelProblem(name); text != "" {
				d.problem(f.at(f.header, i), "column %d: %s", i+1, text)
			} else {
				f.labels = append(f.labels, labelColumn{name, i})
			}
		}
	}
}

func (f *cardFile) at(row inventory.Row, column int) place { return place{f.name, row.Line(column)} }

// identifier is a cell, or empty if there is no such column.
func (f *cardFile) identifier(row inventory.Row, column int) entry {
	if column < 0 {
		return entry{}
	}
	return entry{row.Cell(column), row.Line(column)}
}

// cardsOf makes cards of the rows. Those without labels of their own share the
// group's.
func (l *list) cardsOf(f *cardFile, shared []string) []Card {
	cards := make([]Card, 0, len(f.rows))
	nameless := f.nameless
	for _, row := range f.rows {
		if row.Width() != f.header.Width() {
			l.problem(f.at(row, 0), "the row has %s and the first row %d; a cell that holds a comma needs quotes around it",
				count(row.Width(), "cell"), f.header.Width())
			continue
		}
		nameless = l.checkNameless(f, row, nameless)
		if card, ok := l.card(f, row); ok {
			card.Labels = l.labelsOf(f, row, shared)
			cards = append(cards, card)
		}
	}
	none := ""
	if len(f.rows) == 0 {
		none = "the file lists no cards: below the row that names the columns there is none"
	}
	l.reportEnd(f.name, f.end, none)
	l.checkRounded()
	return cards
}

// card makes a card of a row, without labels, if it is valid and new.
func (l *list) card(f *cardFile, row inventory.Row) (Card, bool) {
	imei, iccid := f.identifier(row, f.imei), f.identifier(row, f.iccid)
	if imei.text == "" && iccid.text == "" {
		l.problem(f.at(row, 0), "the row has no identifier: fill in imei or iccid, or delete the row")
		return Card{}, false
	}
	valid := imei.text == "" || l.checkIMEI(imei)
	id := imei
	if iccid.text != "" {
		valid = l.checkICCID(iccid) && valid
		id = iccid
	}
	if !valid || !l.markListed(id) {
		return Card{}, false
	}
	if imei.text != "" && iccid.text != "" {
		l.warnSharedDevice(imei)
	}
	return Card{IMEI: imei.text, ICCID: iccid.text}, true
}

// checkNameless reports a value in a column without name and returns the
// columns that have not been reported yet.
func (l *list) checkNameless(f *cardFile, row inventory.Row, columns []int) []int {
	var left []int
	for _, column := range columns {
		if row.Cell(column) == "" {
			left = append(left, column)
		} else {
			l.problem(f.at(row, column), "column %d holds %s, but the first row does not name this column", column+1, quote(row.Cell(column)))
		}
	}
	return left
}

// labelsOf is shared, or a copy in which the row's own labels replace the
// group's.
func (l *list) labelsOf(f *cardFile, row inventory.Row, shared []string) []string {
	labels := shared
	for _, column := range f.labels {
		value := row.Cell(column.column)
		if value == "" {
			continue
		}
		if &labels[0] == &shared[0] {
			labels = slices.Clone(shared)
		}
		i, _ := slices.BinarySearch(l.labelNames, column.name)
		labels[i] = value
	}
	return labels
}
