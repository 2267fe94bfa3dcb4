package simulator

import (
	"encoding/json"
	"errors"
	"io"
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
		t.Errorf("a fault that is none is called %q", got)
	}
}

// faultTests say what a client sees of each fault. Hang has tests of its own.
func faultTests() map[Fault]func(*testing.T, reply) {
	whole := holding(first, second, third)
	return map[Fault]func(*testing.T, reply){
		Reset: func(t *testing.T, got reply) {
			if !errors.Is(got.err, syscall.ECONNRESET) {
				t.Errorf("got %v, want a reset", got.err)
			}
		},
		Truncated: func(t *testing.T, got reply) {
			if !errors.Is(got.err, io.ErrUnexpectedEOF) || got.length != int64(len(whole)) || got.body != whole[:len(whole)/2] {
				t.Errorf("got %v, length %d, %d bytes", got.err, got.length, len(got.body))
			}
		},
		ServerError: func(t *testing.T, got reply) { seen(t, got, 500, "application/json", `{"Message":`) },
		Unavailable: func(t *testing.T, got reply) { seen(t, got, 503, "text/html", "<!DOCTYPE html>") },
		Throttled: func(t *testing.T, got reply) {
			seen(t, got, 429, "application/json", `{"Message":`)
			if after := got.header.Get("Retry-After"); after != "2" {
				t.Errorf("Retry-After %q, want 2", after)
			}
		},
		NotFoundPage: func(t *testing.T, got reply) { seen(t, got, 404, "text/html", "<!DOCTYPE html>") },
		HTML:         func(t *testing.T, got reply) { seen(t, got, 200, "text/html", "<!DOCTYPE html>") },
		Empty: func(t *testing.T, got reply) {
			seen(t, got, 200, "application/json", "")
			if got.body != "" || got.length != 0 {
				t.Errorf("length %d, body %q", got.length, got.body)
			}
		},
		HalfJSON: func(t *testing.T, got reply) {
			seen(t, got, 200, "application/json", whole[:len(whole)/2])
			if got.length != int64(len(got.body)) || json.Valid([]byte(got.body)) {
				t.Errorf("length %d of %d, valid %v", got.length, len(got.body), json.Valid([]byte(got.body)))
			}
		},
		Oversize: func(t *testing.T, got reply) {
			seen(t, got, 200, "application/json", whole[:len(whole)-1])
			if got.length != -1 || len(got.body) != oversizeBytes+len(whole) || !json.Valid([]byte(got.body)) {
				t.Errorf("length %d, %d bytes, valid %v", got.length, len(got.body), json.Valid([]byte(got.body)))
			}
		},
		Rejected:   body(`{"state":false,"result":null,"error":"系统繁忙,请稍后再试"}`),
		NullResult: body(`{"state":true,"result":null,"error":""}`),
		NoState:    body(`{}`),
		ForeignItems: body(holding(
			`{"ServiceNum":"460049999999999","IMEI":"864054030000014","ICCID":"89860499241900000001","Status":1,"ActiveTS":"2024-02-29T23:59:59","ExpireTS":"2034-02-28T23:59:59","Balance":"30720.00KB"}`,
			first, second, third)),
		RepeatedItems:  body(holding(first, second, third, first, second, third)),
		ShuffledItems:  body(holding(third, second, first)),
		UnreadableItem: body(holding(`"查询失败"`, strings.NewReplacer(`"352019040625281"`, `null`, `"89860423191970454000"`, `""`).Replace(second), third)),
		UnreadableFields: body(holding(
			first[:strings.Index(first, `"Status"`)]+`"Status":"未知","ActiveTS":"2019-13-32T25:61:61","ExpireTS":"2020/07/05","Balance":"--"}`,
			second[:strings.Index(second, `"Status"`)]+`"Status":null,"ActiveTS":null,"ExpireTS":"","Balance":""}`,
			third[:strings.Index(third, `"Status"`)]+`"Status":[],"ActiveTS":20190702,"ExpireTS":true,"Balance":{}}`)),
		ICCIDCase: body(holding(first, second, strings.Replace(third, "c0083314", "C0083314", 1))),
		InvalidUTF8: func(t *testing.T, got reply) {
			seen(t, got, 200, "application/json", "{\"state\":true,\"result\":[{\"ServiceNum\":\"46004\xff\xfe\x80\",\"IMEI\":\"352019040635785\"")
			if utf8.ValidString(got.body) {
				t.Error("the body is valid UTF-8")
			}
		},
		DotNetTimes: body(holding(
			strings.NewReplacer("11:03:42", "11:03:42.123", "15:08:49", "15:08:49.123").Replace(first),
			strings.NewReplacer("19:38:22", "19:38:22+08:00", "14:29:44", "14:29:44+08:00").Replace(second),
			strings.NewReplacer("08:48:15", "00:48:15Z", "17:55:27", "09:55:27Z").Replace(third))),
	}
}

// seen checks the outside of an answer, and how its body begins.
func seen(t *testing.T, got reply, status int, kind, prefix string) {
	t.Helper()
	if got.err != nil || got.status != status || !strings.HasPrefix(got.header.Get("Content-Type"), kind) {
		t.Errorf("status %d, content type %q, error %v", got.status, got.header.Get("Content-Type"), got.err)
	}
	if !strings.HasPrefix(got.body, prefix) {
		t.Errorf("body %.200s, want %s", got.body, prefix)
	}
}

