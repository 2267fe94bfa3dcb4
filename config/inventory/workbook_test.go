package inventory

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/text/encoding/unicode"
)

const plainRows = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>门店</t></is></c></row>` +
	`<row r="2"><c r="A2"><v>352019040635785</v></c><c r="B2" t="s"><v>1</v></c></row>`

const plainText = "设备号|门店\n352019040635785|北京店"

// TestSpellings: the ways in which programs write one and the same workbook.
func TestSpellings(t *testing.T) {
	edit := func(name string, pairs ...string) map[string]string {
		all := parts(plainRows)
		all[name] = strings.NewReplacer(pairs...).Replace(all[name])
		return all
	}
	rename := func(change func(string) string) map[string]string {
		all := make(map[string]string)
		for name, text := range parts(plainRows) {
			all[change(name)] = text
		}
		return all
	}
	const sheet = "xl/worksheets/sheet1.xml"
	utf16 := parts(plainRows)
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(`<?xml version="1.0" encoding="UTF-16"?>` + utf16[sheet])
	if err != nil {
		t.Fatal(err)
	}
	utf16[sheet] = text
	root := parts(plainRows)
	root["_rels/.rels"] = strings.Replace(root["_rels/.rels"], "xl/workbook.xml", "Workbook2.xml", 1)
	root["workbook2.xml"] = root["xl/workbook.xml"]
	root["_rels/workbook2.xml.rels"] = strings.NewReplacer("worksheets/", "xl/worksheets/", `"shared`, `"xl/shared`).Replace(root["xl/_rels/workbook.xml.rels"])
	delete(root, "xl/workbook.xml")
	for name, all := range map[string]map[string]string{
		"as it is":                        parts(plainRows),
		"backslashes":                     rename(func(name string) string { return strings.ReplaceAll(name, "/", `\`) }),
		"capitals":                        rename(strings.ToUpper),
		"percent":                         rename(func(name string) string { return strings.ReplaceAll(name, "sheet1", "%73heet1") }),
		"workbook in the root":            root,
		"UTF-16":                          utf16,
		"byte-order mark":                 edit(sheet, "<worksheet", "\ufeff<worksheet"),
		"prefixes":                        edit(sheet, "xmlns=", "xmlns:x=", "</", "</x:", "<", "<x:"),
		"without places":                  edit(sheet, ` r="1"`, "", ` r="2"`, "", ` r="A1"`, "", ` r="B1"`, "", ` r="A2"`, "", ` r="B2"`, ""),
		"rows without numbers":            edit(sheet, `<row r="1">`, "<row>", `<row r="2">`, "<row>", `r="A2"`, `r="A7"`, `r="B2"`, `r="B7"`),
		"an inline text without its kind": edit(sheet, ` t="inlineStr"`, ""),
		"an inline text as a value":       edit(sheet, "<is><t>门店</t></is>", "<v>门店</v>"),
		"strict":                          edit("xl/_rels/workbook.xml.rels", "http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/"),
		"comments":                        edit(sheet, "<sheetData>", "<!-- </sheetData> --><sheetData>", "<v>0</v>", "<v><!-- 1 -->0</v>"),
		"CDATA":                           edit(sheet, "<t>门店</t>", "<t><![CDATA[门]]>店</t>"),
		"references":                      edit(sheet, "门店", "&#x95E8;&#24215;"),
		"same names elsewhere":            edit(sheet, "</sheetData>", `</sheetData><extLst><ext><row r="1"><c r="A1"><v>7</v></c></row></ext></extLst>`),
		"empty cells":                     edit(sheet, `<c r="A2">`, `<c r="A2" s="0">`, "</row></sheetData>", `<c r="C2" s="0"/><c r="D2"><v></v></c></row><row r="9"><c r="A9"/></row></sheetData>`),
		"number with exponent":            edit(sheet, "352019040635785", "3.52019040635785E14"),
		"instructions":                    edit(sheet, "<sheetData>", "<?mso x?><sheetData>"),
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(rowsOf(t, open(t, "a.xlsx", "", zipped(t, all))), "\n"); got != plainText {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

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
		"no worksheet":        {"worksheet", "chartsheet", "a.xlsx[台账]: the sheet cannot be read: it is none"},
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
	const cannot = "a.xlsx: the workbook cannot be read: "
	for name, test := range map[string]struct{ part, old, new, want string }{
		"a sheet without a part": {"xl/workbook.xml", `r:id="r1"`, `r:id="r9"`, cannot + `xl/workbook.xml: the sheet "台账" has no part`},
		"cut texts":              {"xl/sharedStrings.xml", "</sst>", "", cannot + "xl/sharedstrings.xml: its XML is damaged: unexpected EOF"},
		"no texts":               {"xl/_rels/workbook.xml.rels", "sharedStrings.xml", "none.xml", cannot + "xl/none.xml: it is missing"},
		"empty part":             {"xl/styles.xml", parts("")["xl/styles.xml"], " ", cannot + "xl/styles.xml: it is empty"},
		"encoding":               {"xl/workbook.xml", "<workbook", `<?xml version="1.0" encoding="GBK"?><workbook`, cannot + `xl/workbook.xml: xml: opening charset "GBK": its encoding is GBK`},
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
	if got := readError(data); !strings.Contains(got, "the sheet cannot be read: "+zip.ErrChecksum.Error()) {
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

// TestSheets: those that are not hidden, or the one that is named.
func TestSheets(t *testing.T) {
	all := parts(plainRows)
	all["xl/workbook.xml"] = strings.Replace(all["xl/workbook.xml"], "<sheets>", `<sheets><sheet name="旧" sheetId="2" state="hidden" r:id="r1"/><sheet name="二" sheetId="3" r:id="r1"/>`, 1)
	data := zipped(t, all)
	tables, err := Open("a.xlsx", "", data)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, table := range tables {
		names = append(names, table.Name+" "+table.Sheet+" "+table.File())
	}
	if got := strings.Join(names, ","); got != "a.xlsx[二] 二 a.xlsx,a.xlsx[台账] 台账 a.xlsx" {
		t.Errorf("got %s", got)
	}
	if got := rowsOf(t, open(t, "a.xlsx", "旧", data)); len(got) != 2 {
		t.Errorf("got %q", got)
	}
	if _, err := Open("a.xlsx", "没有", data); err == nil || err.Error() != `a.xlsx: the workbook has no sheet "没有"; it has ["旧" "二" "台账"]` {
		t.Errorf("got %v", err)
	}
}

// TestMerges: the value of a range is its top left one, also where others are hidden under
// it, in the first column of each row.
func TestMerges(t *testing.T) {
	cellText := func(cell, text string) string { return `<c r="` + cell + `" t="str"><v>` + text + `</v></c>` }
	rows := `<row r="1">` + cellText("A1", "title") + cellText("C1", "hidden") + `</row>` +
		`<row r="2">` + cellText("A2", "a") + cellText("B2", "shop") + `</row>` +
		`<row r="3">` + cellText("A3", "b") + cellText("B3", "hidden") + cellText("C3", "hidden") + cellText("D3", "d") + `</row>` +
		`<row r="4">` + cellText("B4", "hidden") + `</row>` +
		`<row r="5">` + cellText("A5", "e") + cellText("B5", "shown") + cellText("C5", "hidden") + `</row>`
	all := parts(rows)
	const sheet = "xl/worksheets/sheet1.xml"
	all[sheet] = strings.Replace(all[sheet], "</sheetData>", `</sheetData><mergeCells><mergeCell ref="A1:D1"/><mergeCell ref="B2:C4"/><mergeCell ref="C5:C9"/><mergeCell ref="C5"/></mergeCells>`, 1)
	all[sheet] = strings.Replace(all[sheet], `<c r="C5" t="str"><v>hidden</v></c>`, "", 1)
	want := "title;a|shop;b|shop||d;e|shown"
	if got := strings.Join(rowsOf(t, open(t, "a.xlsx", "", zipped(t, all))), ";"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	all[sheet] = strings.NewReplacer("<mergeCell", "<x:mergeCell", "</mergeCell", "</x:mergeCell", "</sheetData>", "</x:sheetData>", "<sheetData>", "<x:sheetData>", "<worksheet ", `<worksheet xmlns:x="y" `).Replace(all[sheet])
	if got := strings.Join(rowsOf(t, open(t, "a.xlsx", "", zipped(t, all))), ";"); got != want {
		t.Errorf("with a prefix: got %s, want %s", got, want)
	}
}

// TestCells: what a cell holds, what it shows, and what there is to say of it.
func TestCells(t *testing.T) {
	for xml, want := range map[string]struct {
		value, shown string
		note         Note
	}{
		`<c r="A1" t="b"><v>1</v></c>`:                                              {"1", "TRUE", None},
		`<c r="A1" t="b"><v>0</v></c>`:                                              {"0", "FALSE", None},
		`<c r="A1" t="e"><v>#REF!</v></c>`:                                          {"#REF!", "#REF!", Failed},
		`<c r="A1" t="d"><v>2024-03-01T00:00:00</v></c>`:                            {"2024-03-01T00:00:00", "2024-03-01", None},
		`<c r="A1" t="d"><v>2024-03-01T08:30:00</v></c>`:                            {"2024-03-01T08:30:00", "2024-03-01 08:30:00", None},
		`<c r="A1"><f>B1</f></c>`:                                                   {"", "", Uncalculated},
		`<c r="A1"><f>B1</f><v></v></c>`:                                            {"", "", Uncalculated},
		`<c r="A1" t="str"><f>B1</f><v>x_x000D_</v></c>`:                            {"x", "x", None},
		`<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>_x005F_</t></r></is></c>`: {"a_", "a_", None},
		`<c r="A1"><v>3.5201904063578E13</v></c>`:                                   {"35201904063578", "35201904063578", None},
		`<c r="A1"><v>8.986042319197014E19</v></c>`:                                 {"8.986042319197014E19", "8.986042319197014E19", None},
		`<c r="A1" t="str"><v>3.52E14</v></c>`:                                      {"3.52E14", "3.52E14", None},
		`<c r="A1"><v>abc</v></c>`:                                                  {"abc", "abc", None},
	} {
		table := open(t, "a.xlsx", "", zipped(t, parts(`<row r="1">`+xml+`<c r="B1"><v>1</v></c></row>`)))
		for row, err := range table.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			shown, note := row.Shown(0)
			if got := row.Value(0); got != want.value || shown != want.shown || note != want.note {
				t.Errorf("%s: %q, %q, %d", xml, got, shown, note)
			}
			if row.Place(0).String() != "a.xlsx[台账]!A1" || row.Place(701).Cell() != "ZZ1" || row.Value(-1)+row.Value(9) != "" || !row.IsFilled(0) || row.IsFilled(2) {
				t.Errorf("%s: places or cells beside the row", xml)
			}
		}
	}
	// An empty text of a formula is a value.
	if got := rowsOf(t, open(t, "a.xlsx", "", zipped(t, parts(`<row r="1"><c r="A1" t="str"><f>B1</f><v></v></c><c r="B1"><v>1</v></c></row>`)))); strings.Join(got, "") != "|1" {
		t.Errorf("got %q", got)
	}
}

