package simulator

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProtocol(t *testing.T) {
	twenty := strings.Join(pageIMEIs(), ",") + strings.Repeat(",352019040000000", maxBatch-3)
	none := `{"state":false,"result":null,"error":"imeis不能为空"}`
	many := `{"state":false,"result":null,"error":"单次最多查询20张卡"}`
	mixed := `{"state":false,"result":null,"error":"IMEI和ICCID不能混合查询"}`

	tests := map[string]struct {
		body   string
		status int    // 0 is 200
		want   string // only checked with status 0
		// refused is whether the request counts as breaking a rule.
		refused bool
	}{
		"the page's example":     {body: `{"imeis": "352019040635785,352019040625281,352019041648936"}`, want: holding(first, second, third)},
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

		"no identifiers":         {body: `{"imeis":""}`, want: none, refused: true},
		"an empty identifier":    {body: `{"imeis":"352019040635785,"}`, want: none, refused: true},
		"mixed":                  {body: `{"imeis":"352019040635785,89860423191970454839"}`, want: mixed, refused: true},
		"mixed, unknown ones":    {body: `{"imeis":"352019040000000,8986042319197045483"}`, want: mixed, refused: true},
		"twenty":                 {body: `{"imeis":"` + twenty + `"}`, want: holding(first, second, third)},
		"twenty-one":             {body: `{"imeis":"` + twenty + `,352019040000000"}`, want: many, refused: true},
		"no JSON":                {body: `imeis=352019040635785`, status: 400, refused: true},
		"no body":                {status: 400, refused: true},
		"no object":              {body: `["352019040635785"]`, status: 400, refused: true},
		"null":                   {body: `null`, status: 400, refused: true},
		"more than an object":    {body: `{"imeis":"352019040635785"}{}`, status: 400, refused: true},
		"no field imeis":         {body: `{"iccids":"352019040635785"}`, status: 400, refused: true},
		"imeis in another case":  {body: `{"IMEIs":"352019040635785"}`, status: 400, refused: true},
		"null imeis":             {body: `{"imeis":null}`, status: 400, refused: true},
		"imeis is a list":        {body: `{"imeis":["352019040635785"]}`, status: 400, refused: true},
		"update is a string":     {body: `{"imeis":"352019040635785","update":"true"}`, status: 400, refused: true},
		"largest body":           {body: `{"imeis":"352019040635785"}` + strings.Repeat(" ", maxRequestBytes-27), want: holding(first)},
		"a byte more than that":  {body: `{"imeis":"352019040635785"}` + strings.Repeat(" ", maxRequestBytes-26), status: 413, refused: true},
		"letters beyond ASCII":   {body: `{"imeis":"8986042319197045483é"}`, want: noData},
		"escapes in identifiers": {body: `{"imeis":"35201904063578\u0035"}`, want: holding(first)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sim, server := serve(t)
			got := send(t, server, http.MethodPost, test.body)
			if got.err != nil {
				t.Fatal(got.err)
			}
			if refused := sim.Counters().Refused == 1; refused != test.refused {
				t.Errorf("counted as refused: %v, want %v", refused, test.refused)
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
			if kind := got.header.Get("Content-Type"); kind != "application/json; charset=utf-8" {
				t.Errorf("content type %q", kind)
			}
		})
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
	if got := sim.Counters().Refused; got != 3 {
		t.Errorf("%d refused, want 3", got)
	}
}

func TestRefuse(t *testing.T) {
	sim, server := serve(t)
	sim.SetBehaviour(Behaviour{Refuse: []string{"352019040625281", "898604231919C0083314"}})
	refused := `{"state":false,"result":null,"error":"卡号不合法"}`
	tests := map[string]struct {
		ask  []string
		want string
	}{
		"in a batch":   {pageIMEIs(), refused},
		"alone":        {[]string{"352019040625281"}, refused},
		"other case":   {[]string{"898604231919c0083314"}, refused},
		"others":       {[]string{"352019040635785", "352019041648936"}, holding(first, third)},
		"other number": {[]string{"89860423191970454000"}, holding(second)},
	}
	for name, test := range tests {
		if got := ask(t, server, test.ask...); got.body != test.want {
			t.Errorf("%s: got %s, want %s", name, got.body, test.want)
		}
	}
	if got := sim.Counters(); got.Refused != 0 {
		t.Errorf("%d counted as breaking a rule", got.Refused)
	}

	sim.SetBehaviour(Behaviour{Refuse: []string{"352019040625281"}, Fault: ShuffledItems})
	if got := ask(t, server, pageIMEIs()...); got.body != refused {
		t.Errorf("with a fault of items: %s", got.body)
	}
	if got := sim.Counters().FaultsServed; got != 0 {
		t.Errorf("%d faults served where there was nothing to spoil", got)
	}
	sim.SetBehaviour(Behaviour{Refuse: []string{"352019040625281"}, Fault: ServerError})
	if got := ask(t, server, pageIMEIs()...); got.status != http.StatusInternalServerError {
		t.Errorf("with another fault: status %d", got.status)
	}
}

func TestSetCardsAndTruth(t *testing.T) {
	sim, server := serve(t)
	cards := PageCards()[2:]
	cards[0].Status, cards[0].ActiveTS, cards[0].ServiceNum = 0, "", "\"号\""
	sim.SetCards(cards)
	cards[0].Status = 7 // the simulator has its own copy

	want := holding(`{"ServiceNum":"\"号\"","IMEI":"352019041648936","ICCID":"898604231919c0083314","Status":0,"ActiveTS":null,"ExpireTS":"2020-08-15T17:55:27","Balance":"4.00KB"}`)
	if got := ask(t, server, pageIMEIs()...); got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	for identifier, known := range map[string]bool{
		"352019041648936":      true,
		"898604231919c0083314": true,
		"898604231919C0083314": true,
		"352019040635785":      false,
		"":                     false,
	} {
		card, ok := sim.Truth(identifier)
		if ok != known || known != (card.IMEI == "352019041648936") {
			t.Errorf("Truth(%q) is %+v, %v", identifier, card, ok)
		}
	}
}

func TestBalanceAt(t *testing.T) {
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, shanghai())
	card := PageCards()[0]
	card.BalanceAt = func(at time.Time) float64 {
		return 1024 * (100 + at.Sub(midnight).Seconds())
	}
	tests := map[string]struct {
		at                   time.Time
		daily, live, current string
	}{
		"midnight": {midnight, "99.00KB", "100.00KB", "100.00KB"},
		"evening":  {midnight.Add(24*time.Hour - time.Second), "99.00KB", "86499.00KB", "86499.00KB"},
		"in UTC":   {midnight.Add(1500 * time.Millisecond).UTC(), "99.00KB", "101.50KB", "101.50KB"},
		"used up":  {midnight.Add(-100 * time.Second), "0KB", "0KB", "0KB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sim, server := serve(t)
			sim.SetCards([]Card{card})
			sim.SetClock(func() time.Time { return test.at })
			check := func(kind, body, want string) {
				t.Helper()
				got := send(t, server, http.MethodPost, body).body
				if !strings.Contains(got, `"Balance":"`+want+`"`) {
					t.Errorf("%s: want %s in %s", kind, want, got)
				}
			}
			check("daily", `{"imeis":"352019040635785"}`, test.daily)
			check("live", `{"imeis":"352019040635785","update":true}`, test.live)
			sim.SetBehaviour(Behaviour{AlwaysCurrent: true})
			check("always current", `{"imeis":"352019040635785"}`, test.current)
		})
	}
}

