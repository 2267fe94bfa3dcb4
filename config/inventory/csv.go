package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
)

const misquoted = `in the row that begins here a quote (") is out of place or not closed, and nothing from here on was read; ` +
	`a quote inside a cell is written twice, with quotes around the cell`

// openText opens a text file with columns.
func openText(name string, data []byte) (*Table, error) {
	data, warning, err := toUTF8(data)
	if err != nil {
		err.Place.File = name
		return nil, err
	}
	t := &Table{Name: name}
	if warning != "" {
		t.Warnings = append(t.Warnings, warning)
	}
	if !bytes.Contains(data, []byte("\n")) { // lines end in CR, as on the old Macintosh
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	data, separator := separatorOf(data)
	data = plainFormulas(data, separator)
	t.read = func(yield func(Row) bool) error { return t.readText(data, separator, yield) }
	return t, nil
}

func (t *Table) readText(data []byte, separator byte, yield func(Row) bool) error {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = rune(separator)
	reader.FieldsPerRecord = -1 // cells at the end may be missing
	reader.ReuseRecord = true
	for {
		cells, err := reader.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			return &Error{Place{File: t.Name, Line: bad.StartLine}, misquoted}
		}
		line, _ := reader.FieldPos(0)
		if !yield(Row{table: t, line: line, cells: cells}) {
			return nil
		}
	}
}

// separatorOf returns the separator of the columns, and the data without the
// first line's content if that declares the separator (sep=;).
func separatorOf(data []byte) ([]byte, byte) {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	declared := bytes.Trim(bytes.TrimSpace(first), `"`)
	if after, ok := bytes.CutPrefix(bytes.ToLower(declared), []byte("sep=")); ok && len(after) <= 1 {
		separator := byte('\t') // which was trimmed
		if len(after) == 1 {
			separator = after[0]
		}
		if separator != '"' && separator != '\r' && separator < 0x80 {
			return append([]byte("\n"), rest...), separator
		}
	}
	return data, likelySeparator(data)
}

// likelySeparator returns the separator that most of the first lines agree on: it
// occurs in each of them, and equally often.
func likelySeparator(data []byte) byte {
	const sample = 50
	best, bestLines := byte(','), 0
	for _, separator := range []byte{',', '\t', ';'} {
		lines := 0
		counts := make(map[int]int) // lines by their number of separators
		for line := range bytes.Lines(data) {
			if lines++; lines > sample {
				break
			}
			if n := countOutsideQuotes(line, separator); n > 0 {
				counts[n]++
			}
		}
		agreeing := 0
		for _, n := range counts {
			agreeing = max(agreeing, n)
		}
		if agreeing > bestLines {
			best, bestLines = separator, agreeing
		}
	}
	return best
}

func countOutsideQuotes(line []byte, separator byte) int {
	n, quoted := 0, false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == separator && !quoted:
			n++
		}
	}
	return n
}

// plainFormulas replaces cells such as ="352…", a formula that keeps Excel from
// taking text for a number, by "352…".
func plainFormulas(data []byte, separator byte) []byte {
	begin := []byte(`="`)
	if !bytes.Contains(data, begin) {
		return data
	}
	ends := []byte{separator, '\r', '\n'}
	plain := make([]byte, 0, len(data))
	for at := 0; at < len(data); {
		i := bytes.Index(data[at:], begin)
		if i < 0 {
			return append(plain, data[at:]...)
		}
		i += at
		cell := data[i+1:] // from the quote on
		length := bytes.IndexByte(cell[1:], '"') + 2
		startsCell := i == 0 || slices.Contains(ends, data[i-1])
		endsCell := length > 2 && (length == len(cell) || slices.Contains(ends, cell[length]))
		plain = append(plain, data[at:i]...)
		if !startsCell || !endsCell {
			plain = append(plain, '=')
			length = 1
		}
		plain = append(plain, cell[:length]...)
		at = i + 1 + length
	}
	return plain
}
