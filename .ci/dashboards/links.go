package dashboards

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// variables checks that every used variable is defined and every defined one
// is used.
func variables(d Dashboard) error {
	var errs []error
	used := make(map[string]bool)
	walk(d.Raw, func(s string) {
		for _, name := range references(s) {
			used[name] = true
		}
	})
	for name := range used {
		if _, ok := d.variable(name); !ok && !strings.HasPrefix(name, "__") {
			errs = append(errs, fmt.Errorf("variable %s is used and not defined", name))
		}
	}
	for i, v := range d.Templating.List {
		if !used[v.Name] {
			errs = append(errs, fmt.Errorf("variable %s is defined and not used", v.Name))
		}
		if v.Label == "" || v.Description == "" {
			errs = append(errs, fmt.Errorf("variable %s has no label or no description", v.Name))
		}
		if slices.ContainsFunc(d.Templating.List[:i], func(other Variable) bool { return other.Name == v.Name }) {
			errs = append(errs, fmt.Errorf("variable %s is defined twice", v.Name))
		}
		if v.Type == "query" {
			if err := selected(v.Datasource); err != nil {
				errs = append(errs, fmt.Errorf("variable %s: %w", v.Name, err))
			}
		}
	}
	if _, err := Queries(d, nil); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

var (
	dashboardLink = regexp.MustCompile(`/d/([\w-]+)(\?\S*)?`)
	linkVariable  = regexp.MustCompile(`[?&](?:var-(\w+)=|\$\{(\w+):queryparam\})`)
	field         = regexp.MustCompile(`\$\{__data\.fields\.(\w+)`)
)

// links checks every link to a dashboard, wherever it occurs: the target must
// exist and define the variables that the link sets.
func links(d Dashboard, byUID map[string]Dashboard) error {
	var errs []error
	walk(d.Raw, func(s string) {
		for _, m := range dashboardLink.FindAllStringSubmatch(s, -1) {
			to, ok := byUID[m[1]]
			if !ok {
				errs = append(errs, fmt.Errorf("link to dashboard %q, which does not exist", m[1]))
				continue
			}
			for _, v := range linkVariable.FindAllStringSubmatch(m[2], -1) {
				if _, ok := to.variable(v[1] + v[2]); !ok {
					errs = append(errs, fmt.Errorf("link to dashboard %q sets its variable %q, which it does not have", m[1], v[1]+v[2]))
				}
			}
			for _, f := range field.FindAllStringSubmatch(m[2], -1) {
				if !slices.Contains([]string{"imei", "iccid", "group"}, f[1]) {
					errs = append(errs, fmt.Errorf("link takes column %q, which not every card has", f[1]))
				}
			}
		}
	})
	return errors.Join(errs...)
}
