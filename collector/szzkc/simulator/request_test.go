package simulator

import (
	"net/http"
	"strings"
	"testing"
)

type requestTest struct {
	body   string
	status int    // 0 means 200
	want   string // checked only if status is 0
}

func TestProtocol(t *testing.T) {
	for name, test := range validRequestTests() {
		t.Run(name, func(t *testing.T) { test.run(t, 0) })
	}
	for name, test := range invalidRequestTests() {
		t.Run(name, func(t *testing.T) { test.run(t, 1) })
	}
}

// run sends the request and checks the answer and [Counters.Violations].
func (test requestTest) run(t *testing.T, refused int) {
	sim, server := serve(t)
	got := send(t, server, http.MethodPost, test.body)
	if got.err != nil {
		t.Fatal(got.err)
	}
	if n := sim.Counters().Violations; n != refused {
		t.Errorf("%d requests count as refused, want %d", n, refused)
	}
	if test.status != 0 {
		if got.status != test.status {
			t.Errorf("status %d, want %d", got.status, test.status)
		}
		return
	}
	if got.status != http.StatusOK || got.body != test.want {
		t.Errorf("got %d\n%s\nwant 200\n%s", got.status, got.body, test.want)
	}
	if contentType := got.header.Get("Content-Type"); contentType != "application/json; charset=utf-8" {
		t.Errorf("content type %q", contentType)
	}
}

// twentyIMEIs returns a batch of the maximum size. All but three are unknown.
func twentyIMEIs() string {
	return strings.Join(pageIMEIs(), ",") + strings.Repeat(",352019040000000", maxBatch-3)
}

func validRequestTests() map[string]requestTest {
	return map[string]requestTest{
		"documented example":     {body: `{"imeis": "352019040635785,352019040625281,352019041648936"}`, want: holding(first, second, third)},
		"in the request's order": {body: `{"imeis":"352019041648936,352019040635785"}`, want: holding(third, first)},
		"live":                   {body: `{"imeis":"352019040635785","update":true}`, want: holding(first)},
		"not live":               {body: `{"imeis":"352019040635785","update":false}`, want: holding(first)},
		"null update":            {body: `{"imeis":"352019040635785","update":null}`, want: holding(first)},
		"unknown field":          {body: `{"imeis":"352019040635785","x":[1]}`, want: holding(first)},
		"by ICCID":               {body: `{"imeis":"89860423191970454839"}`, want: holding(first)},
		"by ICCID in upper case": {body: `{"imeis":"898604231919C0083314"}`, want: holding(third)},
		"asked for twice":        {body: `{"imeis":"898604231919C0083314,898604231919c0083314"}`, want: holding(third)},
		"one is unknown":         {body: `{"imeis":"352019040000000,352019040635785"}`, want: holding(first)},
		"one is no identifier":   {body: `{"imeis":"spam,352019040635785"}`, want: holding(first)},
		"white space is kept":    {body: `{"imeis":" 352019040635785,352019040625281"}`, want: holding(second)},
		"all are unknown":        {body: `{"imeis":"352019040000000"}`, want: noData},
		"none is an identifier":  {body: `{"imeis":"spam"}`, want: noData},
		"twenty":                 {body: `{"imeis":"` + twentyIMEIs() + `"}`, want: holding(first, second, third)},
		"largest body":           {body: `{"imeis":"352019040635785"}` + strings.Repeat(" ", maxRequestBytes-27), want: holding(first)},
		"letters beyond ASCII":   {body: `{"imeis":"8986042319197045483é"}`, want: noData},
		"escapes in identifiers": {body: `{"imeis":"35201904063578\u0035"}`, want: holding(first)},
	}
}

func invalidRequestTests() map[string]requestTest {
	const (
		none  = `{"state":false,"result":null,"error":"imeis不能为空"}`
		many  = `{"state":false,"result":null,"error":"单次最多查询20张卡"}`
		mixed = `{"state":false,"result":null,"error":"IMEI和ICCID不能混合查询"}`
	)
	return map[string]requestTest{
		"no identifiers":        {body: `{"imeis":""}`, want: none},
		"an empty identifier":   {body: `{"imeis":"352019040635785,"}`, want: none},
		"mixed":                 {body: `{"imeis":"352019040635785,89860423191970454839"}`, want: mixed},
		"mixed, unknown ones":   {body: `{"imeis":"352019040000000,8986042319197045483"}`, want: mixed},
		"twenty-one":            {body: `{"imeis":"` + twentyIMEIs() + `,352019040000000"}`, want: many},
		"no JSON":               {body: `imeis=352019040635785`, status: 400},
		"no body":               {status: 400},
		"no object":             {body: `["352019040635785"]`, status: 400},
		"null":                  {body: `null`, status: 400},
		"more than an object":   {body: `{"imeis":"352019040635785"}{}`, status: 400},
		"no field imeis":        {body: `{"iccids":"352019040635785"}`, status: 400},
		"imeis in another case": {body: `{"IMEIs":"352019040635785"}`, status: 400},
		"null imeis":            {body: `{"imeis":null}`, status: 400},
		"imeis is a list":       {body: `{"imeis":["352019040635785"]}`, status: 400},
		"update is a string":    {body: `{"imeis":"352019040635785","update":"true"}`, status: 400},
		"a byte too large":      {body: `{"imeis":"352019040635785"}` + strings.Repeat(" ", maxRequestBytes-26), status: 413},
	}
}

func TestMethod(t *testing.T) {
	sim, server := serve(t)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		got := send(t, server, method, `{"imeis":"352019040635785"}`)
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: status %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
	if got := sim.Counters().Violations; got != 3 {
		t.Errorf("%d refused, want 3", got)
	}
}
