package inventory

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// checkFile checks that a file is read to its end, or to an *Error with a
// place. It returns whether there was an error.
func checkFile(t *testing.T, data []byte) bool {
	t.Helper()
	tables, err := Open("cards", "", data)
	if err != nil {
		checkError(t, err)
		return true
	}
	for _, table := range tables {
		for row, err := range table.Rows() {
			if err != nil {
				checkError(t, err)
				return true
			}
			if row.Width() == 0 || !row.IsFilled(row.Width()-1) || row.Place(0).Line < 1 || len(row.Texts()) != row.Width() {
				t.Errorf("row %q at %s", row.Texts(), row.Place(0))
			}
		}
	}
	return false
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
			checkFile(t, data)
		}
	})
}

// isWhole is encoding/xml's own verdict on a part.
func isWhole(part string) bool {
	decoder := xml.NewDecoder(strings.NewReader(part))
	for {
		if _, err := decoder.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// FuzzWorkbook reads valid archives with mutated parts. What encoding/xml refuses is an
// error, unless nothing refers to it.
func FuzzWorkbook(f *testing.F) {
	seed := func(all map[string]string) {
		f.Add(all["xl/workbook.xml"], all["xl/_rels/workbook.xml.rels"], all["xl/worksheets/sheet1.xml"], all["xl/sharedStrings.xml"], all["xl/styles.xml"])
	}
	seed(parts(plainRows))
	merged := parts(plainRows + `<row r="3"><c r="A3" s="1"><v>45352</v></c><c r="C3"><f>B1</f></c></row>`)
	merged["xl/worksheets/sheet1.xml"] = strings.Replace(merged["xl/worksheets/sheet1.xml"], "</sheetData>", `</sheetData><mergeCells><mergeCell ref="B2:B4"/></mergeCells>`, 1)
	merged["xl/styles.xml"] = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy-m&quot;月&quot;"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs></styleSheet>`
	seed(merged)
	f.Fuzz(func(t *testing.T, workbook, relations, sheet, texts, styles string) {
		all := parts("")
		all["xl/workbook.xml"], all["xl/_rels/workbook.xml.rels"], all["xl/worksheets/sheet1.xml"], all["xl/sharedStrings.xml"], all["xl/styles.xml"] =
			workbook, relations, sheet, texts, styles
		failed := checkFile(t, zipped(t, all))
		if !failed && (!isWhole(workbook) || !isWhole(relations)) {
			t.Error("read, though its XML is damaged")
		}
		sound := parts(plainRows)
		sound["xl/worksheets/sheet1.xml"] = sheet
		if !checkFile(t, zipped(t, sound)) && !isWhole(sheet) {
			t.Errorf("read, though the sheet's XML is damaged: %q", sheet)
		}
	})
}

// FuzzSpelling writes a table in random legal spellings, whose content must come back.
func FuzzSpelling(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Add(uint64(3), uint64(5))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		random := rand.New(rand.NewPCG(a, b))
		w := &speller{Rand: random, prefix: []string{"", "x:"}[random.IntN(2)]}
		var want []string
		var rows strings.Builder
		line := 0
		for range random.IntN(20) + 1 {
			line += 1 + random.IntN(3)*random.IntN(2)
			var cells strings.Builder
			var text []string
			for column := range random.IntN(5) + 1 {
				value := []string{"352019040635785", "门店 & <北>", "a\"b", "_x0041_", "]]>", "x  y", "8986042319191e083314", "١"}[random.IntN(8)]
				cells.WriteString(w.cell(cellName(column, line), value))
				text = append(text, value)
			}
			rows.WriteString(w.element("row", fmt.Sprintf(` r="%d"`, line), cells.String()+w.filler()))
			want = append(want, strings.Join(text, "|"))
		}
		all := parts("")
		open := `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
		if w.prefix != "" {
			open = strings.Replace(open, "xmlns", "xmlns:x", 1)
		}
		all["xl/worksheets/sheet1.xml"] = w.filler() + w.element("worksheet", " "+open, w.filler()+w.element("sheetData", "", rows.String())+w.filler()) + w.filler()
		all["xl/sharedStrings.xml"] = w.element("sst", " "+open, w.texts)
		if random.IntN(2) == 0 {
			renamed := make(map[string]string)
			for name, text := range all {
				renamed[strings.ReplaceAll(strings.ToUpper(name), "/", `\`)] = text
			}
			all = renamed
		}
		table, err := Open("a.xlsx", "", zipped(t, all))
		if err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(t, table[0]); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// speller writes XML in one of the ways in which it can be written.
type speller struct {
	*rand.Rand
	prefix string
	texts  string // that cells share
	shared int
}

func (w *speller) element(name, attributes, content string) string {
	if strings.HasPrefix(attributes, " r=") && w.IntN(2) == 0 {
		attributes = strings.ReplaceAll(attributes, `"`, "'")
	}
	if content == "" && w.IntN(2) == 0 {
		return "<" + w.prefix + name + attributes + "/>"
	}
	return "<" + w.prefix + name + attributes + []string{"", " ", "\n"}[w.IntN(3)] + ">" + content + "</" + w.prefix + name + []string{"", " "}[w.IntN(2)] + ">"
}

// filler is what means nothing between elements.
func (w *speller) filler() string {
	return []string{"", " ", "\n", "<!-- <row> -->", "<?x y?>"}[w.IntN(5)]
}

// text writes a text, after OOXML's own escapes.
func (w *speller) text(text string) string {
	text = strings.ReplaceAll(text, "_x", "_x005F_x")
	switch w.IntN(3) {
	case 0:
		if !strings.Contains(text, "]]>") {
			return "<![CDATA[" + text + "]]>"
		}
	case 1:
		var escaped strings.Builder
		for _, r := range text {
			fmt.Fprintf(&escaped, "&#%d;", r)
		}
		return escaped.String()
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func (w *speller) cell(name, value string) string {
	at := ` r="` + name + `"`
	written := w.text(value)
	switch w.IntN(4) {
	case 0:
		w.shared++
		w.texts += w.element("si", "", w.element("t", "", written))
		return w.element("c", at+` t="s"`, w.element("v", "", strconv.Itoa(w.shared-1)))
	case 1:
		half := len([]rune(value)) / 2
		runes := []rune(value)
		if strings.Contains(value, "_x") { // an escape must not be cut
			half = 0
		}
		return w.element("c", at+` t="inlineStr"`, w.element("is", "",
			w.element("r", "", w.element("t", "", w.text(string(runes[:half]))))+w.element("r", "", w.element("t", "", w.text(string(runes[half:]))))))
	case 2:
		return w.element("c", at+` t="str"`, w.element("f", "", "B1")+w.element("v", "", written))
	}
	return w.element("c", at+` t="inlineStr"`, w.element("is", "", w.element("t", ` xml:space="preserve"`, written)))
}
