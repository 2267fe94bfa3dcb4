package szzkc

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"simcard_exporter/collector/platform"
)

// shanghai loads the zone as a user's configuration does.
func shanghai(t testing.TB) *time.Location {
	t.Helper()
	location, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// page is the example from the platform's documentation, verbatim.
const page = `{
"state": true,
"result": [
{"ServiceNum":"460044352904839","IMEI":"352019040635785","ICCID":"89860423191970454839","Status":1,"ActiveTS":"2019-07-02T11:03:42","ExpireTS":"2020-07-05T15:08:49","Balance":"8306.00KB"},
{"ServiceNum":"460044352904000","IMEI":"352019040625281","ICCID":"89860423191970454000","Status":1,"ActiveTS":"2019-06-21T19:38:22","ExpireTS":"2019-06-22T14:29:44","Balance":"0KB"},
{"ServiceNum":"460044300203314","IMEI":"352019041648936","ICCID":"898604231919c0083314","Status":1,"ActiveTS":"2019-08-09T08:48:15","ExpireTS":"2020-08-15T17:55:27","Balance":"4.00KB"}
],
"error": ""}`

func TestDecodePage(t *testing.T) {
	answer, err := decode([]byte(page), shanghai(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"460044352904839 352019040635785 89860423191970454839 status=1 balance=8505344 active=1562036622 expires=1593932929",
		"460044352904000 352019040625281 89860423191970454000 status=1 balance=0 active=1561117102 expires=1561184984",
		"460044300203314 352019041648936 898604231919c0083314 status=1 balance=4096 active=1565311695 expires=1597485327",
	}
	if got := render(answer); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// gb18030 returns a text as servers with Chinese settings may send it.
func gb18030(t *testing.T, text string) string {
	t.Helper()
	encoded, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// render returns an answer as text: one line for each card, then one for each
// invalid field.
func render(a platform.Answer) string {
	var lines []string
	for _, c := range a.Cards {
		line := fmt.Sprintf("%s %s %s", c.ServiceNumber, c.IMEI, c.ICCID)
		if c.Status != nil {
			line += fmt.Sprintf(" status=%d", *c.Status)
		}
		if c.Balance != nil {
			line += fmt.Sprintf(" balance=%.0f", *c.Balance)
		}
		if c.Activated != 0 {
			line += fmt.Sprintf(" active=%d", c.Activated.Time().Unix())
		}
		if c.Expires != 0 {
			line += fmt.Sprintf(" expires=%d", c.Expires.Time().Unix())
		}
		lines = append(lines, line)
	}
	for _, f := range a.Invalid {
		lines = append(lines, fmt.Sprintf("invalid %d %s %s", f.Item, f.Field, f.Text))
	}
	return strings.Join(lines, "\n")
}

type decodeTest struct {
	body string
	want string // as render writes it
}

func TestDecode(t *testing.T) {
	tests := noDataTests()
	maps.Copy(tests, statusTests())
	maps.Copy(tests, fieldTests())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer, err := decode([]byte(test.body), shanghai(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := render(answer); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func noDataTests() map[string]decodeTest {
	return map[string]decodeTest{
		"no card known":                   {body: `{"state":false,"result":null,"error":"未查询到任何数据"}`, want: ""},
		"no card known, with a full stop": {body: `{"state":false,"result":[],"error":"未查询到任何数据。 "}`, want: ""},
		"no card known, with a full-width exclamation mark": {
			body: `{"state":false,"result":null,"error":"未查询到任何数据！"}`, want: "",
		},
		"no card known, with marks and spaces in a mix": {
			body: `{"state":false,"result":null,"error":" 未查询到任何数据 ！.\u3000!。\n"}`, want: "",
		},
	}
}

// The fields of an item that a test does not look at, and how render writes times.
const (
	otherFields = `"ServiceNum":"1","ICCID":"2","ActiveTS":"2019-07-02T11:03:42","ExpireTS":"2020-07-05T15:08:49"`
	times       = `active=1562036622 expires=1593932929`
)

// itemBody is the answer with one item: its otherFields and the given ones.
func itemBody(fields string) string {
	return `{"state":true,"result":[{` + fields + `,` + otherFields + `}]}`
}

func statusTests() map[string]decodeTest {
	const known, unknown = "1 3 2 status=%d balance=1 " + times, "1 3 2 balance=1 " + times + "\ninvalid 0 status "
	status := func(text string) string { return itemBody(`"IMEI":"3","Status":` + text + `,"Balance":"1B"`) }
	return map[string]decodeTest{
		"status quoted":                       {body: status(`"0"`), want: fmt.Sprintf(known, 0)},
		"status with a fraction of 0":         {body: status(`1.0`), want: fmt.Sprintf(known, 1)},
		"status quoted, with a fraction of 0": {body: status(`"1.0"`), want: fmt.Sprintf(known, 1)},
		"status with an exponent of 0":        {body: status(`1e0`), want: fmt.Sprintf(known, 1)},
		"another status is passed on":         {body: status(`7`), want: fmt.Sprintf(known, 7)},
		"status between two":                  {body: status(`1.5`), want: unknown + `1.5`},
		"status nearly 0":                     {body: status(`1e-400`), want: unknown + `1e-400`}, // 0 as a float64
		"status of a wrong type":              {body: status(`{}`), want: unknown + `{}`},
		"status no number":                    {body: status(`"on"`), want: unknown + `"on"`},
		"status null":                         {body: status(`null`), want: unknown + `null`},
		"status missing":                      {body: itemBody(`"IMEI":"3","Balance":"1B"`), want: unknown},
	}
}

func fieldTests() map[string]decodeTest {
	const whole = "1 3 2 status=1 balance=1 " + times
	valid := itemBody(`"IMEI":"3","Status":1,"Balance":"1B"`)
	imei := func(text string) string { return itemBody(`"IMEI":` + text + `,"Status":1,"Balance":"1B"`) }
	return map[string]decodeTest{
		"a byte-order mark": {body: "\ufeff" + valid, want: whole},
		"balance a number": {
			body: itemBody(`"IMEI":"3","Status":1,"Balance":8306`),
			want: "1 3 2 status=1 " + times + "\ninvalid 0 balance ",
		},
		"IMEI a number": {body: imei(`3`), want: "1  2 status=1 balance=1 " + times + "\ninvalid 0 imei "},
		"padded text":   {body: imei(`" 3\t"`), want: whole},
		"not UTF-8":     {body: imei("\"3\xff\""), want: "1 3\ufffd 2 status=1 balance=1 " + times},
		"text too long": {
			body: imei(`"` + strings.Repeat("3", 65) + `"`),
			want: "1  2 status=1 balance=1 " + times + "\ninvalid 0 imei " + strings.Repeat("3", 64),
		},
		"bad items cost themselves": {
			body: strings.Replace(valid, `[`, `[null,7,"x",[],{},`, 1),
			want: whole + "\ninvalid 0 item \ninvalid 1 item \ninvalid 2 item \ninvalid 3 item \ninvalid 4 item ",
		},
		"never activated": {
			body: `{"state":true,"result":[{"ServiceNum":"1","ICCID":"2","IMEI":"3","Status":1,"ActiveTS":null,"ExpireTS":"0001-01-01T00:00:00","Balance":""}]}`,
			want: "1 3 2 status=1\ninvalid 0 balance \ninvalid 0 activation \ninvalid 0 expiry 0001-01-01T00:00:00",
		},
		"never expires": {
			body: `{"state":true,"result":[{"ServiceNum":"1","ICCID":"2","IMEI":"3","Status":1,"ActiveTS":"2019-07-02T11:03:42","ExpireTS":"9999-12-31T23:59:59.9999999","Balance":"1B"}]}`,
			want: "1 3 2 status=1 balance=1 active=1562036622\ninvalid 0 expiry 9999-12-31T23:59:59.9999999",
		},
	}
}

func TestDecodeFaults(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"empty":                {body: ``, want: "decode: parse answer: unexpected end of JSON input"},
		"a page":               {body: "<!DOCTYPE html>\n<html><head><title> 系统维护中 </title></head><body>请稍后</body>", want: `decode: answer is a page: "系统维护中"`},
		"a page without title": {body: "<html><style>p{}</style><body><p>系统&amp;网络</p>\n<p>维护中</p>", want: `decode: answer is a page: "系统&网络 维护中"`},
		"a page in GB18030":    {body: "<html><title>\xcf\xb5\xcd\xb3\xce\xac\xbb\xa4</title>", want: `decode: answer is a page: "系统维护"`},
		"HTML":                 {body: `<html>`, want: "decode: parse answer: invalid character '<' looking for beginning of value"},
		"GB18030":              {body: gb18030(t, `{"state":false,"error":"系统维护中"}`), want: `rejected: platform says "系统维护中"`},
		"a byte-order mark":    {body: "\ufeff", want: "decode: parse answer: unexpected end of JSON input"},
		"two of them":          {body: "\ufeff\ufeff" + page, want: "decode: parse answer: invalid character 'ï' looking for beginning of value"},
		"cut":                  {body: page[:200], want: "decode: parse answer: unexpected end of JSON input"},
		"more after it":        {body: page + `{}`, want: "decode: parse answer: invalid character '{' after top-level value"},
		"another object":       {body: `{}`, want: "decode: answer has no state"},
		"not an object":        {body: `[]`, want: "decode: answer has no state"},
		"state a text":         {body: `{"state":"true","result":[]}`, want: "decode: answer has no state"},
		"no result":            {body: `{"state":true}`, want: "decode: answer has state true and no result"},
		"result null":          {body: `{"state":true,"result":null,"error":""}`, want: "decode: answer has state true and no result"},
		"result an object":     {body: `{"state":true,"result":{}}`, want: "decode: answer has state true and no result"},
		"no items":             {body: `{"state":true,"result":[],"error":""}`, want: "decode: answer has state true and no items"},
		"too many items":       {body: `{"state":true,"result":[{}` + strings.Repeat(`,{}`, maxItems) + `]}`, want: "decode: answer has 1001 items"},
		"another text":         {body: `{"state":false,"result":null,"error":"系统繁忙"}`, want: `rejected: platform says "系统繁忙"`},
		"more than no data":    {body: `{"state":false,"result":null,"error":"未查询到任何数据！请重试"}`, want: `rejected: platform says "未查询到任何数据！请重试"`},
		"no text":              {body: `{"state":false,"result":null}`, want: `rejected: platform says ""`},
		"no data, with data":   {body: `{"state":false,"result":[{}],"error":"未查询到任何数据"}`, want: `rejected: platform says "未查询到任何数据"`},
		"a long text":          {body: `{"state":false,"error":"` + strings.Repeat("忙", 500) + `"}`, want: `rejected: platform says "` + strings.Repeat("忙", 85) + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := decode([]byte(test.body), shanghai(t))
			var typed *platform.Error
			if !errors.As(err, &typed) || err.Error() != test.want {
				t.Errorf("got %+v, %v, want %s", answer, err, test.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	location := shanghai(f)
	f.Add([]byte(page))
	f.Add([]byte("\ufeff" + `{"state":false,"result":null,"error":"未查询到任何数据！"}`))
	f.Add([]byte(`{"state":true,"result":[{"IMEI":"\ud800","Status":"1","Balance":"-1KB","ActiveTS":null}, 1, null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, err := decode(body, location)
		if err != nil {
			var typed *platform.Error
			if !errors.As(err, &typed) {
				t.Fatalf("error of type %T", err)
			}
			return
		}
		for _, c := range answer.Cards {
			if c.Balance != nil && !(*c.Balance >= 0 && *c.Balance < 1e25) {
				t.Errorf("balance %v", *c.Balance)
			}
			for _, at := range []platform.Instant{c.Activated, c.Expires} {
				// The year is that of the platform's zone.
				if year := at.Time().UTC().Year(); at != 0 && (year < minYear-1 || year > maxYear+1) {
					t.Errorf("time %v", at.Time())
				}
			}
			for _, s := range []string{c.ServiceNumber, c.IMEI, c.ICCID} {
				if strings.ToValidUTF8(s, "") != s || len(s) > maxText {
					t.Errorf("text %q", s)
				}
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	location := shanghai(b)
	one := page[strings.Index(page, "[")+1 : strings.Index(page, "]")]
	body := []byte(`{"state":true,"result":[` + strings.Repeat(one+",", 6) + one[:strings.LastIndex(one, ",\n")] + `],"error":""}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		answer, err := decode(body, location)
		if err != nil || len(answer.Cards) != MaxBatch {
			b.Fatal(len(answer.Cards), err)
		}
	}
}
