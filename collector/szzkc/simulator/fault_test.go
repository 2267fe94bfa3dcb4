package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

func TestFaultNames(t *testing.T) {
	seen := map[string]bool{None.String(): true}
	for _, fault := range Faults() {
		name := fault.String()
		if name == "" || strings.Contains(name, "(") || seen[name] {
			t.Errorf("fault %d is called %q", int(fault), name)
		}
		seen[name] = true
	}
	if len(seen) != int(faultCount) || slices.Contains(Faults(), None) {
		t.Errorf("Faults() has %d names, want %d", len(seen)-1, faultCount-1)
	}
	if got := Fault(99).String(); got != "Fault(99)" {
		t.Errorf("an undeclared fault is called %q", got)
	}
}

// wait_test.go tests Hang.
func TestFaults(t *testing.T) {
	checks := transportFaultChecks()
	maps.Copy(checks, bodyFaultChecks())
	maps.Copy(checks, itemFaultChecks())
	for _, fault := range Faults() {
		if fault == Hang {
			continue
		}
		t.Run(fault.String(), func(t *testing.T) {
			sim, server := serve(t)
			sim.SetBehaviour(Behaviour{Fault: fault, RetryAfter: 1100 * time.Millisecond})
			checks[fault](t, query(t, server, pageIMEIs()...))

			if got := sim.Counters(); got.ByFault[fault] == 0 || got.FaultsServed != got.ByFault[fault] || got.InFlight != 0 {
				t.Errorf("counted %+v", got)
			}
			sim.SetBehaviour(Behaviour{})
			checkBody(t, query(t, server, pageIMEIs()...), holding(first, second, third))
		})
	}
}

// check checks what a client sees of a fault that hits a query for the three cards of
// the documentation.
type check func(*testing.T, reply)

// transportFaultChecks are those of faults of the connection and of HTTP.
func transportFaultChecks() map[Fault]check {
	const jsonType, htmlType = "application/json", "text/html"
	healthy := holding(first, second, third)
	return map[Fault]check{
		Reset: func(t *testing.T, got reply) {
			if !errors.Is(got.err, syscall.ECONNRESET) {
				t.Errorf("got %v, want a reset", got.err)
			}
		},
		Truncated: func(t *testing.T, got reply) {
			if !errors.Is(got.err, io.ErrUnexpectedEOF) || got.length != int64(len(healthy)) || got.body != healthy[:len(healthy)/2] {
				t.Errorf("got %v, length %d, %d bytes", got.err, got.length, len(got.body))
			}
		},
		ServerError: func(t *testing.T, got reply) { checkStart(t, got, 500, jsonType, `{"Message":`) },
		Unavailable: func(t *testing.T, got reply) { checkStart(t, got, 503, htmlType, "<!DOCTYPE html>") },
		Throttled: func(t *testing.T, got reply) {
			checkStart(t, got, 429, jsonType, `{"Message":`)
			if after := got.header.Get("Retry-After"); after != "2" {
				t.Errorf("Retry-After %q, want 2", after)
			}
		},
		NotFoundPage: func(t *testing.T, got reply) { checkStart(t, got, 404, htmlType, "<!DOCTYPE html>") },
		Redirect: func(t *testing.T, got reply) {
			checkStart(t, got, 307, htmlType, "")
			if to := got.header.Get("Location"); to != redirectURL {
				t.Errorf("leads to %q", to)
			}
		},
		HTML: func(t *testing.T, got reply) { checkStart(t, got, 200, htmlType, "<!DOCTYPE html>") },
		Empty: func(t *testing.T, got reply) {
			checkStart(t, got, 200, jsonType, "")
			if got.body != "" || got.length != 0 {
				t.Errorf("length %d, body %q", got.length, got.body)
			}
		},
		HalfJSON: func(t *testing.T, got reply) {
			checkStart(t, got, 200, jsonType, healthy[:len(healthy)/2])
			if got.length != int64(len(got.body)) || json.Valid([]byte(got.body)) {
				t.Errorf("length %d of %d, valid %v", got.length, len(got.body), json.Valid([]byte(got.body)))
			}
		},
		Oversize: func(t *testing.T, got reply) {
			checkStart(t, got, 200, jsonType, healthy[:len(healthy)-1])
			if got.length != -1 || len(got.body) != oversizeBytes+len(healthy) || !json.Valid([]byte(got.body)) {
				t.Errorf("length %d, %d bytes, valid %v", got.length, len(got.body), json.Valid([]byte(got.body)))
			}
		},
	}
}

