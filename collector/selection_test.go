package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// newSelectionEnv has three groups of twenty cards, for which each scrape asks.
func newSelectionEnv(t *testing.T) *testEnv {
	t.Helper()
	cards := simulator.Fleet(60)
	groups := []Group{testGroup("a", byIMEI, cards[:20]), testGroup("b", byIMEI, cards[20:40]), testGroup("c d", byIMEI, cards[40:])}
	for i := range groups {
		groups[i].MaxAge = 0
	}
	return newTestEnv(t, simulator.New(cards), groups)
}

// A scrape serves the groups that its query names, and asks for no others.
func TestPickGroups(t *testing.T) {
	env := newSelectionEnv(t)
	for query, want := range map[string]int{ // groups
		"":                                3,
		"group=a":                         1,
		"group=a&group=c+d":               2,
		"group=b&group=b":                 1,
		"exclude_group=a":                 2,
		"exclude_group=a&exclude_group=b": 1,
		"group=a&group=b&exclude_group=b": 1,
	} {
		t.Run(query, func(t *testing.T) {
			env.sim.ResetCounters()
			got := parse(t, env.body(t, scrapeRequest(t.Context(), "/metrics?"+query, 10*time.Second)))
			expectCards(t, got, 20*want)
			expectCount(t, got, "simcard_up", want)
			if n := env.sim.Counters().Requests; n != want {
				t.Errorf("%d requests, want %d", n, want)
			}
			_, own := got["simcard_exporter_requests_in_flight"]
			if own == strings.HasPrefix(query, "group=") {
				t.Errorf("the exporter's own metrics are there: %t", own)
			}
		})
	}
}

// A parameter that a scrape does not have, and a query that cannot be read, are errors.
func TestUnknownParameter(t *testing.T) {
	env := newSelectionEnv(t)
	for query, want := range map[string]string{
		"groups=a":       "unknown parameter \"groups\", there are: group, exclude_group, name[]\n",
		"group=a&name=b": "unknown parameter \"name\", there are: group, exclude_group, name[]\n",
		"group=%zz":      "query: invalid URL escape \"%zz\"\n",
	} {
		recorder := httptest.NewRecorder()
		env.handler.ServeHTTP(recorder, scrapeRequest(t.Context(), "/metrics?"+query, 10*time.Second))
		if got := recorder.Body.String(); recorder.Code != http.StatusBadRequest || got != want {
			t.Errorf("%q: %d %q, want %q", query, recorder.Code, got, want)
		}
	}
}

// A query with a group that is not configured is an error, and asks for nothing.
func TestPickUnknownGroup(t *testing.T) {
	env := newSelectionEnv(t)
	for query, unknown := range map[string]string{
		"group=z":         "z",
		"group=a&group=z": "z",
		"group=":          "",
		"exclude_group=z": "z",
	} {
		recorder := httptest.NewRecorder()
		env.handler.ServeHTTP(recorder, scrapeRequest(t.Context(), "/metrics?"+query, 10*time.Second))
		if n := env.sim.Counters().Requests; recorder.Code != http.StatusBadRequest || n != 0 {
			t.Errorf("%q: status %d, %d requests", query, recorder.Code, n)
		}
		want := fmt.Sprintf("unknown group %q, there are: a, b, c d\n", unknown)
		if got := recorder.Body.String(); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

func TestPick(t *testing.T) {
	f := newFleet(new(szzkc.Client), Settings{}, []Group{{Name: "a"}, {Name: "b"}, {Name: "c"}}, nil)
	for name, test := range map[string]struct {
		selection Selection
		want      []string
		unknown   string
	}{
		"all":                          {want: []string{"a", "b", "c"}},
		"in the configuration's order": {selection: Selection{Only: []string{"c", "a"}}, want: []string{"a", "c"}},
		"excluded":                     {selection: Selection{Except: []string{"b"}}, want: []string{"a", "c"}},
		"named and excluded":           {selection: Selection{Only: []string{"a", "b"}, Except: []string{"b"}}, want: []string{"a"}},
		"nothing left":                 {selection: Selection{Except: []string{"a", "b", "c"}}},
		"unknown":                      {selection: Selection{Only: []string{"a", "z"}}, unknown: "z"},
		"unknown, excluded":            {selection: Selection{Except: []string{"y"}}, unknown: "y"},
	} {
		groups, err := f.pick(test.selection)
		var got []string
		for _, g := range groups {
			got = append(got, g.Name)
		}
		if (err != nil) != (test.unknown != "") || err != nil && !strings.Contains(err.Error(), "unknown group "+strconv.Quote(test.unknown)) {
			t.Errorf("%s: error %v, want one about %q", name, err, test.unknown)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: picked %v, want %v", name, got, test.want)
		}
	}
}

// A metric that does not exist is logged once, however often a scrape asks for it.
func TestUnknownName(t *testing.T) {
	env := newSelectionEnv(t)
	for range 3 {
		recorder := httptest.NewRecorder()
		env.handler.ServeHTTP(recorder, scrapeRequest(t.Context(), "/metrics?group=a&name[]=simcard_up&name[]=simcard_problem&name[]=simcard_exporter_shards&name[]=simcard_found", 10*time.Second))
		if recorder.Code != http.StatusOK {
			t.Errorf("status %d", recorder.Code)
		}
	}
	if log := env.log.String(); strings.Count(log, "unknown metric") != 1 || !strings.Contains(log, "name=simcard_found") {
		t.Errorf("the log:\n%s", log)
	}
}
