// Package inventory reads card files, the tables in which people keep their
// terminals: a file in, rows of text with their places out. What the cells mean
// is up to the caller.
//
// A file is a workbook (.xlsx) or a text file (.csv), whatever its name says.
// Text may be UTF-8, UTF-16 or GB18030, with commas, semicolons or tabs between
// columns and any system's line endings.
package inventory

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

const (
	// MaxFileSize limits the size of a card file, in bytes.
	MaxFileSize = 256 << 20

	// MaxRows limits the rows of a table.
	MaxRows = 2_000_000

	// maxColumns limits the cells of a row.
	maxColumns = 1000
)

// Place is a line of a text file or a cell of a sheet.
type Place struct {
	File   string // with the sheet, as in 终端.xlsx[台账]
	Line   int    // or row of a sheet, counted from 1; 0 stands for the whole file
	Column int    // of a sheet, counted from 1; 0 in a text file
}

// String returns cards.csv:7 or 终端.xlsx[台账]!B7.
func (p Place) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return p.File + ":" + strconv.Itoa(p.Line)
	default:
		return p.File + "!" + columnName(p.Column) + strconv.Itoa(p.Line)
	}
}

// Error says why a file cannot be read, or not to its end.
type Error struct {
	Place Place
	Text  string
}

func (e *Error) Error() string { return e.Place.String() + ": " + e.Text }

// Table is a text file or a sheet of a workbook. It must not be read by several
// goroutines at once.
type Table struct {
	Name     string   // for messages
	Warnings []string // about the file as a whole

	isSheet bool // its columns have letters
	read    func(yield func(Row) bool) error
}

// Open returns the table in data, whose kind shows in its content. sheet is the
// name of the sheet to read from a workbook; "" is the first that is not hidden.
// Every error is an *Error.
func Open(name, sheet string, data []byte) (*Table, error) {
	switch kind := kindOf(data); {
	case kind == workbook:
		return openWorkbook(name, sheet, data)
	case kind != text:
		return nil, &Error{Place{File: name}, string(kind)}
	case sheet != "":
		return nil, &Error{Place{File: name}, "a text file has no sheets: leave out #" + sheet}
	}
	return openText(name, data)
}

// Rows yields the rows that are not empty, from top to bottom. If the rest cannot
// be read, the last pair is an empty Row and an *Error. A row is valid until the
// next one is yielded.
func (t *Table) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rows, stopped := 0, false
		err := t.read(func(row Row) bool {
			if row.empty() {
				return true
			}
			rows++
			switch {
			case rows > MaxRows:
				stopped = true
				yield(Row{}, &Error{row.Place(0), "the file has more than " + strconv.Itoa(MaxRows) + " rows: split it"})
			case row.Width() > maxColumns && row.widthFilled() > maxColumns:
				stopped = true
				yield(Row{}, &Error{row.Place(0), "the row has more than " + strconv.Itoa(maxColumns) + " cells"})
			default:
				stopped = !yield(row, nil)
			}
			return !stopped
		})
		if err != nil && !stopped {
			yield(Row{}, err)
		}
	}
}

// Row is a row of a table, of which at least one cell is filled.
type Row struct {
	table *Table
	line  int // of the first cell
	cells []string
}

// Width returns the number of cells, of which the last ones may be empty.
func (r Row) Width() int { return len(r.cells) }

// Cell returns the text of a cell, counted from 0, without the blanks around
// it; "" if the row has no such cell.
func (r Row) Cell(column int) string {
	if column < 0 || column >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[column])
}

// Cells returns the text of all cells.
func (r Row) Cells() []string {
	cells := make([]string, len(r.cells))
	for column := range cells {
		cells[column] = r.Cell(column)
	}
	return cells
}

// Clone returns a copy of the row that stays valid.
func (r Row) Clone() *Row {
	r.cells = slices.Clone(r.cells)
	return &r
}

// InSheet reports whether the row is in a workbook, not in a text file.
func (r Row) InSheet() bool { return r.table.isSheet }

// Place returns the place of a cell, counted from 0. In a text file, a cell is
// below the first line of its row if a cell before it holds line breaks.
func (r Row) Place(column int) Place {
	if r.InSheet() {
		return Place{r.table.Name, r.line, column + 1}
	}
	line := r.line
	for _, cell := range r.cells[:min(column, len(r.cells))] {
		line += strings.Count(cell, "\n")
	}
	return Place{File: r.table.Name, Line: line}
}

func (r Row) empty() bool { return r.widthFilled() == 0 }

// widthFilled returns the number of cells up to the last that is filled.
func (r Row) widthFilled() int {
	width := len(r.cells)
	for width > 0 && r.Cell(width-1) == "" {
		width--
	}
	return width
}
