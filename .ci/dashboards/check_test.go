package dashboards

import (
	"errors"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// TestMistakes makes a mistake in a small dashboard and expects it to be found.
func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(b *board, p *panel)
		want string
	}{
		{"none", func(*board, *panel) {}, ""},
		{"undefined variable in a query", func(_ *board, p *panel) { p.queries[0].expr = `up{group="$grupe"}` }, "variable grupe is used and not defined"},
		{"undefined variable in a title", func(_ *board, p *panel) { p.title = "Up in ${days:text}" }, "variable days is used and not defined"},
		{"variable that nothing uses", func(b *board, _ *panel) { b.add(variable{name: "shop", kind: dashboard.VariableTypeTextbox}) }, "variable shop is defined and not used"},
		{"dead link", func(b *board, _ *panel) { b.link("", "", b.url("kard")) }, `link to dashboard "simcard-kard", which does not exist`},
		{"link with an unknown variable", func(_ *board, p *panel) {
			p.view = table{link: link{dashboard: "test", set: "emei", to: "__value.text"}}
		}, `sets its variable "emei"`},
		{"line that is not full", func(_ *board, p *panel) { p.width = 23 }, "is 23 wide"},
		{"sorted by nothing", func(_ *board, p *panel) { p.view = table{sortBy: "cards"} }, `sorted by "cards"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBoard(english(), "test", "Test", "A test")
			b.add(dataSource())
			p := panel{title: "Up", width: gridWidth, unit: units.NoUnit, view: graph{}, queries: []query{{expr: "up"}}}
			test.make(b, &p)
			b.line(1, p)
			err := errors.Join(append(b.errs, check([]File{{"test.json", b.dashboard}})...)...)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestPanelsSayAll checks that every panel explains itself, also when it is
// empty.
func TestPanelsSayAll(t *testing.T) {
	for _, f := range generate(t) {
		for _, p := range panels(f.Dashboard) {
			d := p.FieldConfig.Defaults
			if *p.Title == "" || *p.Description == "" || *d.Unit == "" || *d.NoValue == "" {
				t.Errorf("%s, panel %q: title, description, unit or no value is missing", f.Name, *p.Title)
			}
		}
	}
}
