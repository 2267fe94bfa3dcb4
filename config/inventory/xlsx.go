package inventory

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// maxUnpacked limits the unpacked size of a workbook, in bytes. All of it is held
// in memory: there may be no directory for temporary files.
const maxUnpacked = 512 << 20

// openWorkbook opens a sheet of a workbook, hidden rows and columns included.
func openWorkbook(name, sheet string, data []byte) (*Table, error) {
	if err := checkElements(data); err != nil {
		return nil, &Error{Place{File: name}, "the workbook cannot be read: " + err.Error()}
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue:      true, // all 15 digits, whatever the cell shows
		UnzipSizeLimit:    maxUnpacked,
		UnzipXMLSizeLimit: maxUnpacked,
		ShortDatePattern:  datePattern,
		LongDatePattern:   datePattern,
	})
	if err != nil {
		return nil, &Error{Place{File: name}, "the workbook cannot be read: " + err.Error()}
	}
	if sheet, err = chooseSheet(book, data, sheet); err != nil {
		return nil, &Error{Place{File: name}, err.Error()}
	}
	merges, numbers, err := mergedCells(data, sheet)
	if err != nil {
		return nil, &Error{Place{File: name}, "the workbook cannot be read: " + err.Error()}
	}
	t := &Table{Name: name + "[" + sheet + "]", isSheet: true}
	t.read = func(yield func(Row) bool) error {
		if err := t.readSheet(book, sheet, &filler{merges: merges, numbers: numbers}, yield); err != nil {
			return &Error{Place{File: t.Name}, "the sheet cannot be read: " + err.Error()}
		}
		return nil
	}
	return t, nil
}

// chooseSheet returns the sheet of that name, or the first that is not hidden.
func chooseSheet(book *excelize.File, data []byte, sheet string) (string, error) {
	sheets := book.GetSheetList()
	if sheet != "" {
		if slices.Contains(sheets, sheet) {
			return sheet, nil
		}
		return "", fmt.Errorf("the workbook has no sheet %q; it has %q", sheet, sheets)
	}
	for _, s := range sheets {
		if visible, err := book.GetSheetVisible(s); err == nil && visible && !isChart(data, s) {
			return s, nil
		}
	}
	return "", fmt.Errorf("the workbook has no sheet that is not hidden; it has %q: name one as file.xlsx#sheet", sheets)
}

// isChart reports whether a sheet is a chart or a dialog, which have no rows.
func isChart(data []byte, sheet string) bool {
	part, err := openSheet(data, sheet)
	if err != nil {
		return false
	}
	defer func() { _ = part.Close() }() // which was opened for reading
	decoder := xml.NewDecoder(part)
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name.Local != "worksheet"
		}
	}
}

func (t *Table) readSheet(book *excelize.File, sheet string, filler *filler, yield func(Row) bool) error {
	rows, err := book.Rows(sheet)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Error returns the same error
	var shown *excelize.Rows            // the same cells as Excel shows them
	if hasDates(book) {
		if shown, err = book.Rows(sheet); err != nil {
			return err
		}
		defer func() { _ = shown.Close() }()
	}
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return err
		}
		if shown != nil && shown.Next() {
			texts, err := shown.Columns(excelize.Options{RawCellValue: false})
			if err != nil {
				return err
			}
			showDates(cells, texts)
		}
		filler.numbers = writeOut(filler.numbers, line, cells)
		cells = filler.fill(line, cells)
		if !yield(Row{table: t, line: line, cells: cells}) {
			return nil
		}
	}
	return rows.Error()
}

// columnName returns the letters of a column, counted from 1.
func columnName(column int) string {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return "?"
	}
	return name
}
