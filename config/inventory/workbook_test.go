package inventory

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// newBook makes a workbook whose first sheet is 台账.
func newBook(t testing.TB, fill func(*excelize.File)) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", "台账"); err != nil {
		t.Fatal(err)
	}
	fill(book)
	var data bytes.Buffer
	if err := book.Write(&data); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// TestWorkbook: what a sheet may hold, and the text that comes of it.
func TestWorkbook(t *testing.T) {
	data := newBook(t, func(book *excelize.File) {
		set := func(cell string, value any) {
			t.Helper()
			if err := book.SetCellValue("台账", cell, value); err != nil {
				t.Fatal(err)
			}
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		set("A1", "终端台账")
		must(book.MergeCell("台账", "A1", "D1"))
		for i, name := range []string{"设备号", "门店", "安装日期", "备注"} {
			set(string(rune('A'+i))+"3", name)
		}
		set("A4", int64(352019040635785)) // a number
		set("B4", "北京店")
		must(book.MergeCell("台账", "B4", "B6"))
		for cell, format := range map[string]excelize.Style{"C4": {NumFmt: 14}, "C5": {CustomNumFmt: new(`yyyy"年"m"月"d"日"`)}, "C6": {NumFmt: 2}} {
			style, err := book.NewStyle(&format)
			must(err)
			must(book.SetCellStyle("台账", cell, cell, style))
			set(cell, 45352)
		}
		set("A5", "352019040625281")
		must(book.SetRowVisible("台账", 5, false))
		must(book.SetCellRichText("台账", "D5", []excelize.RichTextRun{{Text: "富"}, {Text: "文本"}}))
		must(book.SetCellFormula("台账", "A6", `="35201904"&"0600011"`))
		set("D6", true)
		set("A9", "352019040600029")
		must(book.MergeCell("台账", "B9", "C12")) // an empty one
		_, err := book.NewSheet("备份")
		must(err)
		must(book.SetCellValue("备份", "B2", "另一张"))
	})
	for sheet, want := range map[string][]string{
		"": {
			"终端台账",
			"设备号|门店|安装日期|备注",
			"352019040635785|北京店|2024-03-01",
			"352019040625281|北京店|2024年3月1日|富文本",
			"|北京店|45352|1",
			"352019040600029",
		},
		"备份": {"|另一张"},
	} {
		table, err := Open("终端.xlsx", sheet, data)
		if err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(t, table); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("sheet %q: got\n%s\nwant\n%s", sheet, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	table, err := Open("终端.xlsx", "备份", data)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range table.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if got := row.Place(1).String(); got != "终端.xlsx[备份]!B2" {
			t.Errorf("place %s", got)
		}
	}
	if _, err := Open("终端.xlsx", "台帐", data); err == nil || err.Error() != `终端.xlsx: the workbook has no sheet "台帐"; it has ["台账" "备份"]` {
		t.Errorf("no such sheet: %v", err)
	}
}

// TestHiddenSheet: the first sheet is the first that a person sees.
func TestHiddenSheet(t *testing.T) {
	data := newBook(t, func(book *excelize.File) {
		_, _ = book.NewSheet("看得见")
		_ = book.SetCellValue("看得见", "A1", "imei")
		_ = book.SetCellValue("台账", "A1", "hidden")
		book.SetActiveSheet(1)
		if err := book.SetSheetVisible("台账", false); err != nil {
			t.Fatal(err)
		}
	})
	table, err := Open("a.xlsx", "", data)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rowsOf(t, table), "\n"); got != "imei" || table.Name != "a.xlsx[看得见]" {
		t.Errorf("%s: %s", table.Name, got)
	}
}

// TestInlineStrings: programs that write a sheet as a stream keep texts in their
// cells, not in one place.
func TestInlineStrings(t *testing.T) {
	data := newBook(t, func(book *excelize.File) {
		stream, err := book.NewStreamWriter("台账")
		if err != nil {
			t.Fatal(err)
		}
		for cell, row := range [][]any{{"imei", "shop"}, {"352019040635785", "北京店"}} {
			if err := stream.SetRow(fmt.Sprint("A", cell+1), row); err != nil {
				t.Fatal(err)
			}
		}
		if err := stream.Flush(); err != nil {
			t.Fatal(err)
		}
	})
	table, err := Open("a.xlsx", "", data)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rowsOf(t, table), "\n"); got != "imei|shop\n352019040635785|北京店" {
		t.Errorf("got %s", got)
	}
}

