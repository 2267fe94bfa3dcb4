package inventory

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// checkTable checks that a file is read to its end, or to an *Error with a
// place.
func checkTable(t *testing.T, data []byte) {
	t.Helper()
	table, err := Open("cards", "", data)
	if err != nil {
		checkError(t, err)
		return
	}
	for row, err := range table.Rows() {
		if err != nil {
			checkError(t, err)
			return
		}
		if row.empty() || row.Place(0).Line < 1 || len(row.Cells()) != row.Width() {
			t.Errorf("row %q at %s", row.Cells(), row.Place(0))
		}
	}
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var typed *Error
	if !errors.As(err, &typed) || typed.Text == "" || typed.Place.File == "" {
		t.Errorf("%T without a place or a text: %v", err, err)
	}
}

// FuzzText reads anything that is no archive.
func FuzzText(f *testing.F) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("设备号,门店\n352019040635785,北京店\n")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		"", gbk, "\ufeffimei;shop\r\n1;\"a;b\"\r\n", "sep=;\nimei;shop\n1;2\n", "imei\tshop\r1\t2\r", "\xff\xfei\x00m\x00e\x00i\x00\n\x00",
		"imei,shop\n=\"352019040635785\",x\n", "a\n\"b\nc\n", "<html><table>", "%PDF-1.7",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, []byte("PK")) {
			checkTable(t, data)
		}
	})
}

// FuzzWorkbook reads valid archives with mutated parts.
func FuzzWorkbook(f *testing.F) {
	seed := func(fill func(*excelize.File)) {
		parts := unzip(f, newBook(f, fill))
		f.Add(parts["xl/workbook.xml"], parts["xl/_rels/workbook.xml.rels"], parts["xl/worksheets/sheet1.xml"], parts["xl/sharedStrings.xml"], parts["xl/styles.xml"])
	}
	seed(func(book *excelize.File) {
		_ = book.SetCellValue("台账", "A1", "设备号")
		_ = book.SetCellValue("台账", "B1", "门店")
		_ = book.SetCellValue("台账", "A2", int64(352019040635785))
		_ = book.SetCellValue("台账", "B2", "北京店")
		_ = book.MergeCell("台账", "B2", "B4")
		_ = book.SetCellFormula("台账", "A3", "A2+1")
	})
	seed(func(book *excelize.File) {
		style, _ := book.NewStyle(&excelize.Style{NumFmt: 14})
		_ = book.SetCellStyle("台账", "C1", "C1", style)
		_ = book.SetCellValue("台账", "C1", 45352)
		_ = book.SetCellRichText("台账", "D5", []excelize.RichTextRun{{Text: "富"}, {Text: "文本"}})
	})
	fixed := unzip(f, newBook(f, func(*excelize.File) {}))
	f.Fuzz(func(t *testing.T, workbook, relations, sheet, strings, styles []byte) {
		var data bytes.Buffer
		archive := zip.NewWriter(&data)
		for name, part := range map[string][]byte{
			"[Content_Types].xml": fixed["[Content_Types].xml"], "_rels/.rels": fixed["_rels/.rels"],
			"xl/workbook.xml": workbook, "xl/_rels/workbook.xml.rels": relations,
			"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings, "xl/styles.xml": styles,
		} {
			writer, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := writer.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		checkTable(t, data.Bytes())
	})
}

func unzip(t testing.TB, data []byte) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts := make(map[string][]byte)
	for _, file := range archive.File {
		part, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[file.Name], err = io.ReadAll(part); err != nil {
			t.Fatal(err)
		}
		_ = part.Close()
	}
	return parts
}
