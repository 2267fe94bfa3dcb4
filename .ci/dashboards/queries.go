package dashboards

import (
	"fmt"
	"regexp"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// Query is a request that a dashboard makes to Prometheus, with all variables
// replaced.
type Query struct {
	Dashboard string `json:"dashboard"` // its uid
	Panel     string `json:"panel"`     // its title, or "variable NAME"
	RefID     string `json:"refId,omitempty"`
	Expr      string `json:"expr"`
	// Range says that the values over time are asked for, and not the last one.
	Range bool `json:"range"`
	// Label is the label of which the values are asked for: those that the series
	// of Expr have, a selector then. It is empty for most queries.
	Label string `json:"label,omitempty"`
	// MayBeEmpty says that a healthy fleet may have no data for it.
	MayBeEmpty bool `json:"mayBeEmpty"`
}

// mayBeEmpty lists the panels that may be empty although all is well, by uid and
// title, with the reason.
var mayBeEmpty = map[[2]string]string{
	{"simcard-card", "What is wrong"}:      "nothing is wrong",
	{"simcard-card", "Problems over time"}: "nothing is wrong",
	{"simcard-fleet", "Answers saved"}:     "without --persistence.file nothing is saved",
	{"simcard-fleet", "Alerts"}:            "nothing is wrong",
}

// builtins are Grafana's own variables, for a time range of 15 minutes and a
// scrape interval of 15 seconds.
var builtins = map[string]string{
	"__interval":      "15s",
	"__interval_ms":   "15000",
	"__rate_interval": "1m",
	"__range":         "15m",
	"__range_s":       "900",
	"__range_ms":      "900000",
}

// Queries returns the queries of the dashboard's variables and panels. A
// variable is replaced by its value in values, or else by the value that Grafana
// uses for All, or else by its saved value.
func Queries(d dashboard.Dashboard, values map[string]string) ([]Query, error) {
	var queries []Query
	for _, v := range d.Templating.List {
		if v.Type != dashboard.VariableTypeQuery {
			continue
		}
		q, err := variableQuery(d, v, values)
		if err != nil {
			return nil, fmt.Errorf("%s, variable %s: %w", *d.Uid, v.Name, err)
		}
		queries = append(queries, q)
	}
	for _, p := range panels(d) {
		for _, t := range p.Targets {
			target, ok := t.(prometheus.Dataquery)
			if !ok {
				return nil, fmt.Errorf("%s, %s: a query of another data source", *d.Uid, *p.Title)
			}
			expr, err := substitute(d, target.Expr, values)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", *d.Uid, *p.Title, err)
			}
			_, empty := mayBeEmpty[[2]string{*d.Uid, *p.Title}]
			queries = append(queries, Query{
				Dashboard: *d.Uid, Panel: *p.Title, RefID: *target.RefId,
				Expr: expr, Range: *target.Range, MayBeEmpty: empty,
			})
		}
	}
	return queries, nil
}

var (
	labelValues = regexp.MustCompile(`^label_values\((.+),\s*(\w+)\)$`)
	queryResult = regexp.MustCompile(`(?s)^query_result\((.+)\)$`)
)

// variableQuery returns the request for the variable's values.
func variableQuery(d dashboard.Dashboard, v dashboard.VariableModel, values map[string]string) (Query, error) {
	text, _ := v.Query.Map["query"].(string)
	text, err := substitute(d, text, values)
	if err != nil {
		return Query{}, err
	}
	q := Query{Dashboard: *d.Uid, Panel: "variable " + v.Name}
	if m := labelValues.FindStringSubmatch(text); m != nil {
		q.Expr, q.Label = m[1], m[2]
		return q, nil
	}
	if m := queryResult.FindStringSubmatch(text); m != nil {
		q.Expr = m[1]
		return q, nil
	}
	return Query{}, fmt.Errorf("%q is neither label_values(selector, label) nor query_result(expression)", text)
}

// reference matches $name, ${name}, ${name:format} and ${name.field}.
var reference = regexp.MustCompile(`\$(\w+)|\$\{(\w+)[^}]*\}`)

// references returns the names of the variables in s.
func references(s string) []string {
	var names []string
	for _, m := range reference.FindAllStringSubmatch(s, -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

// substitute replaces the variables in expr. One without a value is an error.
func substitute(d dashboard.Dashboard, expr string, values map[string]string) (string, error) {
	for _, name := range references(expr) {
		if _, ok := value(d, name, values); !ok {
			return "", fmt.Errorf("variable %s has no value", name)
		}
	}
	return reference.ReplaceAllStringFunc(expr, func(s string) string {
		v, _ := value(d, references(s)[0], values)
		return v
	}), nil
}

// value returns the value that [Queries] uses for a variable, and whether there
// is one.
func value(d dashboard.Dashboard, name string, values map[string]string) (string, bool) {
	if v, ok := values[name]; ok {
		return v, true
	}
	if v, ok := builtins[name]; ok {
		return v, true
	}
	v, ok := find(d, name)
	switch {
	case !ok:
		return "", false
	case v.AllValue != nil:
		return *v.AllValue, true
	case v.Current != nil && v.Current.Value.String != nil:
		return *v.Current.Value.String, true
	}
	return "", false
}
