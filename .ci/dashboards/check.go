package dashboards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const gridWidth = 24

// Check returns all mistakes in the dashboards, joined, or nil. Pass every
// dashboard at once, since they link to each other.
func Check(dashboards []Dashboard) error {
	plugins.RegisterDefaultPlugins() // or the options of panels and queries are not checked
	var errs []error
	byUID := make(map[string]Dashboard)
	for _, d := range dashboards {
		if other, taken := byUID[d.UID]; taken || d.UID == "" {
			errs = append(errs, fmt.Errorf("%s: uid %q is empty or that of %s", d.File, d.UID, other.File))
		}
		byUID[d.UID] = d
	}
	for _, d := range dashboards {
		for _, check := range []func(Dashboard) error{schema, spelling, format, grid, panels, variables} {
			if err := check(d); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", d.File, err))
			}
		}
		if err := links(d, byUID); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", d.File, err))
		}
	}
	for panel := range mayBeEmpty {
		if err := exists(byUID, panel); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// schema validates the dashboard against Grafana's schema.
func schema(d Dashboard) error {
	var g dashboard.Dashboard
	if err := g.UnmarshalJSONStrict(d.Raw); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	if err := g.Validate(); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return nil
}

// format requires an indentation that keeps diffs readable, and refuses keys
// that belong to a single Grafana installation.
func format(d Dashboard) error {
	var errs []error
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.TrimSpace(d.Raw), "", "  "); err != nil {
		return fmt.Errorf("indent: %w", err)
	}
	if !bytes.Equal(append(indented.Bytes(), '\n'), d.Raw) {
		errs = append(errs, errors.New("not indented by two spaces, or no newline at the end"))
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(d.Raw, &top); err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	for _, key := range []string{"id", "__inputs", "__requires"} {
		if _, found := top[key]; found {
			errs = append(errs, fmt.Errorf("%q is of one installation or an export: leave it out", key))
		}
	}
	if d.Title == "" || d.Description == "" {
		errs = append(errs, errors.New("no title or no description"))
	}
	return errors.Join(errs...)
}

// grid checks that no panel overlaps another or exceeds the width.
func grid(d Dashboard) error {
	var errs []error
	for i, p := range d.Panels {
		a := p.GridPos
		if a.W < 1 || a.H < 1 || a.X < 0 || a.Y < 0 || a.X+a.W > gridWidth {
			errs = append(errs, fmt.Errorf("panel %q is not inside the grid", p.Title))
		}
		for _, other := range d.Panels[:i] {
			b := other.GridPos
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				errs = append(errs, fmt.Errorf("panels %q and %q overlap", other.Title, p.Title))
			}
		}
	}
	return errors.Join(errs...)
}

// exists checks that a panel listed in mayBeEmpty exists. [panel] checks that
// it says why it is empty.
func exists(byUID map[string]Dashboard, panel [2]string) error {
	for _, p := range byUID[panel[0]].all() {
		if p.Title == panel[1] {
			return nil
		}
	}
	return fmt.Errorf("panel %q of dashboard %q may be empty, but does not exist", panel[1], panel[0])
}

// walk calls visit with every string value in the JSON text raw.
func walk(raw []byte, visit func(string)) {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return // reported by schema
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
