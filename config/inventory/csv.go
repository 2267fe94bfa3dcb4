package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

const (
	misquoted = `in the row that begins here a quote (") is out of place or not closed, and nothing from here on was read; ` +
		`a quote inside a cell is written twice, with quotes around the cell`
	swallowed = `the cell that begins here has %d lines, and holds what seem to be rows: a quote (") is out of place, or one is missing; ` +
		`a quote inside a cell is written twice, with quotes around the cell`
	mixedEnds = "the line ends are mixed: here a carriage return stands alone; save the file again"
)

// shortest is how long a line must be to hold an identifier.
const shortest = 15

// openText opens a text file with columns.
func openText(name string, data []byte) (*Table, error) {
	data, warning, err := toUTF8(data)
	if err != nil {
		err.Place.File = name
		return nil, err
	}
	t := &Table{Name: name, File: name}
	if warning != "" {
		t.Warnings = append(t.Warnings, warning)
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return nil, &Error{Place{File: name, Line: lineOf(data, at)}, "the line holds a zero byte: the file is damaged, or no text file"}
	}
	if at := slices.IndexFunc(data, isControl[byte]); at >= 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("control characters are left out, such as %U in line %d", data[at], lineOf(data, at)))
		data = bytes.Map(func(r rune) rune {
			if isControl(r) {
				return -1
			}
			return r
		}, data)
	}
	data = usualLineEnds(data)
	t.IsUnended = !bytes.HasSuffix(data, []byte("\n"))
	data, separator := separatorOf(data)
	data = plainFormulas(data, separator)
	for line := range bytes.Lines(data) {
		if len(line) > shortest {
			t.Lines++
		}
	}
	t.read = func(yield func(Row) bool) error { return t.readText(data, separator, yield) }
	return t, nil
}

func lineOf(data []byte, at int) int { return bytes.Count(data[:at], []byte("\n")) + 1 }

// isControl reports whether r is a control character that no table needs.
func isControl[T byte | rune](r T) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
}

// longNumber matches what a cell of several lines has only if it swallowed rows.
var longNumber = regexp.MustCompile(`(?:[0-9][ \x{a0}'’_·-]?){13}[0-9]|89[0-9]{10}`)

// readText yields the rows of a text file that are not empty.
func (t *Table) readText(data []byte, separator byte, yield func(Row) bool) error {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = rune(separator)
	reader.FieldsPerRecord = -1 // cells at the end may be missing
	reader.TrimLeadingSpace = separator != '\t' && separator != ' '
	reader.ReuseRecord = true
	var cells []cell
	widest := 0
	for {
		values, err := reader.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			return &Error{Place{File: t.Name, Line: bad.StartLine}, misquoted}
		case err != nil:
			return &Error{Place{File: t.Name}, err.Error()}
		}
		full := len(values)
		widest = max(widest, full)
		for len(values) > 0 && strings.TrimSpace(values[len(values)-1]) == "" {
			values = values[:len(values)-1]
		}
		cells = cells[:0]
		for i, value := range values {
			if strings.ContainsAny(value, "\r\n") {
				line, _ := reader.FieldPos(i)
				if text := checkLines(strings.TrimSpace(value), separator, widest == 1); text != "" {
					return &Error{Place{File: t.Name, Line: line}, text}
				}
			}
			cells = append(cells, cell{value: value})
		}
		line, _ := reader.FieldPos(0)
		if len(cells) > 0 && !yield(Row{table: t, line: line, full: full, cells: cells}) {
			return nil
		}
	}
}

// checkLines says what is wrong with a cell of several lines, "" if nothing is: a line that
// holds a number and a separator, or stands in the only column, is a row.
func checkLines(value string, separator byte, isOnly bool) string {
	lines := strings.Split(value, "\n")
	switch {
	case len(lines) == 1 && strings.Contains(value, "\r") && longNumber.MatchString(value):
		return mixedEnds
	case len(lines) > 1 && slices.ContainsFunc(lines, func(line string) bool {
		return longNumber.MatchString(line) && (isOnly || strings.IndexByte(line, separator) >= 0)
	}):
		return fmt.Sprintf(swallowed, len(lines))
	}
	return ""
}

// usualLineEnds returns text whose lines end in \n or \r\n. On the old Macintosh
// they end in \r alone, and \n is a line break inside a cell; a file that was
// converted twice has \r\r\n.
func usualLineEnds(data []byte) []byte {
	if !bytes.Contains(data, []byte("\r")) {
		return data
	}
	data = bytes.ReplaceAll(data, []byte("\r\r\n"), []byte("\r\n"))
	if !bytes.Contains(data, []byte("\r\n")) && bytes.Count(data, []byte("\r")) > bytes.Count(data, []byte("\n")) {
		return bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	return data
}

// separatorOf finds what separates the columns. A first line that says so
// (sep=;) is left empty.
func separatorOf(data []byte) ([]byte, byte) {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	declared := bytes.Trim(bytes.TrimSpace(first), `"`)
	if after, ok := bytes.CutPrefix(bytes.ToLower(declared), []byte("sep=")); ok && len(after) <= 1 {
		separator := byte('\t') // which was trimmed
		if len(after) == 1 {
			separator = after[0]
		}
		if separator != '"' && separator != '\r' && separator != 0 && separator < 0x80 {
			return append([]byte("\n"), rest...), separator
		}
	}
	return data, likelySeparator(data)
}

// likelySeparator is the separator that occurs in most of the first lines: the
// header has it as well, which a comma or semicolon inside the cells of one
// column does not reach. Among equals it is the one that makes most columns.
func likelySeparator(data []byte) byte {
	const sample = 50
	best, bestLines, bestColumns := byte(','), 0, 0
	for _, separator := range []byte{',', '\t', ';', '|'} {
		lines, having := 0, 0
		counts := make(map[int]int) // of separators, how many lines have so many
		for line := range bytes.Lines(data) {
			if lines++; lines > sample {
				break
			}
			if n := countOutsideQuotes(line, separator); n > 0 {
				having++
				counts[n]++
			}
		}
		columns := 0 // of most lines
		for n, agreeing := range counts {
			if of := counts[columns]; agreeing > of || agreeing == of && n > columns {
				columns = n
			}
		}
		if having > bestLines || having == bestLines && columns > bestColumns {
			best, bestLines, bestColumns = separator, having, columns
		}
	}
	return best
}

// countOutsideQuotes returns how often a line holds a separator that is not quoted.
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
