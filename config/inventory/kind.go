package inventory

import (
	"bytes"
	"strings"
)

// kind is what a file is. Of one that cannot be read it is the error's text.
type kind string

const (
	workbook kind = "workbook"
	text     kind = "text"

	empty       kind = "the file is empty"
	compound    kind = "the file is an old Excel workbook (.xls), or one with a password: save it as .xlsx without a password"
	openOffice  kind = "the file is an OpenDocument spreadsheet (.ods): save it as .xlsx"
	binaryBook  kind = "the file is a binary workbook (.xlsb): save it as .xlsx"
	otherZip    kind = "the file is a zip archive, but not a workbook: unpack it, and name the .xlsx or .csv files in it"
	brokenZip   kind = "the file is a workbook or zip archive that is damaged or not complete: save or copy it again"
	gzipped     kind = "the file is compressed with gzip: unpack it"
	rar         kind = "the file is a RAR archive: unpack it"
	pdf         kind = "the file is a PDF document: save the table as .xlsx or .csv"
	rtf         kind = "the file is an RTF document: save the table as .xlsx or .csv"
	picture     kind = "the file is a picture: save the table as .xlsx or .csv"
	webPage     kind = "the file is a web page, even if its name says .xls: open it in Excel or WPS and save it as .xlsx"
	xmlDocument kind = "the file is an XML document: open it in Excel or WPS and save it as .xlsx"
)

// signatures are the first bytes of files of a kind.
var signatures = []struct {
	start string
	kind  kind
}{
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", compound},
	{"\x1f\x8b", gzipped},
	{"Rar!", rar},
	{"%PDF-", pdf},
	{"{\\rtf", rtf},
	{"\x89PNG", picture},
	{"\xff\xd8\xff", picture},
	{"GIF8", picture},
}

// kindOf identifies a file by its content, and opens the archive of a workbook.
func kindOf(data []byte) (kind, *archive) {
	for _, s := range signatures {
		if bytes.HasPrefix(data, []byte(s.start)) {
			return s.kind, nil
		}
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06")) {
		return kindOfZip(data)
	}
	start := bytes.TrimSpace(bytes.TrimPrefix(data[:min(len(data), 512)], []byte("\ufeff")))
	switch lower := strings.ToLower(string(start)); {
	case len(data) == 0:
		return empty, nil
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"), strings.HasPrefix(lower, "<table"), strings.HasPrefix(lower, "<meta"), strings.HasPrefix(lower, "mime-version:"):
		return webPage, nil
	case strings.HasPrefix(lower, "<?xml"):
		return xmlDocument, nil
	}
	return text, nil
}

// kindOfZip identifies a zip archive by the part to which it leads.
func kindOfZip(data []byte) (kind, *archive) {
	a, err := openArchive(data)
	if err != nil {
		return brokenZip, nil
	}
	main, err := a.workbookPart()
	switch {
	case err != nil:
		return brokenZip, nil
	case strings.HasSuffix(main, ".bin"), a.files["xl/workbook.bin"] != nil:
		return binaryBook, nil
	case a.files["content.xml"] != nil:
		return openOffice, nil
	case a.files[main] == nil || !strings.HasSuffix(main, ".xml") || strings.HasPrefix(main, "word/") || strings.HasPrefix(main, "ppt/"):
		return otherZip, nil
	}
	return workbook, a
}