// TestClone: a header that is kept does not keep the texts of its whole file.
func TestClone(t *testing.T) {
	for row, err := range open(t, "a.xlsx", "", zipped(t, parts(plainRows))).Rows() {
		if err != nil {
			t.Fatal(err)
		}
		kept := row.Clone()
		for column := range row.Width() {
			if read, kept := row.Value(column), kept.Value(column); read != kept || unsafe.StringData(read) == unsafe.StringData(kept) {
				t.Errorf("%s: %q was kept of %q, or is the same memory", row.Place(column), kept, read)
			}
		}
	}
}

// TestFormats: numbers as spreadsheet programs show them, by the code of their format.
func TestFormats(t *testing.T) {
	unknown := "?"
	for code, shown := range map[string]map[float64]string{
		"General":                {1: "1", 19.899999999999999: "19.9", 13800138000: "13800138000", 1064812345678: "1064812345678", 1. / 3: "0.333333333", 3.14159265358979: "3.141592654", -2.5: "-2.5", 0: "0"},
		"@":                      {12: "12"},
		"G/通用格式":                 {7.25: "7.25"},
		"0":                      {1.5: "2", 0.4: "0", 12: "12", -3: "-3"},
		"00000000":               {1234: "00001234", 123456789: "123456789"},
		"0.00":                   {3: "3.00", 1.005: "1.01", 2.675: "2.68", -0.5: "-0.50", 1e7: "10000000.00"},
		"#,##0":                  {1234567: "1,234,567", 999: "999", 0: "0"},
		"#,##0.00":               {1234.5: "1,234.50"},
		"0%":                     {0.5: "50%"},
		"0.00%":                  {0.5: "50.00%", 0.1: "10.00%"},
		"000-0000-0000":          {1012345678: "010-1234-5678", 13800138000: "138-0013-8000", 113800138000: "1138-0013-8000"},
		`"SN-"0000`:              {77: "SN-0077"},
		`0"台"`:                   {5: "5台"},
		`0.0_);(0.0)`:            {1.25: "1.3", -1.25: "(1.3)"},
		`0;-0;"无"`:               {1: "1", -1: "-1", 0: "无"},
		`;;;`:                    {5: ""},
		`[Red]0`:                 {4: "4"},
		`[$¥-804]#,##0.00`:       {1000: "¥1,000.00"},
		`yyyy"年"m"月"d"日"`:        {45352: "2024年3月1日"},
		`[$-804]yyyy/m/d`:        {45352.75: "2024/3/1"},
		"yyyy-mm-dd hh:mm:ss":    {45352.75: "2024-03-01 18:00:00", 45352.999999: "2024-03-02 00:00:00"},
		"h:mm AM/PM":             {45352.75: "6:00 PM", 0.25: "6:00 AM"},
		"上午/下午h:mm":              {45352.75: "下午6:00"},
		"d-mmm-yy":               {45352: "1-Mar-24"},
		"mm:ss":                  {0.5: "00:00"},
		"yyyy-mm-dd":             {1: "1900-01-01", 59: "1900-02-28", 61: "1900-03-01", 60: unknown, -1: unknown, 2958466: unknown},
		"[h]:mm":                 {1.5: unknown},
		"# ?/?":                  {0.5: unknown},
		"0.00E+00":               {5: unknown},
		"[<=9]0;00":              {5: unknown},
		".00":                    {5: unknown},
		"0,":                     {5000: unknown},
		"0.##":                   {5: unknown},
		"mm:ss.0":                {0.5: unknown},
		`"open`:                  {5: unknown},
		strings.Repeat("0", 300): {5: unknown},
		"":                       {5: unknown},
	} {
		b := &book{formats: []format{compile(code)}}
		for value, want := range shown {
			stored := strings.TrimSuffix(fmt.Sprint(value), ".0")
			if value == math.Trunc(value) {
				stored = fmt.Sprintf("%.0f", value)
			}
			got, note := b.show(cell{value: stored, kind: isNumber})
			if note == OtherFormat {
				got = unknown
			}
			if got != want {
				t.Errorf("%s: %v is shown as %q, want %q", code, value, got, want)
			}
		}
	}
	b := &book{formats: []format{compile("yyyy-mm-dd")}, is1904: true}
	if got, _ := b.show(cell{value: "0", kind: isNumber}); got != "1904-01-01" {
		t.Errorf("1904: %s", got)
	}
}