// body checks a whole answer that came with status 200.
func body(want string) func(*testing.T, reply) {
	return func(t *testing.T, got reply) {
		t.Helper()
		seen(t, got, http.StatusOK, "application/json", "")
		if got.body != want {
			t.Errorf("got\n%s\nwant\n%s", got.body, want)
		}
	}
}

func TestFaults(t *testing.T) {
	tests := faultTests()
	for _, fault := range Faults() {
		if fault == Hang {
			continue
		}
		t.Run(fault.String(), func(t *testing.T) {
			sim, server := serve(t)
			sim.SetBehaviour(Behaviour{Fault: fault, RetryAfter: 1100 * time.Millisecond})
			tests[fault](t, ask(t, server, pageIMEIs()...))

			if got := sim.Counters(); got.ByFault[fault] == 0 || got.FaultsServed != got.ByFault[fault] || got.InFlight != 0 {
				t.Errorf("counted %+v", got)
			}
			sim.SetBehaviour(Behaviour{})
			body(holding(first, second, third))(t, ask(t, server, pageIMEIs()...))
		})
	}
}

func TestFaultSettings(t *testing.T) {
	sim, server := serve(t)
	sim.SetBehaviour(Behaviour{Fault: Rejected, ErrorText: "参数错误"})
	body(`{"state":false,"result":null,"error":"参数错误"}`)(t, ask(t, server, pageIMEIs()...))

	sim.SetBehaviour(Behaviour{Fault: Throttled})
	if got := ask(t, server, pageIMEIs()...); got.header.Get("Retry-After") != "" {
		t.Errorf("Retry-After %q, want none", got.header.Get("Retry-After"))
	}
	// A request that breaks a rule is told so, whatever else is wrong.
	if got := ask(t, server, ""); got.status != http.StatusOK {
		t.Errorf("status %d for a batch of none", got.status)
	}
}

// All turns of the fields and times, on more cards than the page has.
func TestFaultsOfManyItems(t *testing.T) {
	var cards []wireItem
	for range 8 {
		cards = append(cards, newWireItem(PageCards()[0], time.Time{}))
	}
	healthy := cards[0]

	var times []string
	for _, item := range corrupt(slices.Clone(cards), DotNetTimes) {
		times = append(times, item.activeTS)
	}
	want := []string{
		`"2019-07-02T11:03:42.123"`, `"2019-07-02T11:03:42+08:00"`, `"2019-07-02T03:03:42Z"`, `null`, `""`,
		`"0001-01-01T00:00:00"`, `"2019-07-02T11:03:42.1234567+08:00"`, `"2019-07-02T11:03:42.123"`,
	}
	if !slices.Equal(times, want) {
		t.Errorf("times %q, want %q", times, want)
	}

	corrupted := corrupt(slices.Clone(cards), UnreadableFields)
	if got := string(corrupted[3].appendTo(nil)); got != `{"ServiceNum":"460044352904839","IMEI":"352019040635785","ICCID":"89860423191970454839"}` {
		t.Errorf("the fourth item is %s", got)
	}
	if corrupted[4] != healthy {
		t.Errorf("the fifth item is %+v", corrupted[4])
	}
	if got := dotNetTime("null", 0); got != "null" {
		t.Errorf("what is no time became %s", got)
	}
}

func TestFaultsOfNoItems(t *testing.T) {
	for _, fault := range Faults() {
		if !fault.corruptsItems() || fault == ForeignItems {
			continue
		}
		sim, server := serve(t)
		sim.SetBehaviour(Behaviour{Fault: fault})
		if got := ask(t, server, "352019040000000"); got.body != noData {
			t.Errorf("%s: %s", fault, got.body)
		}
	}
}

func TestShareAndOnly(t *testing.T) {
	tests := map[string]struct {
		share float64
		want  string // x is a hit
	}{
		"all":       {0, "xxxxxxxxxxxx"},
		"more":      {1.5, "xxxxxxxxxxxx"},
		"half":      {0.5, ".x.x.x.x.x.x"},
		"quarter":   {0.25, "...x...x...x"},
		"a third":   {1.0 / 3, "..x..x..x..x"},
		"most":      {0.75, ".xxx.xxx.xxx"},
		"a twelfth": {1.0 / 12, "...........x"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			state := newBehaviourState(Behaviour{
				Fault: ServerError,
				Share: test.share,
				Only:  func(identifiers []string) bool { return identifiers[0] == "a" },
			})
			var got strings.Builder
			for range test.want {
				// Requests that the fault cannot hit do not move its turn.
				if fault := state.nextFault([]string{"b"}); fault != None {
					t.Errorf("%s hit a request that it was kept from", fault)
				}
				if state.nextFault([]string{"a"}) == None {
					got.WriteByte('.')
				} else {
					got.WriteByte('x')
				}
			}
			if got.String() != test.want {
				t.Errorf("got %s, want %s", got.String(), test.want)
			}
		})
	}
}
