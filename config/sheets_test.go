package config

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// book returns a workbook with these sheets. A row is cells separated by |; one that begins
// with = is a formula without a value. A sheet whose first row is - is hidden.
func book(t *testing.T, sheets ...[]string) []byte {
	t.Helper()
	const (
		relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
		kind      = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		space     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	)
	var list, related strings.Builder
	parts := map[string]string{"_rels/.rels": relations + `<Relationship Id="r" Type="` + kind + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`}
	for i, rows := range sheets {
		state := ""
		if len(rows) > 0 && rows[0] == "-" {
			state = `state="veryHidden"`
		}
		fmt.Fprintf(&list, `<sheet name="%s" %s r:id="r%d"/>`, string([]rune("甲乙丙")[i]), state, i)
		fmt.Fprintf(&related, `<Relationship Id="r%d" Type="%s/worksheet" Target="s%d.xml"/>`, i, kind, i)
		var text strings.Builder
		for _, row := range rows {
			text.WriteString("<row>")
			for cell := range strings.SplitSeq(row, "|") {
				if formula, ok := strings.CutPrefix(cell, "="); ok {
					text.WriteString("<c><f>" + formula + "</f></c>")
				} else {
					text.WriteString(`<c t="str"><v>` + cell + "</v></c>")
				}
			}
			text.WriteString("</row>")
		}
		parts[fmt.Sprintf("xl/s%d.xml", i)] = "<worksheet " + space + "><sheetData>" + text.String() + "</sheetData></worksheet>"
	}
	parts["xl/workbook.xml"] = "<workbook " + space + ` xmlns:r="` + kind + `"><sheets>` + list.String() + "</sheets></workbook>"
	parts["xl/_rels/workbook.xml.rels"] = relations + related.String() + "</Relationships>"
	var data bytes.Buffer
	archive := zip.NewWriter(&data)
	for name, text := range parts {
		w, err := archive.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// TestSheets: which sheets of a workbook are read, and what is said of the others.
func TestSheets(t *testing.T) {
	const header, one, two, three = "设备号|门店", "352019040635785|一", "352019040625281|二", "352019040611133|三"
	card := func(sheet, cell, imei, shop string) string {
		return fmt.Sprintf("a.xlsx[%s]!%s: imei=%s iccid= shop=%q\n", sheet, cell, imei, shop)
	}
	const heading = `a.xlsx[甲]!A1: `
	const hidden = "A2: the sheet is not read: it is hidden, and has a header; name it under files as well, as FILE.xlsx#SHEET, if its cards are wanted\n"
	for name, test := range map[string]struct {
		sheets [][]string
		want   string // the beginning of the error, or what is described
	}{
		"the same header, in another order": {
			[][]string{{header, one}, {"title", "门店|设备号", "二|352019040625281"}},
			card("甲", "A2", "352019040635785", "一") + card("乙", "B3", "352019040625281", "二"),
		},
		"an empty sheet and one with a header alone": {
			[][]string{{}, {header, one}, {header}}, card("乙", "A2", "352019040635785", "一"),
		},
		"another header": {
			[][]string{{header, one}, {"IMEI|门店", two}},
			card("甲", "A2", "352019040635785", "一") +
				"warning: a.xlsx[乙]!A1: the sheet is not read: the headers of its identifiers are not those of the sheet \"甲\"; name it under files as well, as FILE.xlsx#SHEET, if its cards are wanted\n",
		},
		"a sheet that explains the columns": {
			[][]string{{"列|说明", "IMEI|15 位", "ICCID|20 位"}, {header, one}},
			card("乙", "A2", "352019040635785", "一") + "warning: a.xlsx[甲]!A3: the file lists no cards: there is no row with an identifier below the header\n",
		},
		"a title that names both": {
			[][]string{{"终端（IMEI）与卡（ICCID）台账", "2026 年", header, one}}, card("甲", "A4", "352019040635785", "一"),
		},
		"a card in two sheets": {
			[][]string{{header, one, three}, {header, "352019040635785|另一店"}},
			card("甲", "A2", "352019040635785", "一") + card("甲", "A3", "352019040611133", "三") +
				"warning: a.xlsx[乙]!A2: IMEI 352019040635785 is already listed at a.xlsx[甲]!A2 in group \"g\" with another shop, \"一\" and not \"另一店\"; this mention is dropped\n",
		},
		"hidden sheets": {
			[][]string{{header, one}, {"-", header, two}, {"-", "城市", "上海"}},
			card("甲", "A2", "352019040635785", "一") + "warning: a.xlsx[乙]!" + hidden,
		},
		"a header in a hidden sheet alone": {
			[][]string{{"title"}, {"-", header, two}}, "a.xlsx[乙]!A2: the sheet is hidden, and no other has a header: ",
		},
		"a formula in a label":       {[][]string{{header, one, "352019040625281|=A1"}}, "a.xlsx[甲]!B3: the cell has a formula without a value"},
		"a formula in a left column": {[][]string{{"设备号|备注", "352019040635785|=A1"}}, "a.xlsx[甲]!A2: imei=352019040635785 iccid=\nwarning: " + heading[:len(heading)-4] + "B1: columns of group"},
		"a header of formulas":       {[][]string{{"=B1|=C1", one}}, heading + "the cell has a formula without a value"},
		"no header":                  {[][]string{{}, {one}}, `a.xlsx[乙]!A1: no header found: `},
		"full-width commas":          {[][]string{{"设备号，门店"}}, heading + `no header found: one column must be called imei or iccid, or by another name for them, such as 设备号 or 卡号, or be mapped under columns; the first row reads "设备号，门店"; a full-width comma separates no columns`},
		"nothing":                    {[][]string{{}}, "a.xlsx: the file is empty; "},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Parse("simcard.yml", []byte("groups: [{name: g, files: [a.xlsx]}]"), fstest.MapFS{"a.xlsx": {Data: book(t, test.sheets...)}})
			var got string
			if err != nil {
				got = err.Error()
			} else {
				got = described(cfg)
			}
			if got != test.want && (test.want[len(test.want)-1] == '\n' || !strings.HasPrefix(got, test.want)) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestSheetsNamed: a sheet that another entry of files names is not missing, and is read
// once.
func TestSheetsNamed(t *testing.T) {
	data := book(t, []string{"title"}, []string{"设备号", "352019040635785"}, []string{"-", "IMEI", "352019040625281"})
	for _, files := range []string{"a.xlsx, a.xlsx#丙, a.xlsx", "a.xlsx#丙, a.xlsx#乙, a.xlsx"} {
		cfg, err := Parse("simcard.yml", []byte("groups: [{name: g, files: ["+files+"]}]"), fstest.MapFS{"a.xlsx": {Data: data}})
		if err != nil {
			t.Fatal(err)
		}
		if len(cfg.Groups[0].Cards) != 2 {
			t.Errorf("%s: %v", files, cfg.Groups[0].Cards)
		}
		for _, warning := range cfg.Warnings {
			if !strings.HasPrefix(warning, "a.xlsx[甲]!A1: the sheet is not read: no column of it") {
				t.Errorf("%s: %s", files, warning)
			}
		}
	}
}
