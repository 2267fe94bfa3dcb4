package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
)

// table is a CSV file whose header has been read. The rows wait until the
// label names of all files are known.
type table struct {
	file        string
	reader      *csv.Reader
	lines       int  // of the file, so at least as many as there are rows
	width       int  // of the header, in columns
	imei, iccid int  // columns, -1 if there is none
	broken      bool // reading ended before the file did
	labels      []labelColumn
	nameless    []int // columns, which must be empty
}

type labelColumn struct {
	name   string
	column int
}

// openTable reads the header. It returns nil if no row could be read then.
func openTable(file string, data []byte, d *document) *table {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if line := notUTF8(data); line > 0 {
		d.problem(place{file, line}, `the file is not UTF-8, but probably GBK or UTF-16: in Excel or WPS, save it as "CSV UTF-8"`)
		return nil
	}
	t := &table{file: file, reader: csv.NewReader(bytes.NewReader(data)), lines: bytes.Count(data, []byte("\n")) + 1}
	t.reader.FieldsPerRecord = -1 // checked below, so that an empty row may have any number
	t.reader.ReuseRecord = true
	header := t.next(d)
	if header == nil {
		if !t.broken {
			d.problem(place{file, 1}, "the file is empty; its first row must name the columns, imei or iccid among them")
		}
		return nil
	}
	for i, name := range header {
		if lower := strings.ToLower(name); lower == "imei" || lower == "iccid" {
			header[i] = lower
		}
	}
	t.width, t.imei, t.iccid = len(header), slices.Index(header, "imei"), slices.Index(header, "iccid")
	if t.imei < 0 && t.iccid < 0 {
		hint := ""
		if t.width == 1 && strings.ContainsAny(header[0], ";\t") {
			hint = "; columns must be separated by commas, not by semicolons or tabs"
		}
		d.problem(t.at(0), "the first row must name the columns, imei or iccid among them, and it reads %s%s",
			quote(strings.Join(header, ",")), hint)
		return nil
	}
	t.readLabels(header, d)
	return t
}

// readLabels finds the columns that are labels. One whose name is wrong is
// reported and left out.
func (t *table) readLabels(header []string, d *document) {
	for i, name := range header {
		switch first := slices.Index(header, name); {
		case name == "":
			t.nameless = append(t.nameless, i)
		case first < i:
			d.problem(t.at(i), "columns %d and %d are both named %s", first+1, i+1, quote(name))
		case i == t.imei, i == t.iccid:
		default:
			if text := labelProblem(name); text != "" {
				d.problem(t.at(i), "column %d: %s", i+1, text)
			} else {
				t.labels = append(t.labels, labelColumn{name, i})
			}
		}
	}
}

// at is the line of a cell of the row that was read last.
func (t *table) at(column int) place {
	line, _ := t.reader.FieldPos(column)
	return place{t.file, line}
}

// next is the next row that is not empty, its cells trimmed, until the next
// call; nil at the end.
func (t *table) next(d *document) []string {
	for {
		row, err := t.reader.Read()
		if err != nil {
			t.end(err, d)
			return nil
		}
		filled := false
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
			filled = filled || row[i] != ""
		}
		if filled {
			return row
		}
	}
}

// end reports why there is no next row, if the file's end is not the reason.
func (t *table) end(err error, d *document) {
	var misquoted *csv.ParseError
	if t.broken = errors.As(err, &misquoted); t.broken {
		d.problem(place{t.file, misquoted.StartLine}, `in the row that begins here a quote (") is out of place or not closed, and nothing from here on was read; `+
			`a quote inside a cell is written twice, with quotes around the cell`)
	}
}

// listCards makes cards of the rows. Those without labels of their own share
// the group's.
func (t *table) listCards(g *Group, shared []string, d *document) {
	s := source{document: d, group: g.Name, file: t.file, imeis: "imei", iccids: "iccid"}
	g.Cards = slices.Grow(g.Cards, t.lines)
	empty := true
	for row := t.next(d); row != nil; row = t.next(d) {
		empty = false
		if len(row) != t.width {
			d.problem(t.at(0), "the row has %s and the first row %d; a cell that holds a comma needs quotes around it",
				count(len(row), "cell"), t.width)
			continue
		}
		t.checkNameless(row, d)
		imei, iccid := t.identifier(row, t.imei), t.identifier(row, t.iccid)
		valid := imei.Text == "" || s.validIMEI(imei)
		id := imei
		if iccid.Text != "" {
			valid = s.validICCID(iccid) && valid
			id = iccid
		}
		if id.Text == "" {
			d.problem(t.at(0), "the row has no identifier: fill in imei or iccid, or delete the row")
		} else if valid && s.firstMention(id) {
			if iccid.Text != "" && imei.Text != "" {
				s.oneCard(imei)
			}
			g.Cards = append(g.Cards, Card{imei.Text, iccid.Text, t.labelsOf(row, shared, d.cfg.LabelNames)})
		}
	}
	if empty && !t.broken {
		d.problem(place{t.file, 1}, "the file lists no cards: below the row that names the columns there is none")
	}
	s.judgeRounded()
}

// checkNameless reports each column once.
func (t *table) checkNameless(row []string, d *document) {
	t.nameless = slices.DeleteFunc(t.nameless, func(column int) bool {
		if row[column] == "" {
			return false
		}
		d.problem(t.at(column), "column %d holds %s, but the first row does not name this column", column+1, quote(row[column]))
		return true
	})
}

// identifier is a cell, or empty if there is no such column.
func (t *table) identifier(row []string, column int) Entry {
	if column < 0 {
		return Entry{}
	}
	return Entry{row[column], t.at(column).line}
}

// labelsOf is shared, or a copy in which the row's own labels replace the
// group's.
func (t *table) labelsOf(row, shared, names []string) []string {
	labels := shared
	for _, l := range t.labels {
		if row[l.column] == "" {
			continue
		}
		if &labels[0] == &shared[0] {
			labels = slices.Clone(shared)
		}
		i, _ := slices.BinarySearch(names, l.name)
		labels[i] = row[l.column]
	}
	return labels
}
