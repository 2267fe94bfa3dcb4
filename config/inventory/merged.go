package inventory

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// merge is the first column of a range of merged cells. The value of the range is
// in its first row.
type merge struct {
	column      int    // counted from 0
	first, last int    // rows, counted from 1
	value       string // once the first row has been read
}

// filler copies the value of merged cells to all of their rows. It fills only the
// first column of a range: a title above the table must not become the header of
// every column.
type filler struct {
	merges  []merge
	open    []merge
	numbers []number // to write out, in order
}

// fill fills the cells of a row. Rows must come in order.
func (f *filler) fill(line int, cells []string) []string {
	open := f.open[:0]
	for _, m := range f.open {
		if line > m.last {
			continue
		}
		open = append(open, m)
		for len(cells) <= m.column {
			cells = append(cells, "")
		}
		if cells[m.column] == "" {
			cells[m.column] = m.value
		}
	}
	f.open = open
	for len(f.merges) > 0 && f.merges[0].first <= line {
		if m := f.merges[0]; m.first == line && m.column < len(cells) && cells[m.column] != "" {
			m.value = cells[m.column]
			f.open = append(f.open, m)
		}
		f.merges = f.merges[1:]
	}
	return cells
}

// mergedRange matches the XML element of a range, of which a sheet has a list
// behind its rows.
var mergedRange = regexp.MustCompile(`<(?:\w+:)?mergeCell\s[^>]*\bref="([A-Z]+)([0-9]+):[A-Z]+([0-9]+)"`)

// maxMerges limits the ranges of a sheet; further ones are ignored.
const maxMerges = 100_000

// mergedCells returns the ranges of more than one row, in the order of their
// first, and the numbers with an exponent. They are read from the file itself: for
// the ranges excelize would load the whole sheet, and take 440 MB for 100,000 rows of
// 7 cells instead of 200.
func mergedCells(data []byte, sheet string) ([]merge, []number, error) {
	part, err := openSheet(data, sheet)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = part.Close() }() // which was opened for reading
	tags := bufio.NewScanner(part)
	tags.Buffer(nil, 1<<20) // more than a cell can hold
	tags.Split(upToBracket)
	var merges []merge
	var numbers numberFinder
	for tags.Scan() && len(merges) < maxMerges {
		numbers.add(tags.Bytes())
		if !bytes.Contains(tags.Bytes(), []byte("mergeCell")) {
			continue
		}
		if m := mergedRange.FindSubmatch(tags.Bytes()); m != nil {
			column, err := excelize.ColumnNameToNumber(string(m[1]))
			first, _ := strconv.Atoi(string(m[2]))
			last, _ := strconv.Atoi(string(m[3]))
			if err == nil && first < last {
				merges = append(merges, merge{column: column - 1, first: first, last: last})
			}
		}
	}
	return disjoint(merges), numbers.found, tags.Err()
}

// openSheet opens the part of a workbook that holds a sheet.
func openSheet(data []byte, sheet string) (io.ReadCloser, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	name, err := sheetPart(archive, sheet)
	if err != nil {
		return nil, err
	}
	return archive.Open(name)
}

// disjoint sorts ranges by their first row, and leaves out those that overlap an
// earlier one of the same column. No program writes such, and a hundred thousand
// of them would be open in each of a million rows.
func disjoint(merges []merge) []merge {
	slices.SortStableFunc(merges, func(a, b merge) int { return cmp.Compare(a.first, b.first) })
	last := make(map[int]int) // by column
	return slices.DeleteFunc(merges, func(m merge) bool {
		overlaps := m.first <= last[m.column]
		if !overlaps {
			last[m.column] = m.last
		}
		return overlaps
	})
}

// upToBracket is a bufio.SplitFunc that splits XML after each >.
func upToBracket(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '>'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// sheetPart returns the name of the file in the archive that holds a sheet.
func sheetPart(archive *zip.Reader, sheet string) (string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := decodePart(archive, "xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := decodePart(archive, "xl/_rels/workbook.xml.rels", &relations); err != nil {
		return "", err
	}
	for _, s := range book.Sheets {
		for _, r := range relations.All {
			if s.Name != sheet || s.ID != r.ID {
				continue
			}
			if target, absolute := strings.CutPrefix(r.Target, "/"); absolute {
				return target, nil
			}
			return path.Join("xl", r.Target), nil
		}
	}
	return "", errors.New("the sheet has no part in the archive")
}

func decodePart(archive *zip.Reader, name string, to any) error {
	part, err := archive.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }() // which was opened for reading
	return xml.NewDecoder(io.LimitReader(part, maxUnpacked)).Decode(to)
}
