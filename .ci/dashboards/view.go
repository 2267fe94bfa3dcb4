package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// view is a way to draw the results of queries.
type view interface {
	// draw returns the panel without what all panels have.
	draw(l *language, p panel) (dashboard.Panel, error)
	format() format
}

// format is how the results of a query are asked for.
type format int

const (
	overTime format = iota
	now             // the last value of each series
	nowTable        // the same, as rows
)

// target returns the query as Grafana knows it.
func (q query) target(l *language, ref string, f format) prometheus.Dataquery {
	target := prometheus.Dataquery{
		Expr:       q.expr,
		RefId:      &ref,
		EditorMode: cog.ToPtr(prometheus.QueryEditorModeCode),
		Datasource: selectedSource(),
		Instant:    cog.ToPtr(f != overTime),
		Range:      cog.ToPtr(f == overTime),
		Format:     cog.ToPtr(prometheus.PromQueryFormatTimeSeries),
	}
	if f == nowTable {
		target.Format = cog.ToPtr(prometheus.PromQueryFormatTable)
	} else if q.name != "" {
		target.LegendFormat = cog.ToPtr(l.say(q.name))
	}
	return target
}

// number shows one figure, or one for each series.
type number struct {
	steps  []dashboard.Threshold // its colour
	values []named
	big    bool
}

func (number) format() format { return now }

func (n number) draw(l *language, _ panel) (dashboard.Panel, error) {
	color := common.BigValueColorModeValue
	if n.big {
		color = common.BigValueColorModeBackground
	}
	return stat.NewPanelBuilder().
		Thresholds(thresholds(n.steps)).
		Mappings(mappings(l, n.values)).
		GraphMode(common.BigValueGraphModeNone).
		Orientation(common.VizOrientationAuto).
		ColorMode(color).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		Build()
}

// graph draws lines over time.
type graph struct {
	fill float64 // below the lines, in percent
}

func (graph) format() format { return overTime }

func (g graph) draw(l *language, p panel) (dashboard.Panel, error) {
	b := timeseries.NewPanelBuilder().
		Min(0).
		FillOpacity(g.fill).
		ShowPoints(common.VisibilityModeNever).
		Legend(legend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().
			Mode(common.TooltipDisplayModeMulti).
			Sort(common.SortOrderDescending))
	for _, q := range p.queries {
		if q.color != "" {
			b.OverrideByName(l.say(q.name), []dashboard.DynamicConfigValue{
				{Id: "color", Value: map[string]string{"mode": "fixed", "fixedColor": q.color}},
			})
		}
	}
	return b.Build()
}

// timeline draws a bar for each series, coloured by its value.
type timeline struct {
	values []named
}

func (timeline) format() format { return overTime }

func (t timeline) draw(l *language, _ panel) (dashboard.Panel, error) {
	return statetimeline.NewPanelBuilder().
		Mappings(mappings(l, t.values)).
		MergeValues(true).
		ShowValue(common.VisibilityModeAuto).
		Legend(legend(false)).
		Tooltip(common.NewVizTooltipOptionsBuilder().
			Mode(common.TooltipDisplayModeSingle).
			Sort(common.SortOrderNone)).
		Build()
}

// legend is below the graph, or not shown.
func legend(shown bool) cog.Builder[common.VizLegendOptions] {
	return common.NewVizLegendOptionsBuilder().
		DisplayMode(common.LegendDisplayModeList).
		Placement(common.LegendPlacementBottom).
		ShowLegend(shown)
}

// bars show the last value of each query as a bar.
type bars struct{}

func (bars) format() format { return now }

func (bars) draw(*language, panel) (dashboard.Panel, error) {
	return bargauge.NewPanelBuilder().
		Min(0).
		Thresholds(thresholds(from(blue))).
		DisplayMode(common.BarGaugeDisplayModeBasic).
		ValueMode(common.BarGaugeValueModeText).
		NamePlacement(common.BarGaugeNamePlacementLeft).
		Sizing(common.BarGaugeSizingAuto).
		Orientation(common.VizOrientationHorizontal).
		Legend(legend(false)).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		Build()
}