func TestLatency(t *testing.T) {
	plain, live := `{"imeis":"352019040635785"}`, `{"imeis":"352019040635785","update":true}`
	tests := map[string]struct {
		behaviour Behaviour
		body      string
		min, max  time.Duration
	}{
		"none":               {Behaviour{}, plain, 0, 0},
		"all":                {Behaviour{Latency: time.Second}, plain, time.Second, time.Second},
		"live like others":   {Behaviour{Latency: time.Second}, live, time.Second, time.Second},
		"live":               {Behaviour{Latency: time.Second, LiveLatency: time.Minute}, live, time.Minute, time.Minute},
		"not live":           {Behaviour{Latency: time.Second, LiveLatency: time.Minute}, plain, time.Second, time.Second},
		"jitter":             {Behaviour{Latency: time.Second, Jitter: time.Second}, plain, time.Second, 2 * time.Second},
		"faults":             {Behaviour{Latency: time.Second, Fault: ServerError}, plain, time.Second, time.Second},
		"broken rules":       {Behaviour{Latency: time.Second}, `{}`, time.Second, time.Second},
		"jitter of its own":  {Behaviour{Jitter: time.Second}, plain, 0, time.Second},
		"jitter of the live": {Behaviour{LiveLatency: time.Hour, Jitter: time.Second}, live, time.Hour, time.Hour + time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := New(PageCards())
				sim.SetBehaviour(test.behaviour)
				start := time.Now()
				recorded(sim, test.body)
				if took := time.Since(start); took < test.min || took > test.max {
					t.Errorf("took %v, want %v to %v", took, test.min, test.max)
				}
			})
		})
	}
}
