package dashboards

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// check finds the mistakes that Grafana's types let pass: variables and
// dashboards that a query or a link names and that do not exist.
func check(files []File) []error {
	byUID := make(map[string]dashboard.Dashboard)
	for _, f := range files {
		byUID[*f.Dashboard.Uid] = f.Dashboard
	}
	var errs []error
	for _, f := range files {
		if err := errors.Join(append(variables(f.Dashboard), links(f.Dashboard, byUID)...)...); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Name, err))
		}
	}
	return errs
}

// variables checks that every variable that is used exists, and that every one is
// used.
func variables(d dashboard.Dashboard) []error {
	var errs []error
	used := make(map[string]bool)
	walk(d, func(s string) {
		for _, name := range references(s) {
			used[name] = true
		}
	})
	for name := range used {
		if _, ok := find(d, name); !ok && !strings.HasPrefix(name, "__") {
			errs = append(errs, fmt.Errorf("variable %s is used and not defined", name))
		}
	}
	for _, v := range d.Templating.List {
		if !used[v.Name] {
			errs = append(errs, fmt.Errorf("variable %s is defined and not used", v.Name))
		}
	}
	return errs
}

var (
	dashboardLink = regexp.MustCompile(`/d/([\w-]+)(\?\S*)?`)
	linkVariable  = regexp.MustCompile(`[?&]var-(\w+)=`)
)

// links checks every link to a dashboard: it must exist and define the variables
// that the link sets.
func links(d dashboard.Dashboard, byUID map[string]dashboard.Dashboard) []error {
	var errs []error
	walk(d, func(s string) {
		for _, m := range dashboardLink.FindAllStringSubmatch(s, -1) {
			to, ok := byUID[m[1]]
			if !ok {
				errs = append(errs, fmt.Errorf("link to dashboard %q, which does not exist", m[1]))
				continue
			}
			for _, v := range linkVariable.FindAllStringSubmatch(m[2], -1) {
				if _, ok := find(to, v[1]); !ok {
					errs = append(errs, fmt.Errorf("link to dashboard %q sets its variable %q, which it does not have", m[1], v[1]))
				}
			}
		}
	})
	return errs
}

// find returns the variable of that name, and whether it exists.
func find(d dashboard.Dashboard, name string) (dashboard.VariableModel, bool) {
	for _, v := range d.Templating.List {
		if v.Name == name {
			return v, true
		}
	}
	return dashboard.VariableModel{}, false
}

// walk calls visit with every string in the dashboard.
func walk(d dashboard.Dashboard, visit func(string)) {
	raw, err := json.Marshal(d)
	if err != nil {
		return // JSON reports it
	}
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return
	}
	var step func(any)
	step = func(value any) {
		switch v := value.(type) {
		case string:
			visit(v)
		case []any:
			for _, element := range v {
				step(element)
			}
		case map[string]any:
			for _, element := range v {
				step(element)
			}
		}
	}
	step(value)
}
