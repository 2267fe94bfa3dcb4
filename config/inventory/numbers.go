package inventory

import (
	"bytes"
	"math"
	"regexp"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// number is the place of a number that a workbook holds in full, but with an
// exponent: Java programs write 352019040635780 as 3.5201904063578E14. In a text
// cell the same would have lost digits.
type number struct{ line, column int32 } // counted from 1 and from 0

// numberFinder finds such numbers in the XML of a sheet.
type numberFinder struct {
	cell  []byte // its tag
	found []number
}

var (
	cellReference = regexp.MustCompile(`\sr=["']([A-Z]+)([0-9]+)["']`)
	cellIsText    = regexp.MustCompile(`\st=["'][^n]`)
)

// add takes XML up to the next closing bracket. It must come in order.
func (f *numberFinder) add(xml []byte) {
	begin := max(0, bytes.LastIndexByte(xml, '<'))
	content, tag := xml[:begin], xml[begin:]
	switch {
	case bytes.HasPrefix(tag, []byte("<c ")), bytes.HasPrefix(tag, []byte("<x:c ")):
		f.cell = append(f.cell[:0], tag...)
	case bytes.ContainsAny(content, "Ee") && (bytes.Equal(tag, []byte("</v>")) || bytes.Equal(tag, []byte("</x:v>"))):
		if m := cellReference.FindSubmatch(f.cell); m != nil && !cellIsText.Match(f.cell) {
			column, err := excelize.ColumnNameToNumber(string(m[1]))
			line, notLine := strconv.ParseInt(string(m[2]), 10, 32)
			if err == nil && notLine == nil {
				f.found = append(f.found, number{int32(line), int32(column - 1)})
			}
		}
	}
}

// writeOut replaces the exponents of whole numbers in a row by digits, as far as
// a workbook holds all of them, and returns the numbers of later rows.
func writeOut(numbers []number, line int, cells []string) []number {
	for len(numbers) > 0 && int(numbers[0].line) <= line {
		if n := numbers[0]; int(n.line) == line && int(n.column) < len(cells) {
			value, err := strconv.ParseFloat(cells[n.column], 64)
			if err == nil && value == math.Trunc(value) && math.Abs(value) < 1e15 {
				cells[n.column] = strconv.FormatFloat(value, 'f', 0, 64)
			}
		}
		numbers = numbers[1:]
	}
	return numbers
}
