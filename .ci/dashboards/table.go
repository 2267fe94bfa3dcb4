package dashboards

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	tablepanel "github.com/grafana/grafana-foundation-sdk/go/table"
)

// table has a row for each combination of labels, and a column for each label
// and each query. The columns of labels that are not listed, such as a user's
// own, come last.
type table struct {
	labels []column
	then   []column // of labels, after the values
	link   link     // from every label that is not listed
	sortBy string   // name of the query by which rows are sorted, largest first
}

// column is the column of a label.
type column struct {
	label, heading string
	cell           cell
}

// cell is how a column looks. The zero value is that of the panel.
type cell struct {
	unit   string
	steps  []dashboard.Threshold // its colour
	values []named
	link   link
	width  int // at least
}

func (table) format() format { return nowTable }

func (t table) draw(l *language, p panel) (dashboard.Panel, error) {
	b := tablepanel.NewPanelBuilder().
		CellHeight(common.TableCellHeightSm).
		Footer(common.NewTableFooterOptionsBuilder().Reducer([]string{})). // the schema wants one
		Filterable(true).
		OverrideByRegexp(".*", []dashboard.DynamicConfigValue{{Id: "noValue", Value: "–"}})

	if t.link != (link{}) {
		b.OverrideByFieldType("string", cell{link: t.link}.properties(l))
	}
	names, order := map[string]string{}, map[string]int{}
	excluded := map[string]bool{"Time": true}
	for _, c := range t.columns(p.queries) {
		if c.heading == "" {
			excluded[c.label] = true
			continue
		}
		order[c.label] = len(order)
		names[c.label] = l.say(c.heading)
		if properties := c.cell.properties(l); len(properties) > 0 {
			b.OverrideByName(names[c.label], properties)
		}
	}
	if len(p.queries) > 1 {
		b.WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}})
	}
	b.WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"excludeByName": excluded, "indexByName": order, "renameByName": names,
	}})
	if t.sortBy != "" {
		if !slices.ContainsFunc(p.queries, func(q query) bool { return q.name == t.sortBy }) {
			return dashboard.Panel{}, fmt.Errorf("sorted by %q, which is no column", t.sortBy)
		}
		b.SortBy([]cog.Builder[common.TableSortByFieldState]{
			common.NewTableSortByFieldStateBuilder().DisplayName(l.say(t.sortBy)).Desc(true),
		})
	}
	return b.Build()
}

// columns returns the columns of labels and queries from left to right. Those
// without a heading are left out of the table.
func (t table) columns(queries []query) []column {
	all := slices.Clone(t.labels)
	for i, q := range queries {
		label := "Value" // as Grafana calls it
		if len(queries) > 1 {
			label = "Value #" + refID(i)
		}
		all = append(all, column{label: label, heading: q.name, cell: q.cell})
	}
	return append(all, t.then...)
}

// properties returns what differs from the panel, as Grafana's overrides.
func (c cell) properties(l *language) []dashboard.DynamicConfigValue {
	var all []dashboard.DynamicConfigValue
	set := func(id string, value any) { all = append(all, dashboard.DynamicConfigValue{Id: id, Value: value}) }
	if c.unit != "" {
		set("unit", c.unit)
	}
	if c.steps != nil {
		set("thresholds", map[string]any{"mode": dashboard.ThresholdsModeAbsolute, "steps": c.steps})
	}
	if c.values != nil {
		set("mappings", mappings(l, c.values))
	}
	if c.steps != nil || c.values != nil {
		set("custom.cellOptions", map[string]any{"type": common.TableCellDisplayModeColorText})
	}
	if c.link != (link{}) {
		set("links", []map[string]any{{"title": l.say(c.link.title), "url": c.link.url(l)}})
	}
	if c.width != 0 {
		set("custom.minWidth", c.width)
	}
	return all
}
