package collector

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

func TestPickGroups(t *testing.T) {
	cards := simulator.Fleet(60)
	groups := []Group{testGroup("a", byIMEI, cards[:20]), testGroup("b", byIMEI, cards[20:40]), testGroup("c d", byIMEI, cards[40:])}
	for i := range groups {
		groups[i].MaxAge = 0 // each scrape asks
	}
	env := newTestEnv(t, simulator.New(cards), groups)
	get := func(query string) (int, string) {
		recorder := httptest.NewRecorder()
		env.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics?"+query, nil))
		return recorder.Code, recorder.Body.String()
	}
	for query, want := range map[string]int{"group=a": 20, "group=a&group=c+d": 40, "group=b&group=b": 20, "": 60,
		"exclude_group=a": 40, "exclude_group=a&exclude_group=b": 20, "group=a&group=b&exclude_group=b": 20} {
		env.sim.ResetCounters()
		status, text := get(query)
		got := parse(t, text)
		if n := countSeries(got, "simcard_found"); status != http.StatusOK || n != want || countSeries(got, "simcard_up") != want/20 || env.sim.Counters().Requests != want/20 {
			t.Errorf("%q: status %d, %d cards, %v", query, status, n, env.sim.Counters())
		}
		_, own := got["simcard_exporter_requests_in_flight"]
		if own == strings.HasPrefix(query, "group=") {
			t.Errorf("%q: the exporter's own metrics are there: %t", query, own)
		}
	}
	for _, query := range []string{"group=z", "group=a&group=z", "group=", "exclude_group=z"} {
		env.sim.ResetCounters()
		status, text := get(query)
		if status != http.StatusBadRequest || env.sim.Counters().Requests != 0 {
			t.Errorf("%q: status %d, %d requests", query, status, env.sim.Counters().Requests)
		}
		if query == "group=z" && text != `unknown group "z", there are: a, b, c d`+"\n" {
			t.Errorf("%q: %s", query, text)
		}
	}
}
