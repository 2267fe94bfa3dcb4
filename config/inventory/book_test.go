package inventory

import (
	"archive/zip"
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	mainSpace     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relationSpace = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relationType  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	relationList  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
)

// parts returns the parts of a workbook with one sheet, 台账, that has these rows.
func parts(rows string) map[string]string {
	return map[string]string{
		"_rels/.rels":     relationList + `<Relationship Id="r1" Type="` + relationType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + mainSpace + ` ` + relationSpace + `><sheets><sheet name="台账" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": relationList + `<Relationship Id="r1" Type="` + relationType + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="` + relationType + `sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="r3" Type="` + relationType + `styles" Target="/xl/styles.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet ` + mainSpace + `><sheetData>` + rows + `</sheetData></worksheet>`,
		"xl/sharedStrings.xml":     `<sst ` + mainSpace + `><si><t>设备号</t></si><si><r><t>北</t></r><rPh><t>bei</t></rPh><r><t>京店</t></r></si></sst>`,
		"xl/styles.xml":            `<styleSheet ` + mainSpace + `><cellXfs><xf numFmtId="0"/></cellXfs></styleSheet>`,
	}
}

// zipped returns an archive of parts.
func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var data bytes.Buffer
	archive := zip.NewWriter(&data)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = w.Write([]byte(parts[name]))
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

// open returns the only table of a file.
func open(t testing.TB, name, sheet string, data []byte) *Table {
	t.Helper()
	tables, err := Open(name, sheet, data)
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 1 {
		t.Fatalf("%d tables", len(tables))
	}
	return tables[0]
}

// rowsOf returns what the cells of each row show, separated by |.
func rowsOf(t testing.TB, table *Table) []string {
	t.Helper()
	var rows []string
	for row, err := range table.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, strings.Join(row.Texts(), "|"))
	}
	return rows
}

// readError returns the error at which the file a.xlsx ends, "" if it does not.
func readError(data []byte) string {
	tables, err := Open("a.xlsx", "", data)
	if err != nil {
		return err.Error()
	}
	for _, table := range tables {
		for _, err := range table.Rows() {
			if err != nil {
				return err.Error()
			}
		}
	}
	return ""
}