// bodyFaultChecks are those of faults whose answer is JSON without items.
func bodyFaultChecks() map[Fault]check {
	return map[Fault]check{
		Rejected:   hasBody(`{"state":false,"result":null,"error":"系统繁忙,请稍后再试"}`),
		NullResult: hasBody(`{"state":true,"result":null,"error":""}`),
		NoState:    hasBody(`{}`),
	}
}

// itemFaultChecks are those of faults that corrupt items.
func itemFaultChecks() map[Fault]check {
	untilStatus := func(item string) string { return item[:strings.Index(item, `"Status"`)] }
	replace := func(item string, oldnew ...string) string { return strings.NewReplacer(oldnew...).Replace(item) }
	return map[Fault]check{
		ForeignItems: hasBody(holding(
			`{"ServiceNum":"460049999999999","IMEI":"864054030000014","ICCID":"89860499241900000001","Status":1,"ActiveTS":"2024-02-29T23:59:59","ExpireTS":"2034-02-28T23:59:59","Balance":"30720.00KB"}`,
			first, second, third)),
		RepeatedItems: hasBody(holding(first, second, third, first, second, third)),
		ShuffledItems: hasBody(holding(third, second, first)),
		UnreadableItem: hasBody(holding(
			`"查询失败"`,
			replace(second, `"352019040625281"`, `null`, `"89860423191970454000"`, `""`),
			third)),
		UnreadableFields: hasBody(holding(
			untilStatus(first)+`"Status":"未知","ActiveTS":"2019-13-32T25:61:61","ExpireTS":"2020/07/05","Balance":"--"}`,
			untilStatus(second)+`"Status":null,"ActiveTS":null,"ExpireTS":"","Balance":""}`,
			untilStatus(third)+`"Status":[],"ActiveTS":20190702,"ExpireTS":true,"Balance":{}}`)),
		ICCIDCase: hasBody(holding(first, second, replace(third, "c0083314", "C0083314"))),
		InvalidUTF8: func(t *testing.T, got reply) {
			checkStart(t, got, 200, "application/json", "{\"state\":true,\"result\":[{\"ServiceNum\":\"46004\xff\xfe\x80\",\"IMEI\":\"352019040635785\"")
			if utf8.ValidString(got.body) {
				t.Error("the body is valid UTF-8")
			}
		},
		DotNetTimes: hasBody(holding(
			replace(first, "11:03:42", "11:03:42.123", "15:08:49", "15:08:49.123"),
			replace(second, "19:38:22", "19:38:22+08:00", "14:29:44", "14:29:44+08:00"),
			replace(third, "08:48:15", "00:48:15Z", "17:55:27", "09:55:27Z"))),
	}
}

// checkStart checks the status, the content type and the start of the body.
func checkStart(t *testing.T, got reply, status int, contentType, prefix string) {
	t.Helper()
	if got.err != nil || got.status != status || !strings.HasPrefix(got.header.Get("Content-Type"), contentType) {
		t.Errorf("status %d, content type %q, error %v", got.status, got.header.Get("Content-Type"), got.err)
	}
	if !strings.HasPrefix(got.body, prefix) {
		t.Errorf("body %.200s, want %s", got.body, prefix)
	}
}

// checkBody checks an answer with status 200.
func checkBody(t *testing.T, got reply, want string) {
	t.Helper()
	checkStart(t, got, http.StatusOK, "application/json", "")
	if got.body != want {
		t.Errorf("got\n%s\nwant\n%s", got.body, want)
	}
}

func hasBody(want string) check {
	return func(t *testing.T, got reply) {
		t.Helper()
		checkBody(t, got, want)
	}
}
