package inventory

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxSheets = 10_000
	maxName   = 1000
	maxStyles = 100_000 // spreadsheet programs allow 65,490 of a workbook
	maxTexts  = 10_000_000
	maxShared = 256 << 20 // bytes of all texts

	// maxShown limits the bytes of all texts that the cells of a workbook show: many
	// cells can share one.
	maxShown = 512 << 20
)

// book is a workbook.
type book struct {
	archive *archive
	sheets  []sheet
	texts   texts    // that cells share
	formats []format // by the number of a cell's style
	isStale bool     // formulas were never calculated, and hold 0: XlsxWriter writes so
	is1904  bool     // dates count from 1904
	shown   int64    // bytes of texts so far
}

// sheet is a sheet of a workbook.
type sheet struct {
	name     string
	part     string
	isHidden bool
	isTable  bool // and no chart, dialog or macro
}

// texts are many texts in one string.
type texts struct {
	all  string
	ends []uint32
}

// text returns the i-th text, which keeps all of them in memory.
func (t *texts) text(i int) string {
	begin := uint32(0)
	if i > 0 {
		begin = t.ends[i-1]
	}
	return t.all[begin:t.ends[i]]
}

// openWorkbook returns the sheet of that name, or all.
func openWorkbook(name, sheet string, a *archive) ([]*Table, error) {
	b := &book{archive: a}
	if err := b.load(); err != nil {
		return nil, &Error{Place{File: name}, "the workbook cannot be read: " + err.Error()}
	}
	var tables []*Table
	var names []string
	seen := 0
	for _, s := range b.sheets {
		names = append(names, s.name)
		if s.isTable && (s.name == sheet || sheet == "") {
			t := &Table{Name: name + "[" + s.name + "]", File: name, Sheet: s.name, IsHidden: sheet == "" && s.isHidden, book: b}
			if !t.IsHidden {
				seen++
			}
			t.read = func(yield func(Row) bool) error { return b.readSheet(t, s.part, yield) }
			tables = append(tables, t)
		}
	}
	switch {
	case seen > 0:
		return tables, nil
	case sheet != "":
		return nil, &Error{Place{File: name}, fmt.Sprintf("the workbook has no sheet %q; it has %q", sheet, names)}
	}
	return nil, &Error{Place{File: name}, fmt.Sprintf("the workbook has no sheet that is not hidden; it has %q: name one as file.xlsx#sheet", names)}
}

// workbookPart returns the name of the part that lists the sheets.
func (a *archive) workbookPart() (string, error) {
	root, err := a.relations("")
	if err != nil {
		return "", fmt.Errorf("_rels/.rels: %s", reasonOf(err))
	}
	for _, r := range root {
		if r.kind == "officeDocument" {
			return r.target, nil
		}
	}
	return "xl/workbook.xml", nil
}

// load reads what the sheets have in common.
func (b *book) load() error {
	main, err := b.archive.workbookPart()
	if err != nil {
		return err
	}
	related, err := b.archive.relations(main)
	if err != nil {
		return fmt.Errorf("the relations of %s: %s", main, reasonOf(err))
	}
	err = b.archive.read(main, func(p *part, e element) error {
		switch {
		case !e.begins:
		case p.at("workbook", "workbookPr"):
			b.is1904 = isTrue(e.attr("date1904"))
		case p.at("workbook", "calcPr"):
			b.isStale = isTrue(e.attr("fullCalcOnLoad"))
		case p.at("workbook", "sheets", "sheet"):
			if len(b.sheets) == maxSheets || len(e.attr("name")) > maxName {
				return errTooLarge
			}
			s := sheet{name: e.attr("name"), isHidden: e.attr("state") == "hidden" || e.attr("state") == "veryHidden"}
			id := e.relationID()
			for _, r := range related {
				if r.id == id {
					s.part, s.isTable = r.target, r.kind == "worksheet"
				}
			}
			if s.part == "" {
				return fmt.Errorf("the sheet %q has no part", s.name)
			}
			b.sheets = append(b.sheets, s)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %s", main, reasonOf(err))
	}
	for _, r := range related {
		switch r.kind {
		case "sharedStrings":
			err = b.loadTexts(r.target)
		case "styles":
			err = b.loadStyles(r.target)
		}
		if err != nil {
			return fmt.Errorf("%s: %s", r.target, reasonOf(err))
		}
	}
	return nil
}

// loadTexts reads the texts that cells share. Readings of Chinese or Japanese characters
// (rPh) are no part of a text.
func (b *book) loadTexts(name string) error {
	var all strings.Builder
	if f := b.archive.files[name]; f != nil {
		all.Grow(int(min(f.UncompressedSize64, maxShared))) // as it grows, the memory would be twice that
	}
	b.texts = texts{}
	err := b.archive.read(name, func(p *part, e element) error {
		switch {
		case e.text != nil:
			if p.at("sst", "si", "t") || p.at("sst", "si", "r", "t") {
				return p.collect(e.text)
			}
		case e.ends && p.at("sst", "si"):
			if len(b.texts.ends) == maxTexts || all.Len()+len(p.text) > maxShared {
				return errTooLarge
			}
			all.Write(unescape(p.text))
			b.texts.ends = append(b.texts.ends, uint32(all.Len()))
			p.text = p.text[:0]
		}
		return nil
	})
	b.texts.all = all.String()
	return err
}

// loadStyles reads how numbers are shown.
func (b *book) loadStyles(name string) error {
	var styles []int // of cells: the number of each one's format
	codes := make(map[int]string)
	err := b.archive.read(name, func(p *part, e element) error {
		if !e.begins {
			return nil
		}
		id, _ := strconv.Atoi(e.attr("numFmtId")) // without one it is 0, and shows all
		switch {
		case p.at("styleSheet", "numFmts", "numFmt"):
			code := e.attr("formatCode")
			codes[id] = strings.Clone(code[:min(len(code), maxCode+1)]) // of which no more matters
		case p.at("styleSheet", "cellXfs", "xf"):
			styles = append(styles, id)
		}
		if len(styles)+len(codes) > maxStyles {
			return errTooLarge
		}
		return nil
	})
	compiled := make(map[int]format)
	for _, id := range styles {
		f, done := compiled[id]
		if !done {
			code, own := codes[id]
			if !own {
				code = builtIn[id]
			}
			f = compile(code)
			compiled[id] = f
		}
		b.formats = append(b.formats, f)
	}
	return err
}

func isTrue(text string) bool { return text == "1" || text == "true" }

// escape matches how OOXML writes a character that XML cannot hold.
var escape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape replaces _x000D_ by the character that it stands for.
func unescape(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	return escape.ReplaceAllFunc(text, func(code []byte) []byte {
		character, _ := strconv.ParseUint(string(code[2:6]), 16, 16) // which are hexadecimal digits
		return utf8.AppendRune(nil, rune(character))
	})
}
