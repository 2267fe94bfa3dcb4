// Package dashboards checks the Grafana dashboards in examples/grafana without
// a Grafana, and lists their queries so that a test can send each of them to a
// Prometheus. It is a module of its own to keep Grafana's schema out of the
// exporter's dependencies.
//
//	go test -count=1 ./...
//
// Without -count=1, go test may print a cached result after a dashboard has
// changed, since the dashboards lie outside the module.
package dashboards

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Dashboard is a dashboard file. Raw is the whole file, the other fields are
// those that this package checks.
type Dashboard struct {
	File string `json:"-"`
	Raw  []byte `json:"-"`

	UID         string  `json:"uid"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Panels      []Panel `json:"panels"`
	Templating  struct {
		List []Variable `json:"list"`
	} `json:"templating"`
}

// Panel is a panel, or a heading if its type is "row".
type Panel struct {
	ID          int     `json:"id"`
	Type        string  `json:"type"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Panels      []Panel `json:"panels"` // of a collapsed row
	GridPos     struct {
		X, Y, W, H int
	} `json:"gridPos"`
	Datasource  datasource `json:"datasource"`
	Targets     []Target   `json:"targets"`
	FieldConfig struct {
		Defaults struct {
			Unit    string `json:"unit"`
			NoValue string `json:"noValue"`
		} `json:"defaults"`
		Overrides []struct {
			Matcher struct {
				ID      string `json:"id"`
				Options any    `json:"options"`
			} `json:"matcher"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
	Options struct {
		SortBy []struct {
			DisplayName string `json:"displayName"`
		} `json:"sortBy"`
	} `json:"options"`
	Transformations []struct {
		ID      string `json:"id"`
		Options struct {
			ExcludeByName map[string]bool   `json:"excludeByName"`
			IndexByName   map[string]int    `json:"indexByName"`
			RenameByName  map[string]string `json:"renameByName"`
		} `json:"options"`
	} `json:"transformations"`
}

// Target is one query of a panel.
type Target struct {
	RefID        string     `json:"refId"`
	Expr         string     `json:"expr"`
	LegendFormat string     `json:"legendFormat"`
	Datasource   datasource `json:"datasource"`
}

// Variable is what a user chooses at the top of a dashboard.
type Variable struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Label       string          `json:"label"`
	Description string          `json:"description"`
	AllValue    string          `json:"allValue"`
	Datasource  datasource      `json:"datasource"`
	Query       json.RawMessage `json:"query"` // an object for the type "query", otherwise a string
	Current     struct {
		Value any `json:"value"`
	} `json:"current"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Load reads every dashboard in dir, ordered by file name. It is an error if
// there are none.
func Load(dir string) ([]Dashboard, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list dashboards: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no dashboards in %s", dir)
	}
	var dashboards []Dashboard
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read dashboard: %w", err)
		}
		d, err := parse(filepath.Base(file), raw)
		if err != nil {
			return nil, err
		}
		dashboards = append(dashboards, d)
	}
	return dashboards, nil
}

func parse(file string, raw []byte) (Dashboard, error) {
	d := Dashboard{File: file, Raw: raw}
	if err := json.Unmarshal(raw, &d); err != nil {
		return Dashboard{}, fmt.Errorf("parse %s: %w", file, err)
	}
	return d, nil
}

// all returns every panel, those inside collapsed rows included.
func (d Dashboard) all() []Panel {
	var panels []Panel
	for _, p := range d.Panels {
		panels = append(panels, p)
		panels = append(panels, p.Panels...)
	}
	return panels
}

// variable returns the variable of that name, and whether it exists.
func (d Dashboard) variable(name string) (Variable, bool) {
	for _, v := range d.Templating.List {
		if v.Name == name {
			return v, true
		}
	}
	return Variable{}, false
}

// expr is the variable's query, empty unless its type is "query".
func (v Variable) expr() (string, error) {
	if v.Type != "query" {
		return "", nil
	}
	var q struct {
		Query string `json:"query"`
	}
	if err := json.Unmarshal(v.Query, &q); err != nil {
		return "", fmt.Errorf("query of variable %s: %w", v.Name, err)
	}
	return q.Query, nil
}
