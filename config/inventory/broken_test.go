package inventory

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestWorkbooksThatBreakOff: what cannot be read is an error that names the row.
func TestWorkbooksThatBreakOff(t *testing.T) {
	const behind = "; open it in Excel, WPS or LibreOffice, and save it again"
	const row = "a.xlsx[台账]:2: the sheet cannot be read to its end: in this row or below, "
	for name, test := range map[string]struct{ old, new, want string }{
		"control character":   {"352019040635785", "35\x0b", row + "its XML is damaged: illegal character code U+000B" + behind},
		"cut":                 {"</row></sheetData></worksheet>", "", row + "its XML is damaged: unexpected EOF" + behind},
		"ampersand":           {"<v>352019040635785</v>", "<v>A & B</v>", row + "its XML is damaged: invalid character entity & (no semicolon)" + behind},
		"junk":                {"</sheetData>", "</sheetData><!junk>", row + "it has a document type, which no workbook has" + behind},
		"two roots":           {"</worksheet>", "</worksheet><worksheet/>", row + "something follows its end" + behind},
		"text behind":         {"</worksheet>", "</worksheet>x", row + "there is text outside its root element" + behind},
		"row again":           {`<row r="2">`, `<row r="1">`, "a.xlsx[台账]:1: the sheet cannot be read to its end: in this row or below, row 1 comes again, or too late" + behind},
		"row of no number":    {`<row r="2">`, `<row r="x">`, "a.xlsx[台账]:1: the sheet cannot be read to its end: in this row or below, a row has the number \"x\"" + behind},
		"cell again":          {`r="B2"`, `r="A2"`, row + "the cell A2 comes again, or too late" + behind},
		"cell of another row": {`r="B2"`, `r="B3"`, row + `a cell has the name "B3"` + behind},
		"text not there":      {`<c r="B2" t="s"><v>1</v>`, `<c r="B2" t="s"><v>2</v>`, row + "the cell B2 refers to a text that is not there" + behind},
		"long text":           {"<v>352019040635785</v>", "<v>" + strings.Repeat("门", maxText+1) + "</v>", row + errLongText.Error() + behind},
		"deep":                {"</sheetData>", "</sheetData>" + strings.Repeat("<x>", maxDepth) + strings.Repeat("</x>", maxDepth), row + "its elements are nested too deep" + behind},
		"two values":          {"<v>352019040635785</v>", "<v>352019040</v><v>635785</v>", row + "the cell A2 has two values" + behind},
		"large comment":       {"</sheetData>", "</sheetData><!--" + strings.Repeat(" ", maxToken+1<<17) + "-->", row + errLongText.Error() + behind},
		"large attribute":     {"</sheetData>", "<row x='" + strings.Repeat(" ", maxToken+1<<17) + "'/></sheetData>", row + errLongText.Error() + behind},
		"no worksheet":        {"worksheet", "chartsheet", "a.xlsx[台账]: the sheet cannot be read: it has no table" + behind},
		"no rows":             {"sheetData", "sheetdata", "a.xlsx[台账]: the sheet cannot be read: it has no table" + behind},
	} {
		t.Run(name, func(t *testing.T) {
			all := parts(plainRows)
			all["xl/worksheets/sheet1.xml"] = strings.ReplaceAll(all["xl/worksheets/sheet1.xml"], test.old, test.new)
			if got := readError(zipped(t, all)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestWorkbooksThatAreNone: mistakes outside a sheet.
func TestWorkbooksThatAreNone(t *testing.T) {
	const cannot, behind = "a.xlsx: the workbook cannot be read: ", "; open it in Excel, WPS or LibreOffice, and save it again"
	for name, test := range map[string]struct{ part, old, new, want string }{
		"a sheet without a part": {"xl/workbook.xml", `r:id="r1"`, `r:id="r9"`, cannot + `xl/workbook.xml: the sheet "台账" has no part` + behind},
		"cut texts":              {"xl/sharedStrings.xml", "</sst>", "", cannot + "xl/sharedstrings.xml: its XML is damaged: unexpected EOF" + behind},
		"no texts":               {"xl/_rels/workbook.xml.rels", "sharedStrings.xml", "none.xml", cannot + "xl/none.xml: it is missing" + behind},
		"empty part":             {"xl/styles.xml", parts("")["xl/styles.xml"], " ", cannot + "xl/styles.xml: it is empty" + behind},
		"encoding":               {"xl/workbook.xml", "<workbook", `<?xml version="1.0" encoding="GBK"?><workbook`, cannot + `xl/workbook.xml: opening charset "GBK": it must be UTF-8` + behind},
		"hidden sheets":          {"xl/workbook.xml", "sheetId", `state="veryHidden" sheetId`, `a.xlsx: the workbook has no sheet that is not hidden; it has ["台账"]: name one as file.xlsx#sheet`},
		"a chart":                {"xl/_rels/workbook.xml.rels", "/worksheet\"", "/chartsheet\"", `a.xlsx: the workbook has no sheet that is not hidden; it has ["台账"]: name one as file.xlsx#sheet`},
	} {
		t.Run(name, func(t *testing.T) {
			all := parts(plainRows)
			all[test.part] = strings.ReplaceAll(all[test.part], test.old, test.new)
			if got := readError(zipped(t, all)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestWrongChecksum: it shows at the end of a part only, and is an error all the same.
func TestWrongChecksum(t *testing.T) {
	data := zipped(t, parts(plainRows))
	i := bytes.Index(data, []byte("352019040635785"))
	data[i+5]++
	if got := readError(data); !strings.Contains(got, "the sheet cannot be read: it cannot be unpacked; open it in Excel") {
		t.Errorf("got %s", got)
	}
}

// TestPartTwice: which of two would count depends on the program.
func TestPartTwice(t *testing.T) {
	all := parts(plainRows)
	all["xl/WORKSHEETS/sheet1.xml"] = all["xl/worksheets/sheet1.xml"]
	if got := readError(zipped(t, all)); got != "a.xlsx: "+string(brokenZip) {
		t.Errorf("got %s", got)
	}
}

// TestBounds: a small file that would take much memory or time is refused.
func TestBounds(t *testing.T) {
	var merges strings.Builder
	for i := range maxMerges + 1 {
		fmt.Fprintf(&merges, `<mergeCell ref="A%d:B%d"/>`, i+1, i+2)
	}
	for name, test := range map[string]struct{ part, old, new, want string }{
		"styles":    {"xl/styles.xml", "<xf numFmtId=\"0\"/>", strings.Repeat("<xf/>", maxStyles+1), errTooLarge.Error()},
		"relations": {"xl/_rels/workbook.xml.rels", "</Relationships>", strings.Repeat("<Relationship/>", maxRelations) + "</Relationships>", errTooLarge.Error()},
		"sheets":    {"xl/workbook.xml", "</sheets>", strings.Repeat(`<sheet name="a" r:id="r1"/>`, maxSheets) + "</sheets>", errTooLarge.Error()},
		"merges":    {"xl/worksheets/sheet1.xml", "</sheetData>", "</sheetData><mergeCells>" + merges.String() + "</mergeCells>", errTooLarge.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			all := parts(plainRows)
			all[test.part] = strings.Replace(all[test.part], test.old, test.new, 1)
			if got := readError(zipped(t, all)); !strings.Contains(got, test.want) {
				t.Errorf("got %s", got)
			}
		})
	}
	a, err := openArchive(zipped(t, parts(plainRows)))
	if err != nil {
		t.Fatal(err)
	}
	a.elements = maxElements - 3
	if err := a.read("xl/worksheets/sheet1.xml", func(*part, element) error { return nil }); err != errTooLarge { //nolint:errorlint // itself
		t.Errorf("many elements: %v", err)
	}
	a = &archive{left: 10}
	n, err := (&metered{strings.NewReader("12345678901"), a}).Read(make([]byte, 20))
	if n != 0 || err != errTooLarge { //nolint:errorlint // itself
		t.Errorf("%d bytes, %v", n, err)
	}
}
