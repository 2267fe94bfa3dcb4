package pages

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/problem"
)

// contains checks that a page has all parts.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

func TestOverview(t *testing.T) {
	var wrong problem.Counts
	wrong.States[problem.OutOfService], wrong.States[problem.OK], wrong.Problems[problem.Suspended], wrong.Problems[problem.Expiring] = 4, 36, 4, 10
	source := &fixed{overview: Overview{At: time.Now(), Shard: Shard{Index: 1, Count: 3}, Groups: []Group{{
		Name: "live", Live: true, Cards: 40, ConfiguredCards: 120, Fresh: 30, Batches: 10, FailedBatches: 2, Waiting: 3,
		Counts: wrong, RequestsToday: 7, PlannedRequests: 99, LastError: "timeout: late", Scraped: time.Now(),
	}}}}
	source.overview.Groups[0].Weeks[1], source.overview.Groups[0].Months[0] = 1234, 7
	source.overview.Groups = append(source.overview.Groups, Group{Name: "other", Cards: 7, ConfiguredCards: 7, Scraped: time.Now()})
	source.overview.Groups[1].States[problem.OutOfService] = 5
	month := time.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60)).Format("2006-01")
	body := serve(t, newHandler(source), http.MethodGet, "/").Body.String()
	contains(t, body, "<h1>Overview</h1>", `http-equiv="refresh" content="60"`, `<h2 class="bad"><span class="icon bad" aria-hidden="true">✖</span> <a href="/cards?state=out_of_service">Out of service: 9</a></h2>`, `<a href="/cards?problem=suspended"><b><span class="icon bad" aria-hidden="true">✖</span> 4</b> Suspended</a>`,
		"None: Expired, Gone, Out of data", `<a href="/cards?expires=7d-14d">`, "1,234</b> Expire in 7 to 14 days", `<a href="/cards?expires=`+month+`&amp;group=live">7</a>`,
		`<a href="/cards?group=other&amp;state=out_of_service">5</a>`, "of 120 in all shards", "3 of 10 batches to go", "7 of 99 planned a day",
		"the platform did not answer in time (“late”)", "2 of 10", "2 of 3 (index 1)", "loaded just now", "--persistence.file", "1.2.3")
	if strings.Index(body, "other</a>") > strings.Index(body, "live</a>") {
		t.Error("a group with less trouble comes first")
	}
	if strings.Contains(body, "notice") {
		t.Error("a notice without a reason")
	}
	body = serve(t, newHandler(source), http.MethodGet, "/", "Accept-Language", "zh-CN").Body.String()
	contains(t, body, `<html lang="zh-CN">`, "停机", "3 / 10 批待完成", "今日请求")

	source.overview.Down = []Down{{Live: true, Since: time.Now(), Cause: "http_5xx"}}
	source.overview.Groups = source.overview.Groups[:1]
	source.overview.Groups[0].Scraped = time.Now().Add(-time.Hour)
	body = serve(t, newHandler(source, func(o *Options) {
		o.LastReload = func() (time.Time, error) { return time.Now(), errors.New("simcard.yml:3: no") }
		o.Persistence = func() persistence.State {
			return persistence.State{File: "answers.db", Saved: time.Now().Add(-150 * time.Second), Bytes: 2048, Err: errors.New("disk full")}
		}
	}), http.MethodGet, "/").Body.String()
	contains(t, body, "The platform has not answered live queries since", "the platform has an error", "No scrape has come since", "simcard.yml:3: no", "answers.db, saved 2 minutes ago, 2.0 KB; the last attempt failed: “disk full”")
}

func TestCards(t *testing.T) {
	source := &fixed{cards: slices.Repeat([]Card{healthyCard()}, 2)}
	source.cards[0].Labels = []Label{{Name: "shop", Value: "老王面馆"}, {Name: "phone", Value: "13800138000", Contact: true}}
	const query = "q=3314&group=g&state=ok&problem=moved&expires=2026-12"
	body := serve(t, newHandler(source), http.MethodGet, "/cards?"+query).Body.String()
	contains(t, body, "<h1>2 cards</h1>", `<th scope="col">Phone</th>`, "老王面馆", "13800138000", "12.3 MB", "In service", "/card?id=898604231919c0083314", `value="3314"`, `<option selected>g</option>`, `<option value="ok" selected>`,
		"/cards.csv?expires=2026-12&amp;group=g&amp;problem=moved&amp;q=3314&amp;state=ok", "/cards?expires=2026-12&amp;group=g&amp;in=labels&amp;problem=moved&amp;q=3314&amp;state=ok",
		`<a href="/cards?expires=2026-12&amp;group=g&amp;problem=moved&amp;q=3314" title="Remove this filter">State: <b>OK</b>`, "Expires: <b>in 2026-12</b>", "Group: <b>g</b>", "Problem: <b>Moved</b>",
		`<input type="hidden" name="expires" value="2026-12">`)
	if strings.Contains(body, "维护公司") {
		t.Error("the list has more columns than there is room for")
	}
	body = serve(t, newHandler(&fixed{}), http.MethodGet, "/cards?q=nobody", "Accept-Language", "zh").Body.String()
	contains(t, body, "没有找到卡")
	source.cards = source.cards[:1]
	for path, want := range map[string]int{"/cards?q=3314": http.StatusSeeOther, "/cards": http.StatusOK, "/cards?expires=soon": http.StatusBadRequest, "/nowhere": http.StatusNotFound, "/-/reload": http.StatusMethodNotAllowed, "/card/refresh": http.StatusMethodNotAllowed} {
		if got := serve(t, newHandler(source), http.MethodGet, path); got.Code != want || want == http.StatusSeeOther && got.Header().Get("Location") != "/card?id=898604231919c0083314" {
			t.Errorf("%s: %d to %q, want %d", path, got.Code, got.Header().Get("Location"), want)
		}
	}
}

