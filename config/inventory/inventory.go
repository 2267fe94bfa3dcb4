// Package inventory reads card files, the tables in which people keep their
// terminals: a file in, rows of cells with their places out. What the cells mean
// is up to the caller.
//
// A file is a workbook (.xlsx) or a text file (.csv), whatever its name says.
// Text may be UTF-8, UTF-16 or GB18030, with commas, semicolons, tabs or | between
// columns and any system's line endings.
//
// A table is read to its end, or the end of its rows is an *Error: what cannot be
// read is never left out silently.
package inventory

import (
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// MaxFileSize limits the size of a card file, in bytes.
	MaxFileSize = 256 << 20

	// maxRows limits the rows of a table.
	maxRows = 2_000_000

	// maxColumns limits the cells of a row.
	maxColumns = 1000
)

// Place is a line of a text file or a cell of a sheet.
type Place struct {
	File   string // with the sheet, as in 终端.xlsx[台账]
	Line   int    // or row of a sheet, counted from 1; 0 stands for the whole file
	Column int    // of a sheet, counted from 1; 0 in a text file, and for a whole row
}

// String returns cards.csv:7 or 终端.xlsx[台账]!B7.
func (p Place) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return p.File + ":" + strconv.Itoa(p.Line)
	default:
		return p.File + "!" + p.Cell()
	}
}

// Cell returns the name of a cell of a sheet, such as B7; "" for any other place.
func (p Place) Cell() string {
	if p.Column == 0 {
		return ""
	}
	return cellName(p.Column-1, p.Line)
}

// Error says why a file cannot be read, or not to its end.
type Error struct {
	Place Place
	Text  string
}

func (e *Error) Error() string { return e.Place.String() + ": " + e.Text }

// Table is a text file or a sheet of a workbook. Tables of one file must not be read by
// several goroutines at once.
type Table struct {
	Name     string   // for messages: the file, and the sheet
	File     string   // as it was given to Open
	Sheet    string   // "" for a text file
	Warnings []string // about the file as a whole
	Lines    int      // about how many rows can hold a number, 0 if unknown

	// IsHidden says that a sheet is hidden, and was not asked for.
	IsHidden bool

	// IsUnended says that the last line of a text file has no end: it may be cut.
	IsUnended bool

	book *book // nil for a text file
	read func(yield func(Row) bool) error
}

// Open returns the tables in data, whose kind shows in its content, at least one that
// is not hidden: of a workbook, the sheet of that name, or with "" all. Every error is an
// *Error.
func Open(name, sheet string, data []byte) ([]*Table, error) {
	kind, archive := kindOf(data)
	switch {
	case kind == workbook:
		return openWorkbook(name, sheet, archive)
	case kind != text:
		return nil, &Error{Place{File: name}, string(kind)}
	case sheet != "":
		return nil, &Error{Place{File: name}, "a text file has no sheets: leave out #" + sheet}
	}
	t, err := openText(name, data)
	return []*Table{t}, err
}

// Rows yields the rows that are not empty, from top to bottom. If the rest cannot
// be read, the last pair is an empty Row and an *Error. A row is valid until the
// next one is yielded.
func (t *Table) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rows, stopped := 0, false
		err := t.read(func(row Row) bool {
			rows++
			switch {
			case rows > maxRows:
				stopped = true
				yield(Row{}, &Error{row.Place(0), "the file has more than " + strconv.Itoa(maxRows) + " rows: split it"})
			case row.Width() > maxColumns:
				stopped = true
				yield(Row{}, &Error{row.Place(maxColumns), "the row has more than " + strconv.Itoa(maxColumns) + " cells"})
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

// Note is what a caller should know of a cell beside the text that it shows.
type Note int

// The notes.
const (
	None         Note = iota
	Uncalculated      // a formula without a value, which shows nothing here: a program wrote the file, and none has calculated it
	Failed            // an error value such as #REF!
	OtherFormat       // a format that is not known here; the text is the number as it is stored
)

// Row is a row of a table, of which at least one cell is filled, the last one included.
type Row struct {
	table *Table
	line  int // of the first cell
	full  int // cells, in a text file
	cells []cell
}

// Width returns the number of cells.
func (r Row) Width() int { return len(r.cells) }

// FullWidth returns the number of cells, with empty ones at the end of the row of a text
// file.
func (r Row) FullWidth() int { return max(r.full, len(r.cells)) }

func (r Row) cell(column int) cell {
	if column < 0 || column >= len(r.cells) {
		return cell{}
	}
	return r.cells[column]
}

// Value returns what a cell holds, counted from 0, whatever the format in which it is
// shown, without the blanks around it; "" if the row has no such cell.
func (r Row) Value(column int) string {
	c := r.cell(column)
	if c.kind == isNumber {
		return wholeNumber(c.value)
	}
	return strings.TrimSpace(c.value)
}

// Shown returns what a person sees in a cell, counted from 0, without the blanks around
// it.
func (r Row) Shown(column int) (string, Note) {
	c := r.cell(column)
	switch c.kind {
	case isUncalculated:
		return "", Uncalculated
	case isError:
		return c.value, Failed
	case isBoolean:
		return strings.ToUpper(strconv.FormatBool(isTrue(c.value))), None
	case isDate:
		return strings.Replace(strings.TrimSuffix(c.value, "T00:00:00"), "T", " ", 1), None
	case isNumber:
		return r.table.book.show(c)
	}
	text := strings.TrimSpace(c.value)
	if strings.HasPrefix(text, "#") && errorValue.MatchString(text) {
		return text, Failed
	}
	return text, None
}

// errorValue matches what a formula that fails leaves in a text file.
var errorValue = regexp.MustCompile(`(?i)^#(N/A|[A-Z/0]+[!?])$`)

// IsFilled reports whether a cell, counted from 0, holds anything.
func (r Row) IsFilled(column int) bool { return r.cell(column) != cell{} }

// Texts returns what all cells show.
func (r Row) Texts() []string {
	texts := make([]string, len(r.cells))
	for column := range texts {
		texts[column], _ = r.Shown(column)
	}
	return texts
}

// Clone returns a copy of the row that stays valid. It shares no memory with the texts of
// the file, so what is kept of it does not keep them.
func (r Row) Clone() *Row {
	r.cells = slices.Clone(r.cells)
	for i := range r.cells {
		r.cells[i].value = strings.Clone(r.cells[i].value)
	}
	return &r
}

// InSheet reports whether the row is in a workbook, not in a text file.
func (r Row) InSheet() bool { return r.table.book != nil }

// Place returns the place of a cell, counted from 0. In a text file, a cell is
// below the first line of its row if a cell before it holds line breaks.
func (r Row) Place(column int) Place {
	if r.InSheet() {
		return Place{r.table.Name, r.line, column + 1}
	}
	line := r.line
	for _, c := range r.cells[:min(column, len(r.cells))] {
		line += strings.Count(c.value, "\n")
	}
	return Place{File: r.table.Name, Line: line}
}
