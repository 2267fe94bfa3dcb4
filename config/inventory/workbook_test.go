package inventory

import (
	"fmt"
	"strings"
	"testing"

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
	unmarked := parts(plainRows)
	unmarked[sheet] = text[2:]
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
		"UTF-16 without mark":             unmarked,
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

// TestSheets: all, or the one that is named.
func TestSheets(t *testing.T) {
	all := parts(plainRows)
	all["xl/workbook.xml"] = strings.Replace(all["xl/workbook.xml"], "<sheets>", `<sheets><sheet name="旧" sheetId="2" state="hidden" r:id="r1"/><sheet name="二" sheetId="3" r:id="r1"/>`, 1)
	data := zipped(t, all)
	tables, err := Open("a.xlsx", "", data)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, table := range tables {
		fmt.Fprintln(&got, table.Name, table.Sheet, table.File, table.IsHidden)
	}
	if got := got.String(); got != "a.xlsx[旧] 旧 a.xlsx true\na.xlsx[二] 二 a.xlsx false\na.xlsx[台账] 台账 a.xlsx false\n" {
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
