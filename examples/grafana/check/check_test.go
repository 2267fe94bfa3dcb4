package check

import (
	"fmt"
	"strings"
	"testing"
)

func load(t *testing.T) []Dashboard {
	t.Helper()
	dashboards, err := Load("../dashboards")
	if err != nil {
		t.Fatal(err)
	}
	return dashboards
}

func TestDashboards(t *testing.T) {
	if err := Check(load(t)); err != nil {
		t.Fatal(err)
	}
}

// Each row is a mistake that Check has to find: in one of the dashboards the
// first place of old becomes new.
func TestCheckFindsMistakes(t *testing.T) {
	for _, test := range []struct {
		name, file, old, new, want string
	}{
		{"unknown panel option", "fleet.json", `"graphMode": "none"`, `"grafMode": "none"`, "schema: "},
		{"option of a wrong type", "fleet.json", `"wideLayout": true`, `"wideLayout": "yes"`, "schema: "},
		{"unknown query option", "fleet.json", `"editorMode": "code"`, `"editMode": "code"`, "schema: "},
		{"unknown style option", "fleet.json", `"drawStyle": "line"`, `"drawStile": "line"`, "schema: "},
		{"required field missing", "fleet.json", `"sort": "desc"`, `"sorted": "desc"`, "schema: "},
		{"value that is not allowed", "fleet.json", `"h": 4`, `"h": 0`, "schema: "},
		{"misspelt style", "fleet.json", `"drawStyle": "line"`, `"drawStyle": "lines"`, `"lines" is not a word for custom.drawStyle`},
		{"misspelt panel type", "fleet.json", `"type": "table"`, `"type": "tables"`, `"tables" is not a word for panels.type`},
		{"misspelt unit", "fleet.json", `"unit": "bytes"`, `"unit": "byte"`, `"byte" is not a word for defaults.unit`},
		{"misspelt unit of a column", "fleet.json", `"value": "dateTimeAsIso"`, `"value": "dateTimeIso"`, `"dateTimeIso" is not a word for defaults.unit`},
		{"misspelt property", "fleet.json", `"id": "custom.minWidth"`, `"id": "custom.minwidth"`, `"custom.minwidth" is not a word for properties.id`},
		{"same uid", "fleet.json", `"uid": "simcard-fleet"`, `"uid": "simcard-card"`, `uid "simcard-card" is empty or that of card.json`},
		{"indented otherwise", "fleet.json", "\n  \"title\"", "\n\t\"title\"", "not indented"},
		{"identifier of one Grafana", "card.json", "{\n", "{\n  \"id\": 7,\n", `"id" is of one installation`},
		{"outside the grid", "fleet.json", `"x": 20,`, `"x": 21,`, `is not inside the grid`},
		{"overlap", "card.json", `"x": 4,`, `"x": 3,`, `panels "Status" and "Known to the platform" overlap`},
		{"same panel id", "card.json", `"id": 3,`, `"id": 2,`, `id 2 is 0 or that of "Status"`},
		{"no description", "card.json", `"description": "simcard_status: `, `"title": "Status", "descriptions": "`, `panel "Status": description is missing`},
		{"no unit", "card.json", `"unit": "bytes"`, `"displayName": "bytes"`, `panel "Data left": unit is missing`},
		{"nothing said when empty", "card.json", `"noValue": "not known"`, `"noValue": ""`, `panel "Status": what to say`},
		{"fixed data source", "fleet.json", `"uid": "${datasource}"`, `"uid": "abc"`, `data source is "abc"`},
		{"refId twice", "fleet.json", `"refId": "B"`, `"refId": "A"`, `refId "A" is empty or there twice`},
		{"no expression", "fleet.json", `"expr": "sum(max by`, `"expr": "", "legendFormat": "sum(max by`, "expression of query A is missing"},
		{"renamed column that is not", "fleet.json", `"Value #B": "in service"`, `"Value #Z": "in service"`, `column "Value #Z" is renamed`},
		{"column without a name", "fleet.json", `"Value #B": "in service"`, `"Value #C": "in service"`, `column "Value #B" has no name`},
		{"override for nothing", "fleet.json", `"options": "suspended"`, `"options": "suspend"`, `override is for "suspend"`},
		{"sorted by nothing", "fleet.json", `"displayName": "problem"`, `"displayName": "trouble"`, `sorted by "trouble"`},
		{"undefined variable in a query", "fleet.json", `group=~\"$group\"`, `group=~\"$grupe\"`, "variable grupe is used and not defined"},
		{"undefined variable in a title", "fleet.json", "${days:text}", "${tage:text}", "variable tage is used and not defined"},
		{"variable that nothing uses", "card.json", `"name": "datasource"`, `"name": "unused"`, "variable unused is defined and not used"},
		{"variable twice", "fleet.json", `"name": "city"`, `"name": "shop"`, "variable shop is defined twice"},
		{"variable without a label", "fleet.json", `"label": "Job"`, `"label": ""`, "variable job has no label"},
		{"variable of another kind of query", "fleet.json", `"query": "label_values(simcard_up, job)"`, `"query": "query_result(simcard_up)"`, "is not label_values"},
		{"dead link", "fleet.json", "/d/simcard-card?", "/d/simcard-kard?", `link to dashboard "simcard-kard"`},
		{"link with an unknown variable", "fleet.json", "&var-imei=", "&var-emei=", `sets its variable "emei"`},
		{"link with an unknown column", "fleet.json", "${__data.fields.imei}", "${__data.fields.shop}", `link takes column "shop"`},
		{"panel that may be empty renamed", "card.json", `"title": "Device"`, `"title": "Match"`, `panel "Device" of dashboard "simcard-card" may be empty`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dashboards := load(t)
			for i, d := range dashboards {
				if d.File != test.file {
					continue
				}
				changed := strings.Replace(string(d.Raw), test.old, test.new, 1)
				if changed == string(d.Raw) {
					t.Fatalf("%s has no %q", test.file, test.old)
				}
				var err error
				if dashboards[i], err = parse(d.File, []byte(changed)); err != nil {
					t.Fatal(err)
				}
			}
			if err := Check(dashboards); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Check() = %v, want %q", err, test.want)
			}
		})
	}
}

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
		{`x{a=~"$group", b=~"${job:regex}"}`, `x{a=~".*", b=~".+"}`},
		{`86400 * $days + ${days}`, `86400 * 14 + 14`},
		{`x{imei="[[imei]]"}`, `x{imei="1"}`},
		{`rate(x[$__rate_interval]) + y[$__range]`, `rate(x[30s]) + y[15m]`},
		{`x{a=~"^b$"}`, `x{a=~"^b$"}`},
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
		t.Error(fmt.Errorf("labelValues(metrics(.*)) = %s, want an error", got))
	}
}
