package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"
)

// ReadCSV returns the rows of a CSV file that are not empty. An error is an
// *Error, and the rows in front of it are returned as well.
func ReadCSV(data []byte) ([]Row, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if line := InvalidUTF8(data); line > 0 {
		return nil, &Error{line, `the file is not UTF-8, but probably GBK or UTF-16: in Excel or WPS, save it as "CSV UTF-8"`}
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord = -1 // an empty row may have any number
	var rows []Row
	for {
		cells, err := reader.Read()
		var misquoted *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case errors.As(err, &misquoted):
			return rows, &Error{misquoted.StartLine, `in the row that begins here a quote (") is out of place or not closed, and nothing from here on was read; ` +
				`a quote inside a cell is written twice, with quotes around the cell`}
		}
		line, _ := reader.FieldPos(0)
		if row := (Row{line, cells}); !row.empty() {
			rows = append(rows, row)
		}
	}
}

// InvalidUTF8 returns the first line that is not UTF-8, or 0.
func InvalidUTF8(data []byte) int {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if !utf8.Valid(text) {
			return line
		}
	}
	return 0
}