// TestFiller: a merged value reaches all rows of its column, and no other.
func TestFiller(t *testing.T) {
	f := filler{merges: []merge{{column: 0, first: 1, last: 3}, {column: 2, first: 2, last: 2}, {column: 1, first: 2, last: 4}, {column: 5, first: 2, last: 3}}}
	var got []string
	for line, cells := range [][]string{{"a"}, {"", "b", "c"}, nil, {"", "", "d"}, nil} {
		got = append(got, strings.Join(f.fill(line+1, cells), ","))
	}
	if want := "a;a,b,c;a,b;,b,d;"; strings.Join(got, ";") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ";"), want)
	}
}

// TestDisjoint: at most one range is open in a column.
func TestDisjoint(t *testing.T) {
	got := disjoint([]merge{{column: 0, first: 5, last: 9}, {column: 1, first: 1, last: 9}, {column: 0, first: 1, last: 4}, {column: 0, first: 4, last: 6}, {column: 1, first: 2, last: 3}})
	if want := []merge{{column: 1, first: 1, last: 9}, {column: 0, first: 1, last: 4}, {column: 0, first: 5, last: 9}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestChartSheet: a chart has no rows, so it is not the first sheet.
func TestChartSheet(t *testing.T) {
	data := newBook(t, func(book *excelize.File) {
		_ = book.SetCellValue("台账", "A1", "imei")
		chart := &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Values: "台账!$A$1:$A$2"}}}
		if err := book.AddChartSheet("图", chart); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(book.WorkBook.Sheets.Sheet)
	})
	table, err := Open("a.xlsx", "", data)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rowsOf(t, table), "\n"); got != "imei" {
		t.Errorf("%s: %s", table.Name, got)
	}
}

// TestExponents: Java programs write a whole number with an exponent, but all of
// its digits. In a text cell they are lost.
func TestExponents(t *testing.T) {
	var f numberFinder
	for xml := range strings.SplitAfterSeq(`<row r="2"><c r="A2" s="1"><v>3.5201904063578E14</v></c><c r="B2" t="str"><v>3.5201904063578E14</v></c>`+
		`<c r="C2" t="n"><v>1.3800138E10</v></c><c r="D2"><v>8.986042319197014E19</v></c></row><row r="4"><c r="B4"><v>1.5E1</v></c><c r="C4"><v>1.5E0</v></c>`, ">") {
		f.add([]byte(xml))
	}
	cells := []string{"3.5201904063578E14", "3.5201904063578E14", "1.3800138E10", "8.986042319197014E19"}
	rest := writeOut(writeOut(f.found, 1, nil), 2, cells)
	if want := "352019040635780 3.5201904063578E14 13800138000 8.986042319197014E19"; strings.Join(cells, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(cells, " "), want)
	}
	cells = []string{"", "1.5E1", "1.5E0"}
	if rest = writeOut(writeOut(rest, 3, nil), 4, cells); len(rest) > 0 || strings.Join(cells, " ") != " 15 1.5E0" {
		t.Errorf("got %q and %v", cells, rest)
	}
}

// TestBombs: a small file whose elements would take gigabytes is refused.
func TestBombs(t *testing.T) {
	for part, want := range map[string]string{
		"xl/sharedStrings.xml": "a.xlsx: the workbook cannot be read: xl/sharedStrings.xml has too many elements: divide the workbook, or save the table as .csv",
		"xl/styles.xml":        "a.xlsx: the workbook cannot be read: xl/styles.xml has too many elements: divide the workbook, or save the table as .csv",
	} {
		var data bytes.Buffer
		archive := zip.NewWriter(&data)
		for name, text := range map[string]string{"xl/workbook.xml": "<workbook/>", part: "<x>" + strings.Repeat("<x/>", maxElements) + "</x>"} {
			w, err := archive.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(w, text)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open("a.xlsx", "", data.Bytes()); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
