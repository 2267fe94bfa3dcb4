package inventory

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

const (
	maxMerges     = 200_000
	maxMergeSteps = 200_000_000
	maxTail       = 32 << 20 // bytes of a sheet behind its rows
)

// merge is a range of merged cells, which shows the value of its top left one.
type merge struct {
	left, right int // columns, counted from 0
	first, last int // rows, counted from 1
	value       cell
}

// merges apply the merged ranges of a sheet to its rows, which must come in order.
type merges struct {
	ahead []merge // in the order of their first rows
	open  []merge
	steps int
}

// apply empties the cells of a row that a merged one hides, and gives the first column
// of a range its value in each of its rows; the others stay empty, or a title would be
// the header of every column. It returns nil if the row holds nothing of its own.
func (m *merges) apply(line int, cells []cell) ([]cell, error) {
	for len(m.ahead) > 0 && m.ahead[0].first <= line {
		next := m.ahead[0]
		m.ahead = m.ahead[1:]
		if next.first == line && next.left < len(cells) {
			next.value = cells[next.left]
		}
		m.open = append(m.open, next)
	}
	m.open = slices.DeleteFunc(m.open, func(r merge) bool { return r.last < line })
	for _, r := range m.open {
		right := min(r.right+1, len(cells))
		if m.steps += 1 + max(0, right-r.left); m.steps > maxMergeSteps {
			return nil, errTooLarge
		}
		for i := r.left; i < right; i++ {
			if i > r.left || r.first < line {
				cells[i] = cell{}
			}
		}
	}
	for len(cells) > 0 && cells[len(cells)-1] == (cell{}) {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil, nil
	}
	for _, r := range m.open {
		for len(cells) <= r.left && r.value != (cell{}) {
			cells = append(cells, cell{})
		}
		if r.left < len(cells) {
			cells[r.left] = r.value
		}
	}
	return cells, nil
}

// merges returns the merged ranges of a sheet. They stand behind its rows, which are
// passed over without parsing them.
func (a *archive) merges(name string) (*merges, error) {
	tail, err := a.tail(name)
	if err != nil {
		return nil, err
	}
	m := &merges{}
	decoder := xml.NewDecoder(bytes.NewReader(tail))
	depth, inList := 0, false
	// What is wrong with the XML is found when all of the sheet is read.
	for token, err := decoder.RawToken(); err == nil; token, err = decoder.RawToken() {
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			switch {
			case depth == 1:
				inList = token.Name.Local == "mergeCells"
			case depth == 2 && inList && token.Name.Local == "mergeCell":
				if len(m.ahead) == maxMerges {
					return nil, errTooLarge
				}
				m.add(element{attributes: token.Attr}.attr("ref"))
			}
		case xml.EndElement:
			depth--
		}
	}
	slices.SortStableFunc(m.ahead, func(a, b merge) int { return cmp.Compare(a.first, b.first) })
	return m, nil
}

// add notes a range such as B2:C4. What is no range hides nothing.
func (m *merges) add(reference string) {
	from, to, isRange := strings.Cut(reference, ":")
	left, first := cellOf(from)
	right, last := cellOf(to)
	if isRange && left >= 0 && right >= left && last >= first {
		m.ahead = append(m.ahead, merge{left: left, right: right, first: first, last: last})
	}
}

// tail returns what follows the rows of a sheet.
func (a *archive) tail(name string) ([]byte, error) {
	text, _, file, err := a.unpack(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // which was opened for reading
	var tail []byte
	for isBehind := false; ; {
		chunk, err := text.ReadSlice('>')
		a.token = 0
		switch {
		case endsRows(chunk):
			isBehind, tail = true, tail[:0]
		case isBehind:
			if tail = append(tail, chunk...); len(tail) > maxTail {
				return nil, errTooLarge
			}
		}
		if errors.Is(err, io.EOF) {
			return tail, nil
		} else if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

// endsRows reports whether XML ends with </sheetData> or </x:sheetData>.
func endsRows(chunk []byte) bool {
	name := bytes.TrimRight(bytes.TrimSuffix(chunk, []byte(">")), " \t\r\n")
	before, ends := bytes.CutSuffix(name, []byte("sheetData"))
	begin := bytes.LastIndexByte(before, '<')
	return ends && begin >= 0 && bytes.HasPrefix(before[begin:], []byte("</"))
}
