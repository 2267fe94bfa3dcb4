package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// gridWidth is how many columns Grafana divides the page into.
const gridWidth = 24

// board is a dashboard that is being built, from top to bottom.
type board struct {
	*language

	file      string
	dashboard dashboard.Dashboard
	errs      []error
	folded    *dashboard.RowPanel // the section that is hidden at first, once it began
	nextID    uint32
	nextY     uint32
}

// newBoard starts a dashboard. Its name is "fleet" or "card".
func newBoard(l *language, name, title, about string) *board {
	b := &board{language: l, file: name + l.file, dashboard: *dashboard.NewDashboard(), nextID: 1}
	b.dashboard.Uid = cog.ToPtr(b.uid(name))
	b.dashboard.Title = cog.ToPtr(l.say(title))
	b.dashboard.Description = cog.ToPtr(l.say(about))
	b.dashboard.Tags = []string{"simcard"}
	b.dashboard.Timezone = cog.ToPtr(l.timezone)
	b.dashboard.GraphTooltip = cog.ToPtr(dashboard.DashboardCursorSyncCrosshair)
	b.dashboard.Refresh = cog.ToPtr("1m")
	b.dashboard.Time = dashboard.NewDashboardDashboardTime()
	b.dashboard.Time.To = "now"
	return b
}

// panel is one panel. All text is English, the board translates it.
type panel struct {
	title   string
	about   string // what the figures mean
	empty   string // shown when there is no data
	unit    string // of package units
	width   uint32
	view    view
	queries []query
}

// query is a query of a panel. For a number or a table, its last values are
// shown.
type query struct {
	expr  string
	name  string // of the line or of the column; without one a table leaves the column out
	color string // of the line
	cell  cell   // how the column looks
}

// heading starts a section.
func (b *board) heading(title string) *dashboard.RowPanel {
	row := dashboard.RowPanel{
		Type: "row", Title: cog.ToPtr(b.say(title)), Id: b.id(),
		GridPos: &dashboard.GridPos{Y: b.nextY, W: gridWidth, H: 1},
		Panels:  []dashboard.Panel{},
	}
	b.dashboard.Panels = append(b.dashboard.Panels, dashboard.PanelOrRowPanel{RowPanel: &row})
	b.nextY++
	return &row
}

// fold starts the last section, which is hidden until somebody opens it. Until then
// Grafana sends none of its queries.
func (b *board) fold(title string) {
	b.folded = b.heading(title)
	b.folded.Collapsed = true
}

// line adds panels of the same height from left to right. They must fill it.
func (b *board) line(height uint32, panels ...panel) {
	x := uint32(0)
	for _, p := range panels {
		drawn, err := p.draw(b.language)
		if err != nil {
			b.errs = append(b.errs, fmt.Errorf("panel %q: %w", p.title, err))
		}
		drawn.Id = cog.ToPtr(b.id())
		drawn.GridPos = &dashboard.GridPos{X: x, Y: b.nextY, W: p.width, H: height}
		if b.folded != nil {
			b.folded.Panels = append(b.folded.Panels, drawn)
		} else {
			b.dashboard.Panels = append(b.dashboard.Panels, dashboard.PanelOrRowPanel{Panel: &drawn})
		}
		x += p.width
	}
	if x != gridWidth {
		b.errs = append(b.errs, fmt.Errorf("the line that ends with %q is %d wide", panels[len(panels)-1].title, x))
	}
	b.nextY += height
}

func (b *board) id() uint32 {
	id := b.nextID
	b.nextID++
	return id
}

// panels returns all panels of a dashboard, those in hidden sections included.
func panels(d dashboard.Dashboard) []dashboard.Panel {
	var all []dashboard.Panel
	for _, p := range d.Panels {
		if p.RowPanel != nil {
			all = append(all, p.RowPanel.Panels...)
		} else {
			all = append(all, *p.Panel)
		}
	}
	return all
}

// draw returns the panel as Grafana knows it, but for its place.
func (p panel) draw(l *language) (dashboard.Panel, error) {
	drawn, err := p.view.draw(l, p)
	if err != nil {
		return drawn, err
	}
	drawn.Title = cog.ToPtr(l.say(p.title))
	drawn.Description = cog.ToPtr(l.say(p.about))
	drawn.Datasource = selectedSource()
	if drawn.FieldConfig == nil {
		drawn.FieldConfig = dashboard.NewFieldConfigSource()
	}
	drawn.FieldConfig.Defaults.Unit = cog.ToPtr(p.unit)
	drawn.FieldConfig.Defaults.NoValue = cog.ToPtr(l.say(p.empty))
	for i, q := range p.queries {
		drawn.Targets = append(drawn.Targets, q.target(l, refID(i), p.view.format()))
	}
	return drawn, nil
}

// refID names a panel's queries A, B, C and so on.
func refID(i int) string { return string(rune('A' + i)) }

// selectedSource is the data source that is chosen at the top of the dashboard.
func selectedSource() *common.DataSourceRef {
	return &common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}
