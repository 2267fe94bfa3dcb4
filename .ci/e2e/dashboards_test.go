//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// dashboardQuery is a line of what .ci/dashboards/queries prints.
type dashboardQuery struct {
	Dashboard, Panel, Expr, Label string
	Range, MayBeEmpty             bool
}

// dashboardQueries returns the queries of the dashboards, for the card of that
// identifier.
func dashboardQueries(t *testing.T, id string) []dashboardQuery {
	t.Helper()
	list := command("go", "run", "./queries", "-card", id,
		"-var", "__rate_interval=20s", "-var", "__range=1m", "-var", "__interval=5s")
	list.Dir = "../dashboards" // a module of its own
	out, err := list.Output()
	if err != nil {
		t.Fatalf("queries: %v", err)
	}
	var queries []dashboardQuery
	for line := range bytes.Lines(out) {
		var q dashboardQuery
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		queries = append(queries, q)
	}
	return queries
}

// path returns the request to Prometheus that Grafana makes for the query.
func (q dashboardQuery) path() string {
	switch {
	case q.Label != "":
		return "/api/v1/label/" + q.Label + "/values?match[]=" + url.QueryEscape(q.Expr)
	case q.Range:
		now := time.Now().Unix()
		return fmt.Sprintf("/api/v1/query_range?start=%d&end=%d&step=5&query=%s", now-60, now, url.QueryEscape(q.Expr))
	}
	return "/api/v1/query?query=" + url.QueryEscape(q.Expr)
}

// checkDashboards sends every query of the dashboards to Prometheus as Grafana
// does, for a card of the demo.
func checkDashboards(t *testing.T, s *servers, metrics string) {
	t.Helper()
	card := regexp.MustCompile(`simcard_status\{iccid="(\w+)",imei="(\w+)"\} 1`).FindStringSubmatch(metrics)
	if card == nil {
		t.Fatal("the demo has no card in service")
	}
	queries := dashboardQueries(t, card[1])
	for _, q := range queries {
		eventually(t, fmt.Sprintf("data for %s / %s: %s", q.Dashboard, q.Panel, q.Expr), func() error {
			var result struct{ Result []json.RawMessage }
			var data any = &result
			if q.Label != "" {
				data = &result.Result
			}
			if err := s.query(q.path(), data); err != nil {
				return err
			}
			if len(result.Result) == 0 && !q.MayBeEmpty {
				return errors.New("no data")
			}
			return nil
		})
	}
	if len(queries) < 50 {
		t.Errorf("only %d queries", len(queries))
	}
	for title, want := range map[string]string{
		"Terminals out of service now": `count(count by (imei, iccid) (simcard_problem{problem=~"suspended|expired|gone|out_of_data"}))`,
		"Expiring by week":             `sum(simcard_group_problem_cards{problem="expiring"})`,
		"Out of service now":           `sum(simcard_group_problem_cards{problem=~"suspended|expired|gone|out_of_data"})`,
		"Needs attention":              `sum(simcard_group_problem_cards{problem!~"suspended|expired|gone|out_of_data"})`,
	} {
		eventually(t, title+" is "+want, func() error { return s.shows(queries, title, want) })
	}
	for _, label := range []string{"iccid", "imei"} {
		id := map[string]string{"iccid": card[1], "imei": card[2]}[label]
		if found := lookUp(t, s, label, id[len(id)-6:]); !slices.Contains(found, id) {
			t.Errorf("the end of %s finds %q", id, found)
		}
		if found := lookUp(t, s, label, ""); !slices.Equal(found, []string{"none"}) {
			t.Errorf("nothing finds %s %q", label, found)
		}
	}
}

// shows returns nil if a panel has as many cards as another query finds. A query for
// one value counts them, and one for several lists them.
func (s *servers) shows(queries []dashboardQuery, title, want string) error {
	got := 0.0
	for _, q := range queries {
		if q.Panel != title {
			continue
		}
		of := "sum"
		if strings.Contains(q.Expr, "bottomk") {
			of = "count"
		}
		cards, err := s.value(of + "(" + q.Expr + ")")
		if err != nil {
			return err
		}
		got += cards
	}
	cards, err := s.value(want)
	if err == nil && got != cards {
		err = fmt.Errorf("%v of %v cards", got, cards)
	}
	return err
}

// lookUp returns the values of the card dashboard's variable of that name after
// id was typed.
func lookUp(t *testing.T, s *servers, name, id string) []string {
	t.Helper()
	queries := dashboardQueries(t, id)
	i := slices.IndexFunc(queries, func(q dashboardQuery) bool { return q.Panel == "variable "+name })
	var data struct {
		Result []struct{ Metric map[string]string }
	}
	if err := s.query(queries[i].path(), &data); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, r := range data.Result {
		if v := r.Metric[name]; v != "" {
			found = append(found, v)
		}
	}
	return found
}