// TestBounds: a small file that would take much memory or time is refused.
func TestBounds(t *testing.T) {
	var merges strings.Builder
	for i := range maxMerges + 1 {
		fmt.Fprintf(&merges, `<mergeCell ref="A%d:B%d"/>`, i+1, i+2)
	}
	for name, test := range map[string]struct{ part, old, new, want string }{
		"styles": {"xl/styles.xml", "<xf numFmtId=\"0\"/>", strings.Repeat("<xf/>", maxStyles+1), "it has too many styles"},
		"sheets": {"xl/workbook.xml", "</sheets>", strings.Repeat(`<sheet name="a" r:id="r1"/>`, maxSheets) + "</sheets>", "it has too many sheets"},
		"merges": {"xl/worksheets/sheet1.xml", "</sheetData>", "</sheetData><mergeCells>" + merges.String() + "</mergeCells>", "it has too many merged cells"},
	} {
		t.Run(name, func(t *testing.T) {
			all := parts(plainRows)
			all[test.part] = strings.Replace(all[test.part], test.old, test.new, 1)
			if got := readError(zipped(t, all)); !strings.Contains(got, test.want) {
				t.Errorf("got %s", got)
			}
		})
	}
	a := &archive{left: 10}
	n, err := (&metered{strings.NewReader("12345678901"), a}).Read(make([]byte, 20))
	if n != 0 || err != errTooLarge { //nolint:errorlint // itself
		t.Errorf("%d bytes, %v", n, err)
	}
}
