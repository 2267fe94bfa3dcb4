package inventory

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxSheetRows = 1_048_576 // of a sheet, as in Excel
	maxSheetCols = 16_384
)

// What a cell is.
const (
	isText   = iota
	isNumber // or a date
	isBoolean
	isDate  // as text, by ISO 8601
	isError // such as #REF!
	isUncalculated
)

// cell is a cell of a row.
type cell struct {
	value string // as it is stored; "" if the cell is empty
	kind  uint8
	style uint32
}

// readSheet yields the rows of a sheet, hidden ones included, that hold something. Their
// numbers increase, or it is an error, as is anything in which the sheet ends early.
func (b *book) readSheet(t *Table, name string, yield func(Row) bool) error {
	merges, err := &merges{}, error(nil)
	if !t.IsHidden { // of which only the header is wanted
		merges, err = b.archive.merges(name)
	}
	if err != nil {
		return &Error{Place{File: t.Name}, "the sheet cannot be read: " + reasonOf(err)}
	}
	s := sheetReader{book: b, table: t, merges: merges, yield: yield}
	err = b.archive.read(name, s.visit)
	switch {
	case errors.Is(err, errStopped):
		return nil
	case err != nil:
		return &Error{Place{File: t.Name, Line: s.line}, "the sheet cannot be read to its end: in this row or below, " + reasonOf(err)}
	case !s.isTable:
		return &Error{Place{File: t.Name}, "the sheet cannot be read: " + reasonOf(errNoTable)}
	}
	return nil
}

var (
	errStopped = errors.New("no more rows are wanted")
	errNoTable = errors.New("it has no table")
)

// sheetReader collects rows.
type sheetReader struct {
	book    *book
	table   *Table
	merges  *merges
	yield   func(Row) bool
	isTable bool

	line      int  // of the row, counted from 1
	isCounted bool // the row does not say its number
	cells     []cell
	column    int // of the cell, counted from 0

	cell     cell
	kind     string
	hasValue bool
	formula  bool
}

// Where elements of a sheet stand.
const (
	depthRow   = 3 // worksheet, sheetData, row
	depthCell  = 4
	depthValue = 5
)

// visit takes what belongs to rows and passes over the rest of the sheet.
func (s *sheetReader) visit(p *part, e element) error {
	if e.begins && p.at("worksheet", "sheetData") {
		s.isTable = true
	}
	if len(p.path) < depthRow || p.path[1] != "sheetData" || p.path[2] != "row" || !s.isTable {
		return nil
	}
	switch depth := len(p.path); {
	case depth == depthRow && e.begins:
		return s.beginRow(e)
	case depth == depthRow && e.ends:
		return s.endRow()
	case depth == depthRow || p.path[3] != "c":
	case depth == depthCell && e.begins:
		p.text = p.text[:0]
		return s.beginCell(e)
	case depth == depthCell && e.ends:
		return s.endCell(p.text)
	case depth == depthCell:
	case e.begins && depth == depthValue:
		s.formula = s.formula || p.path[4] == "f"
		if p.path[4] == "v" && s.hasValue {
			return fmt.Errorf("the cell %s has two values", cellName(s.column, s.line))
		}
		s.hasValue = s.hasValue || p.path[4] == "v"
		if p.path[4] == "is" { // whatever the cell says of its kind
			s.kind = "inlineStr"
		}
	case e.text == nil:
	case depth == depthValue && p.path[4] == "v",
		p.path[4] == "is" && (depth == 6 && p.path[5] == "t" || depth == 7 && p.path[5] == "r" && p.path[6] == "t"):
		return p.collect(e.text)
	}
	return nil
}

// beginRow finds the number of a row, which is optional.
func (s *sheetReader) beginRow(e element) error {
	line, r := s.line+1, e.attr("r")
	if r != "" {
		number, err := strconv.Atoi(r)
		if err != nil || number > maxSheetRows {
			return fmt.Errorf("a row has the number %.20q", r)
		} else if number < line {
			return fmt.Errorf("row %d comes again, or too late", number)
		}
		line = number
	}
	s.line, s.cells, s.column, s.isCounted = line, s.cells[:0], -1, r == ""
	return nil
}

// beginCell finds the column of a cell. Its name is optional.
func (s *sheetReader) beginCell(e element) error {
	column := s.column + 1
	if r := e.attr("r"); r != "" {
		var line int
		column, line = cellOf(r)
		if s.isCounted && s.column < 0 && line > s.line { // the row has no number of its own
			s.line = line
		}
		if column < 0 || line != s.line {
			return fmt.Errorf("a cell has the name %.20q", r)
		} else if column <= s.column {
			return fmt.Errorf("the cell %s comes again, or too late", r)
		}
	}
	if column >= maxSheetCols {
		return errors.New("a row has too many cells")
	}
	style, _ := strconv.ParseUint(e.attr("s"), 10, 32) // without one, the first
	s.column, s.cell = column, cell{style: uint32(style)}
	s.kind, s.hasValue, s.formula = e.attr("t"), false, false
	return nil
}

// endCell adds a cell to the row, unless it is empty. text is its value as it is stored.
func (s *sheetReader) endCell(text []byte) error {
	c := &s.cell
	if s.kind == "inlineStr" || s.kind == "str" {
		text = unescape(text)
	}
	c.value = string(text)
	switch s.kind {
	case "s":
		if c.value == "" {
			return nil
		}
		i, err := strconv.Atoi(c.value)
		if err != nil || i < 0 || i >= len(s.book.texts.ends) {
			return fmt.Errorf("the cell %s refers to a text that is not there", cellName(s.column, s.line))
		}
		c.value = s.book.texts.text(i)
		if s.book.shown += int64(len(c.value)); s.book.shown > maxShown {
			return errTooLarge
		}
	case "inlineStr", "str":
	case "b":
		c.kind = isBoolean
	case "d":
		c.kind = isDate
	case "e":
		c.kind = isError
	default:
		c.kind = isNumber
	}
	if s.formula && s.book.isStale && c.kind == isNumber && c.value == "0" {
		c.kind, c.value = isUncalculated, ""
	}
	if s.formula && c.value == "" && (s.kind != "str" || !s.hasValue) {
		c.kind = isUncalculated
	} else if strings.TrimSpace(c.value) == "" {
		return nil
	}
	for len(s.cells) <= s.column {
		s.cells = append(s.cells, cell{})
	}
	s.cells[s.column] = *c
	return nil
}

// endRow yields the row, unless it is empty.
func (s *sheetReader) endRow() error {
	cells, err := s.merges.apply(s.line, s.cells)
	if err != nil {
		return err
	}
	if s.cells = cells; cells != nil && !s.yield(Row{table: s.table, line: s.line, cells: cells}) {
		return errStopped
	}
	return nil
}

// cellOf returns the column, from 0, and the row, from 1, of a cell such as B7; -1 if it
// is none.
func cellOf(name string) (column, line int) {
	i := 0
	for column = 0; i < len(name) && i < 4; i++ {
		letter := name[i] | 0x20 // in lower case
		if letter < 'a' || letter > 'z' {
			break
		}
		column = column*26 + int(letter-'a') + 1
	}
	line, err := strconv.Atoi(name[i:])
	if err != nil || i == 0 || line < 1 || line > maxSheetRows || column > maxSheetCols {
		return -1, 0
	}
	return column - 1, line
}

// cellName returns the name of a cell, such as B7.
func cellName(column, line int) string { return columnName(column) + strconv.Itoa(line) }

// columnName returns the letters of a column, counted from 0.
func columnName(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
