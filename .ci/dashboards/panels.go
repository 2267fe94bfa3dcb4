package dashboards

import (
	"errors"
	"fmt"
	"strings"
)

// panels checks every panel, and that their ids differ.
func panels(d Dashboard) error {
	var errs []error
	ids := make(map[int]string)
	for _, p := range d.all() {
		if other, taken := ids[p.ID]; taken || p.ID == 0 {
			errs = append(errs, fmt.Errorf("panel %q: id %d is 0 or that of %q", p.Title, p.ID, other))
		}
		ids[p.ID] = p.Title
		if err := panel(p); err != nil {
			errs = append(errs, fmt.Errorf("panel %q: %w", p.Title, err))
		}
	}
	return errors.Join(errs...)
}

// panel checks that a panel has all that a reader needs, and that its queries use
// the selected data source.
func panel(p Panel) error {
	var errs []error
	missing := func(what string) { errs = append(errs, errors.New(what+" is missing")) }
	if p.Title == "" {
		missing("title")
	}
	if p.Type == "row" {
		return errors.Join(errs...)
	}
	if p.Description == "" {
		missing("description")
	}
	if p.Type == "text" {
		return errors.Join(errs...)
	}
	if len(p.Targets) == 0 {
		missing("query")
	}
	if p.FieldConfig.Defaults.Unit == "" {
		missing("unit")
	}
	if p.FieldConfig.Defaults.NoValue == "" {
		missing("what to say when there is nothing to show (noValue)")
	}
	sources := []datasource{p.Datasource}
	refs := make(map[string]bool)
	for _, t := range p.Targets {
		sources = append(sources, t.Datasource)
		if refs[t.RefID] || t.RefID == "" {
			errs = append(errs, fmt.Errorf("refId %q is empty or there twice", t.RefID))
		}
		refs[t.RefID] = true
		if strings.TrimSpace(t.Expr) == "" {
			missing("expression of query " + t.RefID)
		}
	}
	for _, s := range sources {
		if err := selected(s); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, columns(p))...)
}

// selected checks that s is the data source selected at the top of the
// dashboard.
func selected(s datasource) error {
	if s != (datasource{Type: "prometheus", UID: "${datasource}"}) {
		return fmt.Errorf("data source is %q and not the variable", s.UID)
	}
	return nil
}

// columns checks the names that link a panel's queries, transformations,
// overrides and sort order. Grafana ignores a misspelt one, and the schema does
// not cover the options of transformations.
func columns(p Panel) error {
	var errs []error
	values := make(map[string]bool) // value columns of the queries, not yet named
	for _, t := range p.Targets {
		if len(p.Targets) == 1 {
			values["Value"] = true
		} else {
			values["Value #"+t.RefID] = true
		}
	}
	shown := make(map[string]bool) // names that overrides and sort orders may use
	for _, t := range p.Targets {
		shown[t.LegendFormat] = true
	}
	for _, tr := range p.Transformations {
		if tr.ID != "merge" && tr.ID != "organize" {
			errs = append(errs, fmt.Errorf("transformation %q is not one that this test knows", tr.ID))
		}
		for name := range tr.Options.IndexByName {
			shown[name] = true
		}
		for from, to := range tr.Options.RenameByName {
			shown[to] = true
			if !values[from] {
				errs = append(errs, fmt.Errorf("column %q is renamed, and no query has it", from))
			}
			delete(values, from)
		}
		for name := range tr.Options.ExcludeByName {
			if strings.HasPrefix(name, "Value") && !values[name] {
				errs = append(errs, fmt.Errorf("column %q is left out, and no query has it or it is renamed", name))
			}
			delete(values, name)
		}
	}
	if p.Type == "table" {
		for name := range values {
			errs = append(errs, fmt.Errorf("column %q has no name", name))
		}
	}
	for _, o := range p.FieldConfig.Overrides {
		if name, _ := o.Matcher.Options.(string); o.Matcher.ID == "byName" && !shown[name] {
			errs = append(errs, fmt.Errorf("override is for %q, and nothing is called that", name))
		}
	}
	for _, s := range p.Options.SortBy {
		if !shown[s.DisplayName] {
			errs = append(errs, fmt.Errorf("sorted by %q, and no column is called that", s.DisplayName))
		}
	}
	return errors.Join(errs...)
}
