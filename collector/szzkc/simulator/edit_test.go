package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Edit has the last word on the items, also on whether there are any.
func TestEdit(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(identifiers, items []string) []string
		want string
	}{
		"one left": {func(_, items []string) []string { return items[:1] }, `"IMEI":"352019040635785"`},
		"a text":   {func([]string, []string) []string { return []string{`"?"`} }, `"result":["?"]`},
		"none":     {func([]string, []string) []string { return nil }, `"result":null,"error":"未查询到任何数据"`},
	} {
		t.Run(name, func(t *testing.T) {
			sim := New(PageCards())
			sim.SetBehaviour(Behaviour{Edit: test.edit})
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/",
				strings.NewReader(`{"imeis":"`+strings.Join(pageIMEIs(), ",")+`"}`))
			answer := httptest.NewRecorder()
			sim.ServeHTTP(answer, request)
			if got := answer.Body.String(); !strings.Contains(got, test.want) || strings.Contains(got, "352019040625281") {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// A 503 may ask to be left alone as a 429 may.
func TestRetryAfter(t *testing.T) {
	for _, fault := range []Fault{Throttled, Unavailable} {
		sim := New(PageCards())
		sim.SetBehaviour(Behaviour{Fault: fault, RetryAfter: 1500 * time.Millisecond})
		answer := httptest.NewRecorder()
		sim.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"imeis":"352019040635785"}`)))
		if got := answer.Header().Get("Retry-After"); got != "2" {
			t.Errorf("%v: Retry-After %q, want 2", fault, got)
		}
	}
}