// TestLanguage: the parameter wins over the cookie, which keeps it, and that over the browser.
func TestLanguage(t *testing.T) {
	handler := newHandler(&fixed{})
	got := serve(t, handler, http.MethodGet, "/cards?lang=zh&q=x", "Accept-Language", "en")
	contains(t, got.Body.String(), `<html lang="zh-CN">`, `href="?lang=en&amp;q=x"`)
	cookie := got.Result().Cookies()
	if len(cookie) != 1 || cookie[0].Value != "zh" || !cookie[0].HttpOnly {
		t.Fatalf("cookies %v", cookie)
	}
	contains(t, serve(t, handler, http.MethodGet, "/", "Cookie", "lang=zh", "Accept-Language", "en").Body.String(), `<html lang="zh-CN">`)
	contains(t, serve(t, handler, http.MethodGet, "/?lang=en", "Cookie", "lang=zh").Body.String(), `<html lang="en">`)
	contains(t, serve(t, handler, http.MethodGet, "/?lang=odd", "Cookie", "lang=odd").Body.String(), `<html lang="en">`)
}

func TestCard(t *testing.T) {
	c := healthyCard()
	c.Place, c.Labels = "终端.xlsx[台账]!B7", []Label{{Name: "shop", Value: "老王面馆", Header: "门店名"}}
	c.Answer.Since = time.Now().Add(-50 * time.Hour)
	c.Answer.Balance, c.Answer.Invalid = nil, invalid("balance", "--")
	c.Attempts = []Attempt{
		{At: time.Now(), Duration: 1234567 * time.Microsecond, Cards: 20, This: true, Answered: 19, Outcome: OutcomeAnswered},
		{At: time.Now(), Cards: 1, Outcome: OutcomeRefused, Words: "卡号不合法"},
	}
	handler := newHandler(&fixed{cards: []Card{c}}, func(o *Options) { o.Grafana = "https://grafana.example.com" })
	body := serve(t, handler, http.MethodGet, "/card?id="+c.ID).Body.String()
	contains(t, body, "In service · No balance · expires ", "<p>No balance: the platform sent “--”, which is no number.</p>", "<dt>门店名</dt>", "when it was first seen (2 days ago)", "终端.xlsx[台账]!B7", "老王面馆", "no value; the platform sent “--”",
		"1.235s", "20 cards, including this one", "answered, 19 known", "another card alone", "卡号不合法",
		`{__name__=~&#34;simcard_.&#43;&#34;, iccid=&#34;898604231919c0083314&#34;}`, "https://grafana.example.com/d/simcard-card?var-iccid=898604231919c0083314&amp;var-imei=352019040635785",
		`<form class="ask" method="post" action="/card/refresh?id=898604231919c0083314">`)
	if strings.Contains(body, "http-equiv") {
		t.Error("the page reloads by itself")
	}
	c.Refreshing = true
	contains(t, serve(t, newHandler(&fixed{cards: []Card{c}}), http.MethodGet, "/card?id="+c.ID, "Accept-Language", "zh-CN").Body.String(), `http-equiv="refresh"`, "正在查询")
	c.PlatformDown = true // and it waits until the platform is back
	if body = serve(t, newHandler(&fixed{cards: []Card{c}}), http.MethodGet, "/card?id="+c.ID).Body.String(); strings.Contains(body, "http-equiv") {
		t.Error("the page reloads by itself while the platform is down")
	}
	if got := serve(t, handler, http.MethodGet, "/card?id=0"); got.Code != http.StatusNotFound {
		t.Errorf("no such card: %d", got.Code)
	}
	if got := serve(t, handler, http.MethodPost, "/card/refresh?id=0"); got.Code != http.StatusNotFound {
		t.Errorf("refresh of no such card: %d", got.Code)
	}
}

