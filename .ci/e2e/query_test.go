//go:build e2e

package e2e

import (
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"simcard_exporter/collector/szzkc/simulator"
)

// TestQuery asks about one card, with the account of the configuration, on a platform that is
// well, and on one with each kind of fault: what is printed, and the exit status.
func TestQuery(t *testing.T) {
	const imei, iccid = "352019040635785", "89860423191970454839"
	refuse := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="sim"`)
		http.Error(w, "account expired", http.StatusUnauthorized)
	}
	lose := func(text string) func(_, items []string) []string {
		return func(_, items []string) []string {
			return []string{strings.Replace(items[0], `"8306.00KB"`, text, 1)}
		}
	}
	read := []string{"200 OK", `"Balance":"8306.00KB"`, "expiry: 2020-07-05 15:08:49 +0800", "balance: 8505344 bytes", `simcard_balance_bytes{iccid="89860423191970454839",imei="352019040635785"} 8.505344e+06`, `service_number="460044352904839",shop="老王面馆"} 1`, "start without --query"}
	for name, test := range map[string]struct {
		query     string // imei, if it is ""
		behaviour simulator.Behaviour
		handler   http.HandlerFunc // in place of the simulator
		want      []string
		never     string
		fail      string // in the error; "" if the answer is about the card
	}{
		"plain": {want: append(read, `listed in group "shops" at`, "(live: false)", `{"imeis":"352019040635785"}`,
			`simcard_problem{group="shops",iccid="89860423191970454839",imei="352019040635785",problem="expired",shop="老王面馆"} 1.593932929e+09`, "counts as out_of_service", "Content-Type: application/json")},
		"as typed":         {query: "IMEI：３５２０１９-０４０６３５-785 ", want: read},
		"live, by device":  {query: "352019041648936", want: []string{`352019041648936: listed in group "live" at`, "asking once, by its iccid 898604231919c0083314, for what", "(live: true)", `{"imeis":"898604231919c0083314","update":true}`, "balance: 4096 bytes", `problem="data_low"`}},
		"by other number":  {query: iccid, want: []string{`not listed, so with the settings of group "shops"`, `simcard_info{group="",iccid="89860423191970454839",imei="352019040635785",service_number="460044352904839"} 1`, `problem="expired"} 1.593932929e+09`, "once it is listed, where it will count as out_of_service", "the card is listed by its other number: ask with --query=352019040635785"}, never: "shop="},
		"not listed":       {query: "89860423191970454000", want: []string{`not listed, so with the settings of group "shops"`, `simcard_info{group="",iccid="89860423191970454000",imei="352019040625281",service_number="460044352904000"} 1`, "once it is listed", "list the card under"}, never: "shop="},
		"mistyped":         {query: "352019040635784", want: []string{"warning: IMEI 352019040635784 is probably mistyped: by its check digit it should end in 5", "未查询到任何数据", "no card", `problem="unknown"`}, fail: "does not know this card"},
		"no identifier":    {query: "35201904063578", fail: `--query: neither an IMEI nor an ICCID: "35201904063578" has 14 digits`},
		"digits lost":      {query: "8.98604E+19", fail: "its last digits are lost"},
		"empty":            {query: " ", fail: `"" is empty`},
		"unreadable field": {behaviour: simulator.Behaviour{Edit: lose(`"--"`)}, want: []string{`balance: not read, since balance "--" is not a number with B, KB, MB or GB`, "simcard_status{", "ask the vendor about what is not read"}, never: "simcard_balance_bytes"},
		"field missing":    {behaviour: simulator.Behaviour{Edit: lose("null")}, want: []string{"balance: not read, since it is missing, empty"}},
		"terminal codes":   {behaviour: simulator.Behaviour{Edit: lose("\"\x1b[31m\"")}, never: "\x1b", fail: "decode: "},
		"unreadable item":  {behaviour: simulator.Behaviour{Fault: simulator.UnreadableItem}, want: []string{"no card", "nothing of this answer"}, fail: "no item of the answer is of a card that was asked for"},
		"other card too":   {behaviour: simulator.Behaviour{Fault: simulator.ForeignItems}, want: append(read, "items of other cards, or of this one again: 1")},
		"no data":          {behaviour: simulator.Behaviour{Edit: func(_, _ []string) []string { return nil }}, want: []string{`"error":"未查询到任何数据"`, `problem="unknown"`, ", where it counts as attention"}, fail: "compare the number"},
		"refused":          {behaviour: simulator.Behaviour{Refuse: []string{imei}}, want: []string{`"error":"卡号不合法"`, "nothing of this answer"}, never: "simcard_info", fail: `rejected: platform says "卡号不合法"; check the number and the account`},
		"500":              {behaviour: simulator.Behaviour{Fault: simulator.ServerError}, want: []string{"500 Internal Server Error", `{"Message":"An error has occurred."}`}, fail: "http_5xx: status 500"},
		"page":             {behaviour: simulator.Behaviour{Fault: simulator.HTML}, want: []string{"Content-Type: text/html", "<title>系统维护中</title>"}, fail: `answer is a page: "系统维护中"; if the platform is under maintenance`},
		"page in GBK": {handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = simplifiedchinese.GBK.NewEncoder().Writer(w).Write([]byte("<title>系统维护中</title>"))
		}, want: []string{"  <title>系统维护中</title>"}, fail: "系统维护中"},
		"throttled":  {behaviour: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute}, want: []string{"429 Too Many Requests", "Retry-After: 60"}, fail: "set platform.rate_limit"},
		"redirect":   {behaviour: simulator.Behaviour{Fault: simulator.Redirect}, want: []string{"307 Temporary Redirect"}, fail: "the platform redirects to http://login.example; "},
		"link":       {handler: http.RedirectHandler("http://login.example/?ticket=hunter2", http.StatusFound).ServeHTTP, want: []string{"302 Found"}, fail: "the platform redirects to http://login.example; "},
		"timeout":    {behaviour: simulator.Behaviour{Fault: simulator.Hang}, want: []string{"at most 1s", "answer\n  none"}, fail: "timeout: "},
		"reset":      {behaviour: simulator.Behaviour{Fault: simulator.Reset}, want: []string{"answer\n  none"}, fail: "connect: "},
		"truncated":  {behaviour: simulator.Behaviour{Fault: simulator.Truncated}, want: []string{`{"state":true,"result":[{"ServiceNum"`}, fail: "connect: read answer: unexpected EOF"},
		"half JSON":  {behaviour: simulator.Behaviour{Fault: simulator.HalfJSON}, fail: "decode: parse answer"},
		"other JSON": {behaviour: simulator.Behaviour{Fault: simulator.NoState}, want: []string{"\n  {}\n"}, fail: "decode: answer has no state; "},
		"oversize":   {behaviour: simulator.Behaviour{Fault: simulator.Oversize}, want: []string{"bytes more"}, fail: "too_large: "},
		"account":    {handler: refuse, want: []string{"401 Unauthorized", `Www-Authenticate: Basic realm="sim"`, "account expired"}, fail: "the account in http_client_config if the status is 401"},
		"gzip":       {handler: gzipped, want: append(read, "Content-Encoding: gzip")},
		"broken gzip": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "this is no gzip")
		}, want: []string{"\n  this is no gzip\n"}, fail: "decode: decompress answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulator.New(simulator.PageCards())
			sim.SetBehaviour(test.behaviour)
			var requests atomic.Int32
			platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if _, password, _ := r.BasicAuth(); password != "hunter2" {
					t.Errorf("the password is %q", password)
				}
				if test.handler != nil {
					test.handler(w, r)
				} else {
					sim.ServeHTTP(w, r)
				}
			}))
			t.Cleanup(platform.Close)
			config := filepath.Join(t.TempDir(), "simcard.yml")
			timeout := "10m"
			if test.behaviour.Fault == simulator.Hang {
				timeout = "1s"
			}
			write(t, config, `
platform: {url: "`+platform.URL+`/?token=hunter2", timeout: `+timeout+`, http_client_config: {basic_auth: {username: me, password: hunter2}}}
groups:
  - {name: shops, max_age: 0s, stale_if_error: 0s, imeis: [`+imei+`], labels: {shop: 老王面馆}}
  - {name: live, live: true, files: [cards.csv]}
`)
			write(t, filepath.Join(filepath.Dir(config), "cards.csv"), "iccid,imei\n898604231919c0083314,352019041648936\n")
			query := test.query
			if query == "" {
				query = imei
			}
			program := command(binaryPath(t), "--config.file="+config, "--query="+query)
			out, err := program.Output()
			var failed *exec.ExitError
			switch {
			case errors.As(err, &failed):
				if failed.ExitCode() != 1 || test.fail == "" || !strings.Contains(string(failed.Stderr), test.fail) {
					t.Errorf("exit %d: %s, want %q", failed.ExitCode(), failed.Stderr, test.fail)
				}
				out = append(out, failed.Stderr...)
			case err != nil || test.fail != "":
				t.Errorf("%v, want %q", err, test.fail)
			}
			wantContains(t, string(out), test.want...)
			for _, never := range []string{test.never, "hunter2"} {
				if never != "" && strings.Contains(string(out), never) {
					t.Errorf("%q in\n%s", never, out)
				}
			}
			if isAsked := !strings.HasPrefix(test.fail, "--query") && len(out) > 300; isAsked && requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
			t.Logf("%s", out)
		})
	}
}

// gzipped is a platform behind a gateway that compresses unasked.
func gzipped(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	simulator.New(simulator.PageCards()).ServeHTTP(recorder, r)
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	defer z.Close()
	_, _ = z.Write(recorder.Body.Bytes())
}
