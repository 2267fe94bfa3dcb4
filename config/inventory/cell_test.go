package inventory

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unsafe"
)

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
