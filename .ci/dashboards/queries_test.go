package dashboards

import (
	"strings"
	"testing"
)

func TestQueries(t *testing.T) {
	for _, d := range load(t) {
		queries, err := Queries(d, map[string]string{"imei": "352019040635785"})
		if err != nil {
			t.Fatal(err)
		}
		targets := 0
		for _, p := range d.all() {
			targets += len(p.Targets)
		}
		if len(queries) <= targets {
			t.Errorf("%s: %d queries for %d targets and the variables", d.UID, len(queries), targets)
		}
		for _, q := range queries {
			if len(references(q.Expr)) > 0 {
				t.Errorf("%s, %s: a variable is left in %s", q.Dashboard, q.Panel, q.Expr)
			}
		}
	}
}

func TestSubstitute(t *testing.T) {
	d, err := parse("test", []byte(`{"templating": {"list": [
		{"name": "group", "allValue": ".*", "current": {"value": ["$__all"]}},
		{"name": "job", "current": {"value": ["$__all"]}},
		{"name": "days", "current": {"value": "14"}},
		{"name": "imei"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"imei": "1", "__rate_interval": "30s"}
	for _, test := range []struct{ expr, want string }{
		{expr: `x{a=~"$group", b=~"${job:regex}"}`, want: `x{a=~".*", b=~".+"}`},
		{expr: `86400 * $days + ${days}`, want: `86400 * 14 + 14`},
		{expr: `x{imei="[[imei]]"}`, want: `x{imei="1"}`},
		{expr: `rate(x[$__rate_interval]) + y[$__range]`, want: `rate(x[30s]) + y[15m]`},
		{expr: `x{a=~"^b$"}`, want: `x{a=~"^b$"}`},
	} {
		got, err := substitute(d, test.expr, values)
		if err != nil || got != test.want {
			t.Errorf("substitute(%s) = %s, %v, want %s", test.expr, got, err, test.want)
		}
	}
	if got, err := substitute(d, "$nothing", values); err == nil {
		t.Errorf("substitute($nothing) = %s, want an error", got)
	}
}

func TestLabelValues(t *testing.T) {
	got, err := labelValues(`label_values(simcard_info{group=~"$group", city=~"$city"}, shop)`)
	if err != nil {
		t.Fatal(err)
	}
	want := `group by (shop) (simcard_info{group=~"$group", city=~"$city"})`
	if !strings.HasPrefix(got, want) {
		t.Errorf("labelValues() = %s, want %s first", got, want)
	}
	if got, err := labelValues("metrics(.*)"); err == nil {
		t.Errorf("labelValues(metrics(.*)) = %s, want an error", got)
	}
}
