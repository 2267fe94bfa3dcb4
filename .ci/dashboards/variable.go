package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// variable is chosen at the top of a dashboard, or hidden.
type variable struct {
	name, label, about string
	kind               dashboard.VariableType
	query              string // a query, a type of data source or a default, as kind has it
	pick               string // regular expression for the value in a result of the query
	hidden             bool
}

// add adds the variable to the dashboard. If it has a query, all values are
// selected at first. Then ".*" stands for them, so that a card without the label
// counts too; with pick it is the values themselves.
func (b *board) add(v variable) {
	model := dashboard.NewVariableModel()
	model.Type, model.Name = v.kind, v.name
	model.Label, model.Description = cog.ToPtr(b.say(v.label)), cog.ToPtr(b.say(v.about))
	model.Query = &dashboard.StringOrMap{String: &v.query}
	if v.hidden {
		model.Hide = cog.ToPtr(dashboard.VariableHideHideVariable)
	}
	switch v.kind {
	case dashboard.VariableTypeQuery:
		b.fill(model, v)
	case dashboard.VariableTypeTextbox, dashboard.VariableTypeConstant:
		model.Current = &dashboard.VariableOption{
			Selected: cog.ToPtr(true),
			Text:     dashboard.StringOrArrayOfString{String: &v.query},
			Value:    dashboard.StringOrArrayOfString{String: &v.query},
		}
	}
	b.dashboard.Templating.List = append(b.dashboard.Templating.List, *model)
}

func (b *board) fill(model *dashboard.VariableModel, v variable) {
	kind := labelValuesKind
	if v.pick != "" {
		kind = queryResultKind
		model.Regex = &v.pick
	} else {
		model.AllValue = cog.ToPtr(".*")
	}
	model.Query = &dashboard.StringOrMap{Map: map[string]any{
		"qryType": kind, "query": v.query, "refId": "variable-" + v.name,
	}}
	model.Definition = &v.query
	model.Datasource = &common.DataSourceRef{Type: selectedSource().Type, Uid: selectedSource().Uid}
	model.Multi, model.IncludeAll = cog.ToPtr(true), cog.ToPtr(true)
	model.Current = &dashboard.VariableOption{
		Selected: cog.ToPtr(true),
		Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{b.say("All")}},
		Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	}
	model.Refresh = cog.ToPtr(dashboard.VariableRefreshOnTimeRangeChanged)
	model.Sort = cog.ToPtr(dashboard.VariableSortAlphabeticalAsc)
}

// The kinds of query that Grafana's Prometheus data source has for variables.
const (
	labelValuesKind = 1
	queryResultKind = 3
)

// dataSource is the variable that every dashboard begins with.
func dataSource() variable {
	return variable{
		name: "datasource", label: "Data source", kind: dashboard.VariableTypeDatasource, query: "prometheus",
		about: "The Prometheus that scrapes simcard_exporter and has its rules",
	}
}
