package dashboards

import (
	"fmt"
	"regexp"
)

// Query is one PromQL expression of a dashboard, with all variables replaced.
type Query struct {
	Dashboard string `json:"dashboard"` // its uid
	Panel     string `json:"panel"`     // its title, or "variable NAME"
	RefID     string `json:"refId,omitempty"`
	Expr      string `json:"expr"`
	// MayBeEmpty says that a healthy fleet may have no data for it.
	MayBeEmpty bool `json:"mayBeEmpty"`
}

// mayBeEmpty lists, by uid and title, the panels that may be empty although all
// cards are healthy, with the reason. The panel shows the reason as its "no
// value" text.
var mayBeEmpty = map[[2]string]string{
	{"simcard-card", "Device"}: "cards are compared only where both identifiers are configured",
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
// variable is replaced by the first that exists of its value in values, the
// value that Grafana uses for All, and its saved value, or else by ".+".
func Queries(d Dashboard, values map[string]string) ([]Query, error) {
	var queries []Query
	add := func(panel, ref, expr string) error {
		expr, err := substitute(d, expr, values)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", d.UID, panel, err)
		}
		_, empty := mayBeEmpty[[2]string{d.UID, panel}]
		queries = append(queries, Query{Dashboard: d.UID, Panel: panel, RefID: ref, Expr: expr, MayBeEmpty: empty})
		return nil
	}
	for _, v := range d.Templating.List {
		expr, err := v.expr()
		if err != nil {
			return nil, err
		}
		if expr == "" {
			continue
		}
		if expr, err = labelValues(expr); err != nil {
			return nil, fmt.Errorf("%s, variable %s: %w", d.UID, v.Name, err)
		}
		if err := add("variable "+v.Name, "", expr); err != nil {
			return nil, err
		}
	}
	for _, p := range d.all() {
		for _, t := range p.Targets {
			if err := add(p.Title, t.RefID, t.Expr); err != nil {
				return nil, err
			}
		}
	}
	return queries, nil
}

var labelValuesCall = regexp.MustCompile(`^label_values\((.+),\s*(\w+)\)$`)

// labelValues returns PromQL for Grafana's label_values(selector, label),
// which skips empty values.
func labelValues(call string) (string, error) {
	m := labelValuesCall.FindStringSubmatch(call)
	if m == nil {
		return "", fmt.Errorf("%q is not label_values(selector, label)", call)
	}
	return fmt.Sprintf(`group by (%[2]s) (%[1]s) unless on (%[2]s) label_replace(vector(0), "%[2]s", "", "", "")`, m[1], m[2]), nil
}

// reference matches $name, ${name}, ${name:format}, ${name.field} or [[name]].
var reference = regexp.MustCompile(`\$(\w+)|\$\{(\w+)[^}]*\}|\[\[(\w+)[^\]]*\]\]`)

// references returns the names of the variables in s.
func references(s string) []string {
	var names []string
	for _, m := range reference.FindAllStringSubmatch(s, -1) {
		names = append(names, m[1]+m[2]+m[3])
	}
	return names
}

// substitute replaces the variables in expr. An undefined one is an error.
func substitute(d Dashboard, expr string, values map[string]string) (string, error) {
	for _, name := range references(expr) {
		if _, ok := value(d, name, values); !ok {
			return "", fmt.Errorf("variable %s is not defined", name)
		}
	}
	return reference.ReplaceAllStringFunc(expr, func(s string) string {
		v, _ := value(d, references(s)[0], values)
		return v
	}), nil
}

// value returns the value that [Queries] uses for a variable, and whether there is one.
func value(d Dashboard, name string, values map[string]string) (string, bool) {
	if v, ok := values[name]; ok {
		return v, true
	}
	if v, ok := builtins[name]; ok {
		return v, true
	}
	v, ok := d.variable(name)
	if !ok {
		return "", false
	}
	if v.AllValue != "" {
		return v.AllValue, true
	}
	if s, ok := v.Current.Value.(string); ok && s != "$__all" {
		return s, true
	}
	return ".+", true
}
