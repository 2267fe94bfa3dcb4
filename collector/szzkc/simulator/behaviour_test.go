package simulator

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestShareAndOnly(t *testing.T) {
	tests := map[string]struct {
		share float64
		want  string // x is a hit
	}{
		"all":       {share: 0, want: "xxxxxxxxxxxx"},
		"more":      {share: 1.5, want: "xxxxxxxxxxxx"},
		"half":      {share: 0.5, want: ".x.x.x.x.x.x"},
		"quarter":   {share: 0.25, want: "...x...x...x"},
		"a third":   {share: 1.0 / 3, want: "..x..x..x..x"},
		"most":      {share: 0.75, want: ".xxx.xxx.xxx"},
		"a twelfth": {share: 1.0 / 12, want: "...........x"},
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
				// Share does not count the requests that Only excludes.
				if fault := state.nextFault([]string{"b"}); fault != None {
					t.Errorf("%s hit a request that Only excludes", fault)
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

// Draw replaces Fault. A refused batch has no items to corrupt: ShuffledItems then
// counts as no fault.
func TestDraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		draws := []Fault{ServerError, None, ServerError, ShuffledItems}
		sim := New(PageCards())
		sim.SetBehaviour(Behaviour{
			Fault: HTML, Latency: time.Second, Refuse: []string{"352019040625281"},
			Draw: func(identifiers []string, live bool) (Fault, time.Duration) {
				if len(identifiers) != 3 || !live {
					t.Errorf("drawn for %q, live %v", identifiers, live)
				}
				fault := draws[0]
				draws = draws[1:]
				return fault, 2 * time.Second
			},
		})
		for _, want := range []string{`{"Message":`, `{"state":false`, `{"Message":`, `{"state":false`} {
			start := time.Now()
			answer := record(t.Context(), sim, `{"imeis":"`+strings.Join(pageIMEIs(), ",")+`","update":true}`)
			if got := answer.Body.String(); !strings.HasPrefix(got, want) || time.Since(start) != 3*time.Second {
				t.Errorf("got %s after %v, want %s after 3s", got, time.Since(start), want)
			}
		}
		if got := sim.Counters(); got.FaultsServed != 2 || got.ByFault[ServerError] != 2 {
			t.Errorf("counted %+v", got)
		}
	})
}

// Edit may replace, change and remove items; an answer without items is noData.
func TestEdit(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(identifiers, items []string) []string
		want string
	}{
		"one left": {
			edit: func(_, items []string) []string { return items[:1] },
			want: `"IMEI":"352019040635785"`,
		},
		"a text": {
			edit: func([]string, []string) []string { return []string{`"?"`} },
			want: `"result":["?"]`,
		},
		"none": {
			edit: func([]string, []string) []string { return nil },
			want: `"result":null,"error":"未查询到任何数据"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			sim := New(PageCards())
			sim.SetBehaviour(Behaviour{Edit: test.edit})
			answer := record(t.Context(), sim, `{"imeis":"`+strings.Join(pageIMEIs(), ",")+`"}`)
			if got := answer.Body.String(); !strings.Contains(got, test.want) || strings.Contains(got, "352019040625281") {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	sim, server := serve(t)
	sim.SetBehaviour(Behaviour{Refuse: []string{"352019040625281", "898604231919C0083314"}})
	refused := `{"state":false,"result":null,"error":"卡号不合法"}`
	tests := map[string]struct {
		identifiers []string
		want        string
	}{
		"in a batch":   {identifiers: pageIMEIs(), want: refused},
		"alone":        {identifiers: []string{"352019040625281"}, want: refused},
		"other case":   {identifiers: []string{"898604231919c0083314"}, want: refused},
		"others":       {identifiers: []string{"352019040635785", "352019041648936"}, want: holding(first, third)},
		"other number": {identifiers: []string{"89860423191970454000"}, want: holding(second)},
	}
	for name, test := range tests {
		if got := query(t, server, test.identifiers...); got.body != test.want {
			t.Errorf("%s: got %s, want %s", name, got.body, test.want)
		}
	}
	if got := sim.Counters(); got.Violations != 0 {
		t.Errorf("%d counted as breaking a rule", got.Violations)
	}

	sim.SetBehaviour(Behaviour{Refuse: []string{"352019040625281"}, Fault: ShuffledItems})
	if got := query(t, server, pageIMEIs()...); got.body != refused {
		t.Errorf("with a fault that corrupts items: %s", got.body)
	}
	if got := sim.Counters().FaultsServed; got != 0 {
		t.Errorf("%d faults served without items to corrupt", got)
	}
	sim.SetBehaviour(Behaviour{Refuse: []string{"352019040625281"}, Fault: ServerError})
	if got := query(t, server, pageIMEIs()...); got.status != http.StatusInternalServerError {
		t.Errorf("with another fault: status %d", got.status)
	}
}

func TestFaultSettings(t *testing.T) {
	sim, server := serve(t)
	sim.SetBehaviour(Behaviour{Fault: Rejected, ErrorText: "参数错误"})
	checkBody(t, query(t, server, pageIMEIs()...), `{"state":false,"result":null,"error":"参数错误"}`)

	sim.SetBehaviour(Behaviour{Fault: Throttled})
	if got := query(t, server, pageIMEIs()...); got.header.Get("Retry-After") != "" {
		t.Errorf("Retry-After %q, want none", got.header.Get("Retry-After"))
	}
	// The check of the request comes before any fault.
	if got := query(t, server, ""); got.status != http.StatusOK {
		t.Errorf("status %d for a batch of none", got.status)
	}
}

func TestRetryAfter(t *testing.T) {
	for _, fault := range []Fault{Throttled, Unavailable} {
		sim := New(PageCards())
		sim.SetBehaviour(Behaviour{Fault: fault, RetryAfter: 1500 * time.Millisecond})
		answer := record(t.Context(), sim, `{"imeis":"352019040635785"}`)
		if got := answer.Header().Get("Retry-After"); got != "2" {
			t.Errorf("%v: Retry-After %q, want 2", fault, got)
		}
	}
}
