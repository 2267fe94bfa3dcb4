package dashboards

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// card1 are the variables for one card.
var card1 = map[string]string{"id": "6785", "imei": "(none|352019040635785)", "iccid": "(none|6785)"}

// TestQueries parses every query as Prometheus does.
func TestQueries(t *testing.T) {
	prometheus := parser.NewParser(parser.Options{})
	empty := make(map[string]bool)
	for _, f := range generate(t) {
		queries, err := Queries(f.Dashboard, card1)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			if _, err := prometheus.ParseExpr(q.Expr); err != nil {
				t.Errorf("%s, %s: %v in %s", f.Name, q.Panel, err, q.Expr)
			}
			if q.MayBeEmpty {
				empty[q.Dashboard+q.Panel] = true
			}
		}
	}
	if len(empty) != len(mayBeEmpty) {
		t.Errorf("%v may be empty, want each of %v", empty, mayBeEmpty)
	}
}

// TestNoQueryOverAllCards checks that the fleet's dashboard does not read the
// series of all cards, and that it does not list thousands of them.
func TestNoQueryOverAllCards(t *testing.T) {
	perCard := regexp.MustCompile(`(?:^|[^:\w])simcard_(info|status|balance_bytes|expiry_\w+|activation_\w+)\b`)
	bounded := regexp.MustCompile(`topk|bottomk|count`)
	for _, f := range generate(t) {
		if !strings.HasPrefix(f.Name, "fleet") {
			continue
		}
		queries, err := Queries(f.Dashboard, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			listed := strings.Contains(q.Expr, "simcard_problem{") && q.Label == ""
			if perCard.MatchString(q.Expr) || q.Range && listed || listed && !bounded.MatchString(q.Expr) {
				t.Errorf("%s: %s", q.Panel, q.Expr)
			}
		}
	}
}

// TestLimits checks that the limits are those of the rules.
func TestLimits(t *testing.T) {
	rules, err := os.ReadFile("../../examples/prometheus/rules/simcard.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []string{
		fmt.Sprintf("> %d * 3600", old/3600), fmt.Sprintf("> %d", unsaved),
	} {
		if !strings.Contains(string(rules), limit) {
			t.Errorf("the rules have no limit %q", limit)
		}
	}
}

func TestSubstitute(t *testing.T) {
	b := newBoard(english(), "test", "Test", "A test")
	b.add(variable{name: "group", kind: dashboard.VariableTypeQuery, query: "label_values(up, group)"})
	b.add(variable{name: "found", kind: dashboard.VariableTypeQuery, query: "query_result(up)", pick: "/x/"})
	b.add(variable{name: "city_label", kind: dashboard.VariableTypeConstant, query: "city"})
	b.add(variable{name: "id", kind: dashboard.VariableTypeTextbox})
	values := map[string]string{"__rate_interval": "30s"}
	for _, test := range []struct{ expr, want string }{
		{`x{a=~"$group", b=~"${group:regex}"}`, `x{a=~".*", b=~".*"}`},
		{`x{$city_label="$id"}`, `x{city=""}`},
		{`rate(x[$__rate_interval]) + y[$__range]`, `rate(x[30s]) + y[15m]`},
		{`x{a=~"^b$"}`, `x{a=~"^b$"}`},
	} {
		got, err := substitute(b.dashboard, test.expr, values)
		if err != nil || got != test.want {
			t.Errorf("substitute(%s) = %s, %v, want %s", test.expr, got, err, test.want)
		}
	}
	for _, expr := range []string{"$nothing", "$found"} {
		if got, err := substitute(b.dashboard, expr, values); err == nil {
			t.Errorf("substitute(%s) = %s, want an error", expr, got)
		}
	}
}
