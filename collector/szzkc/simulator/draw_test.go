package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Draw decides alone, request by request, and the refused stay refused where a
// fault needs cards to spoil.
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
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/",
				strings.NewReader(`{"imeis":"`+strings.Join(pageIMEIs(), ",")+`","update":true}`))
			answer := httptest.NewRecorder()
			sim.ServeHTTP(answer, request)
			if got := answer.Body.String(); !strings.HasPrefix(got, want) || time.Since(start) != 3*time.Second {
				t.Errorf("got %s after %v, want %s after 3s", got, time.Since(start), want)
			}
		}
		if got := sim.Counters(); got.FaultsServed != 2 || got.ByFault[ServerError] != 2 {
			t.Errorf("counted %+v", got)
		}
	})
}
