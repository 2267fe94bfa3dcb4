package inventory

import "testing"

// TestKind: what a file is shows in its content.
func TestKind(t *testing.T) {
	archive := func(names ...string) string {
		empty := make(map[string]string)
		for _, name := range names {
			empty[name] = ""
		}
		return string(zipped(t, empty))
	}
	book := archive("[Content_Types].xml", "xl/workbook.xml")
	for name, test := range map[string]struct {
		data string
		want kind
	}{
		"nothing":       {data: "", want: empty},
		"text":          {data: "imei\n", want: text},
		"workbook":      {data: book, want: workbook},
		"half workbook": {data: book[:len(book)/2], want: brokenZip},
		"xlsb":          {data: archive("xl/workbook.bin"), want: binaryBook},
		"ods":           {data: archive("mimetype", "content.xml"), want: openOffice},
		"zip":           {data: archive("cards.csv"), want: otherZip},
		"empty zip":     {data: archive(), want: otherZip},
		"xls":           {data: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", want: compound},
		"pdf":           {data: "%PDF-1.7", want: pdf},
		"html":          {data: "\ufeff\r\n<HTML><body>", want: webPage},
		"html table":    {data: "<table><tr>", want: webPage},
		"xml":           {data: "<?xml version=\"1.0\"?>", want: xmlDocument},
		"gzip":          {data: "\x1f\x8b\x08", want: gzipped},
		"rar":           {data: "Rar!\x1a\x07", want: rar},
		"picture":       {data: "\x89PNG\r\n", want: picture},
		"rtf":           {data: `{\rtf1`, want: rtf},
	} {
		if got, _ := kindOf([]byte(test.data)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
