package inventory

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// TestDialects: the same table in each form in which programs save it.
func TestDialects(t *testing.T) {
	const table = "设备号,门店\n352019040635785,\"北京, 东店\"\n352019040625281,上海\n"
	encoded := func(e encoding.Encoding, text string) string {
		t.Helper()
		data, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, data := range map[string]string{
		"UTF-8":                           table,
		"UTF-8 with byte-order mark":      "\ufeff" + table,
		"CRLF":                            strings.ReplaceAll(table, "\n", "\r\n"),
		"CR":                              strings.ReplaceAll(table, "\n", "\r"),
		"no newline at the end":           strings.TrimSuffix(table, "\n"),
		"GB18030":                         encoded(simplifiedchinese.GB18030, table),
		"UTF-16LE":                        encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), table),
		"UTF-16BE":                        encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), table),
		"UTF-16LE without mark":           encoded(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), table),
		"UTF-16BE without mark":           encoded(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), table),
		"UTF-16LE, tabs, CRLF, as Excel":  encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "设备号\t门店\r\n352019040635785\t\"北京, 东店\"\r\n352019040625281\t上海\r\n"),
		"CR, with line breaks in cells":   "设备号,\"\n门店\"\r352019040635785,\"北京, 东店\"\r352019040625281,上海\r",
		"CRCRLF":                          strings.ReplaceAll("设备号,门店\n352019040635785,\"北京, 东店\"\n352019040625281,\"上海\"\n", "\n", "\r\r\n"),
		"semicolons":                      "设备号;门店\n352019040635785;北京, 东店\n352019040625281;上海\n",
		"tabs":                            "设备号\t门店\n352019040635785\t北京, 东店\n352019040625281\t上海\n",
		"sep= line":                       "sep=;\n设备号;门店\n352019040635785;北京, 东店\n352019040625281;上海\n",
		"sep= line of another character":  "sep=|\r\n设备号|门店\r\n352019040635785|北京, 东店\r\n352019040625281|上海\r\n",
		"formulas that keep numbers text": "设备号,门店\n=\"352019040635785\",\"北京, 东店\"\n=\"352019040625281\",上海",
	} {
		t.Run(name, func(t *testing.T) {
			table := open(t, "cards.csv", "", []byte(data))
			want := []string{"设备号|门店", "352019040635785|北京, 东店", "352019040625281|上海"}
			if got := rowsOf(t, table); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got %q, want %q", got, want)
			}
			if guessed := len(table.Warnings) > 0; guessed != (name == "GB18030") {
				t.Errorf("warnings %q", table.Warnings)
			}
		})
	}
	// Big5 can pass for GB18030, which is why there is a warning.
	if tables, err := Open("cards.csv", "", []byte(encoded(traditionalchinese.Big5, "門店\n台北\n"))); err == nil && len(tables[0].Warnings) == 0 {
		t.Error("Big5 is read without a warning")
	}
}

// TestSingleColumn: a file without any separator has one column.
func TestSingleColumn(t *testing.T) {
	table := open(t, "cards.csv", "", []byte("imei\n352019040635785\n352019040625281\n"))
	if got := strings.Join(rowsOf(t, table), " "); got != "imei 352019040635785 352019040625281" {
		t.Errorf("got %s", got)
	}
}

