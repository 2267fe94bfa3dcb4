// Package inventory reads card files, the tables in which people keep their
// terminals: a file in, rows of text with their place out. What the cells mean
// is for the caller to say.
package inventory

import "strings"

// Row is a row of a card file, of which at least one cell is filled.
type Row struct {
	line  int // of the first cell
	cells []string
}

// Width returns the number of cells.
func (r Row) Width() int { return len(r.cells) }

// Cell returns the text of a cell, counted from 0, without the blanks around
// it; "" if the row has no such cell.
func (r Row) Cell(column int) string {
	if column < 0 || column >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[column])
}

// Line returns the line on which a cell begins, counted from 1. It is not the
// row's own if a cell before it holds line breaks.
func (r Row) Line(column int) int {
	line := r.line
	for _, cell := range r.cells[:column] {
		line += strings.Count(cell, "\n")
	}
	return line
}

func (r Row) empty() bool {
	for column := range r.cells {
		if r.Cell(column) != "" {
			return false
		}
	}
	return true
}

// Error says why a file could not be read, or not to its end.
type Error struct {
	Line int // counted from 1
	Text string
}

func (e *Error) Error() string { return e.Text }