// TestAssets: the stylesheet and the icon are there, and browsers may keep them.
func TestAssets(t *testing.T) {
	handler := newHandler(&fixed{})
	body := serve(t, handler, http.MethodGet, "/").Body.String()
	n := 0
	for _, link := range links.FindAllStringSubmatch(body, -1) {
		if !strings.HasPrefix(link[1], "/static/") {
			continue
		}
		n++
		got := serve(t, handler, http.MethodGet, link[1])
		if got.Code != http.StatusOK || !strings.Contains(got.Header().Get("Cache-Control"), "immutable") || strings.HasPrefix(got.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %v", link[1], got.Code, got.Header())
		}
	}
	if n != 2 {
		t.Errorf("%d files", n)
	}
	if got := serve(t, handler, http.MethodGet, "/static/x.css"); got.Code != http.StatusNotFound {
		t.Errorf("no such file: %d", got.Code)
	}
}

func TestCSV(t *testing.T) {
	c := healthyCard()
	c.Labels = []Label{{Name: "shop", Value: `=HYPERLINK("http://evil.example")`}, {Name: "city", Value: "+8613800000000"}}
	c.State, c.Problems = problem.Attention, problem.SetOf("moved")|problem.SetOf("data_low")
	c.Answer.ServiceNumber = "=1+2"
	got := serve(t, newHandler(&fixed{cards: []Card{c}}), http.MethodGet, "/cards.csv")
	text, marked := strings.CutPrefix(got.Body.String(), "\ufeff")
	if !marked || got.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("byte-order mark %t, %v", marked, got.Header())
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%q: %v", rows, err)
	}
	cells := make(map[string]string)
	for i, name := range rows[0] {
		cells[name] = rows[1][i]
	}
	for name, want := range map[string]string{
		"ICCID": `="898604231919c0083314"`, "IMEI": `="352019040635785"`, "Group": "terminals", "Shop": `'=HYPERLINK("http://evil.example")`, "City": "'+8613800000000",
		"Service number": "'=1+2", "State": "Needs attention", "Problem": "Low on data; Moved", "Data left (MB)": "12.30",
		"Expires": c.Answer.Expires.Time().In(time.FixedZone("", 8*60*60)).Format(time.DateTime), "Expires in month": `="` + c.Answer.Expires.Time().Format("2006-01") + `"`,
	} {
		if cells[name] != want {
			t.Errorf("%s: %q, want %q", name, cells[name], want)
		}
	}
	contains(t, serve(t, newHandler(&fixed{}), http.MethodGet, "/cards.csv", "Accept-Language", "zh").Body.String(), "门店,城市,联系人,电话,维护公司,问题,")
}

func TestJSON(t *testing.T) {
	for n := range 3 {
		got := serve(t, newHandler(&fixed{cards: slices.Repeat([]Card{healthyCard()}, n)}), http.MethodGet, "/cards.json")
		var cards []map[string]any
		if err := json.Unmarshal(got.Body.Bytes(), &cards); err != nil || len(cards) != n {
			t.Errorf("%d cards, want %d, error %v", len(cards), n, err)
		}
		if n > 0 && (cards[0]["iccid"] != "898604231919c0083314" || cards[0]["balance_bytes"] != 12.3*(1<<20)) {
			t.Errorf("%v", cards[0])
		}
	}
}

// TestUnknown: a card that the platform does not know is on every page.
func TestUnknown(t *testing.T) {
	c := healthyCard()
	c.Answer.Card, c.Problems = nil, problem.SetOf("unknown")
	handler := newHandler(&fixed{cards: []Card{c}}, func(o *Options) { o.Grafana = "https://grafana.example.com" })
	contains(t, serve(t, handler, http.MethodGet, "/cards").Body.String(), "Unknown to the platform")
	for _, path := range []string{"/cards.csv", "/cards.json", "/card?id=" + c.ID} {
		contains(t, serve(t, handler, http.MethodGet, path).Body.String(), "The platform does not know this number")
	}
}

// TestTooOld: what is no longer served is in no download.
func TestTooOld(t *testing.T) {
	c := healthyCard()
	c.Answer.Served = false
	handler := newHandler(&fixed{cards: []Card{c}})
	for _, path := range []string{"/cards.csv", "/cards.json"} {
		if body := serve(t, handler, http.MethodGet, path).Body.String(); strings.Contains(body, "12897484") || !strings.Contains(body, "No value") {
			t.Errorf("%s has a value:\n%s", path, body)
		}
	}
}

// TestCSVNumbers: a spreadsheet keeps all digits of a label's value.
func TestCSVNumbers(t *testing.T) {
	for value, want := range map[string]string{
		"123456789012345678": `="123456789012345678"`, "0071": `="0071"`, "0": "0", "71": "71", "12.5": "12.5", "老王面馆": "老王面馆",
		"1-2": `="1-2"`, "3/4": `="3/4"`, "12E34": `="12E34"`, "00123.5": `="00123.5"`, "12.50": `="12.50"`, "1月2日": `="1月2日"`, "Mar-5": `="Mar-5"`, "TRUE": `="TRUE"`, "8:30": `="8:30"`, "1号店": "1号店", "A1": "A1", "Marie": "Marie",
	} {
		if got := textCell(value); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}