// TestSeparator: what stands inside cells, or in a title, misleads nobody.
func TestSeparator(t *testing.T) {
	for name, test := range map[string]struct {
		start, row string
		separator  byte
	}{
		"title with a comma, decimal commas": {"Terminals, all\nimei;price;shop\n", "352019040635785;1,5;a\n", ';'},
		"semicolons in cells, short rows":    {"imei,tags,shop,city\n", "352019040635785,a;b,c\n352019040635785,a;b,c,d\n", ','},
		"many semicolons in cells":           {"imei,tags\n", "352019040635785,a;b;c;d;e\n", ','},
		"commas in cells, tabs":              {"imei\taddress\n", "352019040635785\ta, b, c\n", '\t'},
	} {
		if _, got := separatorOf([]byte(test.start + strings.Repeat(test.row, 60))); got != test.separator {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, declared := range []string{"sep=\"\n", "sep=\r\n", "sep=é\n"} {
		table := open(t, "a.csv", "", []byte(declared+"imei\n"))
		if got := rowsOf(t, table); got[len(got)-1] != "imei" {
			t.Errorf("%q: %q", declared, got)
		}
	}
}

// TestGB18030ByChance: lines that are valid UTF-8 as well must not spoil the guess.
func TestGB18030ByChance(t *testing.T) {
	table := open(t, "a.csv", "", []byte("\xc9\xe8\xb1\xb8\xba\xc5,x\n1,\xd2\xbb\xd0\xa1\n2,\xd0\xa1\n"))
	if got := strings.Join(rowsOf(t, table), ";"); got != "设备号|x;1|一小;2|小" {
		t.Errorf("got %s", got)
	}
}

// TestPlaces: rows that are not empty, each cell with its line.
func TestPlaces(t *testing.T) {
	table := open(t, "cards.csv", "", []byte("\ufeff, \n imei ,shop\r\n\n1,\"two\nlines\",\"\n3\"\n,\n4"))
	var got []string
	for row, err := range table.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		for column := range row.Width() {
			got = append(got, row.Place(column).String()+" "+row.Value(column))
		}
		if text := row.Value(-1) + row.Value(row.Width()); text != "" {
			t.Errorf("a cell beside the row: %q", text)
		}
	}
	want := []string{"cards.csv:2 imei", "cards.csv:2 shop", "cards.csv:4 1", "cards.csv:4 two\nlines", "cards.csv:5 3", "cards.csv:8 4"}
	if strings.Join(got, ";") != strings.Join(want, ";") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestLines: a cell of several lines may hold numbers, and has swallowed rows if a line of it
// looks like one.
func TestLines(t *testing.T) {
	for name, test := range map[string]struct {
		data, want string
	}{
		"a note":          {"IMEI,备注\n352019040000014,\"原卡号:\n89860423191970007919\"\n352019040000022,\n", ""},
		"a row in a note": {"IMEI,备注\n352019040000014,\"原卡号\n352019040000022,\n352019040000030,\"\n", "cards.csv:2: "},
		"the only column": {"IMEI\n352019040000014\n\"352019040000022\n352019040000030\"\n", "cards.csv:3: "},
		"mixed ends":      {"IMEI,备注\n352019040000014,a\r352019040000022,b\n1,2\r\n", "cards.csv:2: the line ends are mixed"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, err := range open(t, "cards.csv", "", []byte(test.data)).Rows() {
				if err != nil {
					got = err.Error()
				}
			}
			if !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestTextThatCannotBeRead: the rows before a mistake are read.
func TestTextThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		data string
		rows int
		want string
	}{
		"quote inside a cell": {data: "a,b\nthe \"new\",b\nc,d\n", rows: 1, want: "cards.csv:2: " + misquoted},
		"quote left open":     {data: "a,b\nc,d\n\"b,\nc\n", rows: 2, want: "cards.csv:3: " + misquoted},
		"one line in GBK":     {data: "门店\n北京\n\xb1\xb1\xbe\xa9\n", want: `cards.csv:3: the line is not UTF-8, though others are: the file may be put together from several; save it as "CSV UTF-8"`},
		"mark, not UTF-8":     {data: "\ufeffa\n\xd0\xa1\xb5\xea\n", want: `cards.csv:2: the line is not UTF-8, though the file begins as such: it is damaged, or put together from several; save it as "CSV UTF-8"`},
		"no encoding":         {data: "a\n\xff\xff\xff\n", want: `cards.csv:2: the file is neither UTF-8 nor UTF-16 nor GB18030: in Excel or WPS, save it as .xlsx or as "CSV UTF-8"`},
		"half a UTF-16":       {data: "\xff\xfea\x00\x00\xd8", want: "cards.csv: the file is UTF-16 that is damaged: save or copy it again"},
		"too many cells":      {data: "a" + strings.Repeat(",b", maxColumns) + "\n", want: "cards.csv:1: the row has more than 1000 cells"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, got := 0, error(nil)
			tables, err := Open("cards.csv", "", []byte(test.data))
			if err != nil {
				got = err
			} else {
				for _, err := range tables[0].Rows() {
					if got = err; err == nil {
						rows++
					}
				}
			}
			var typed *Error
			if !errors.As(got, &typed) || got.Error() != test.want || rows != test.rows {
				t.Errorf("%d rows and %v, want %d and %s", rows, got, test.rows, test.want)
			}
		})
	}
}
