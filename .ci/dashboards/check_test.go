package dashboards

import (
	"strings"
	"testing"
)

func load(t *testing.T) []Dashboard {
	t.Helper()
	dashboards, err := Load("../../examples/grafana/dashboards")
	if err != nil {
		t.Fatal(err)
	}
	return dashboards
}

func TestDashboards(t *testing.T) {
	if err := Check(load(t)); err != nil {
		t.Fatal(err)
	}
}

// A mistake is made in one of the dashboards by replacing the first old by new.
type mistake struct {
	name     string
	file     string
	old, new string
	want     string // part of the error
}

// checkFinds makes each mistake by itself and expects Check to report it.
func checkFinds(t *testing.T, mistakes []mistake) {
	t.Helper()
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			dashboards := load(t)
			for i, d := range dashboards {
				if d.File != m.file {
					continue
				}
				changed := strings.Replace(string(d.Raw), m.old, m.new, 1)
				if changed == string(d.Raw) {
					t.Fatalf("%s has no %q", m.file, m.old)
				}
				var err error
				if dashboards[i], err = parse(d.File, []byte(changed)); err != nil {
					t.Fatal(err)
				}
			}
			if err := Check(dashboards); err == nil || !strings.Contains(err.Error(), m.want) {
				t.Errorf("Check() = %v, want %q", err, m.want)
			}
		})
	}
}

func TestSchemaMistakes(t *testing.T) {
	checkFinds(t, []mistake{
		{
			name: "unknown panel option", file: "fleet.json",
			old:  `"graphMode": "none"`,
			new:  `"grafMode": "none"`,
			want: "schema: ",
		},
		{
			name: "option of a wrong type", file: "fleet.json",
			old:  `"wideLayout": true`,
			new:  `"wideLayout": "yes"`,
			want: "schema: ",
		},
		{
			name: "unknown query option", file: "fleet.json",
			old:  `"editorMode": "code"`,
			new:  `"editMode": "code"`,
			want: "schema: ",
		},
		{
			name: "unknown style option", file: "fleet.json",
			old:  `"drawStyle": "line"`,
			new:  `"drawStile": "line"`,
			want: "schema: ",
		},
		{
			name: "required field missing", file: "fleet.json",
			old:  `"sort": "desc"`,
			new:  `"sorted": "desc"`,
			want: "schema: ",
		},
		{
			name: "value that is not allowed", file: "fleet.json",
			old:  `"h": 4`,
			new:  `"h": 0`,
			want: "schema: ",
		},
	})
}

func TestSpellingMistakes(t *testing.T) {
	checkFinds(t, []mistake{
		{
			name: "misspelt style", file: "fleet.json",
			old:  `"drawStyle": "line"`,
			new:  `"drawStyle": "lines"`,
			want: `"lines" is not a word for custom.drawStyle`,
		},
		{
			name: "misspelt panel type", file: "fleet.json",
			old:  `"type": "table"`,
			new:  `"type": "tables"`,
			want: `"tables" is not a word for panels.type`,
		},
		{
			name: "misspelt unit", file: "fleet.json",
			old:  `"unit": "bytes"`,
			new:  `"unit": "byte"`,
			want: `"byte" is not a word for defaults.unit`,
		},
		{
			name: "misspelt unit of a column", file: "fleet.json",
			old:  `"value": "dateTimeAsIso"`,
			new:  `"value": "dateTimeIso"`,
			want: `"dateTimeIso" is not a word for defaults.unit`,
		},
		{
			name: "misspelt property", file: "fleet.json",
			old:  `"id": "custom.minWidth"`,
			new:  `"id": "custom.minwidth"`,
			want: `"custom.minwidth" is not a word for properties.id`,
		},
	})
}

func TestFileMistakes(t *testing.T) {
	checkFinds(t, []mistake{
		{
			name: "same uid", file: "fleet.json",
			old:  `"uid": "simcard-fleet"`,
			new:  `"uid": "simcard-card"`,
			want: `uid "simcard-card" is empty or that of card.json`,
		},
		{
			name: "indented otherwise", file: "fleet.json",
			old:  "\n  \"title\"",
			new:  "\n\t\"title\"",
			want: "not indented",
		},
		{
			name: "identifier of one Grafana", file: "card.json",
			old:  "{\n",
			new:  "{\n  \"id\": 7,\n",
			want: `"id" is of one installation`,
		},
		{
			name: "outside the grid", file: "fleet.json",
			old:  `"x": 20,`,
			new:  `"x": 21,`,
			want: `is not inside the grid`,
		},
		{
			name: "overlap", file: "card.json",
			old:  `"x": 4,`,
			new:  `"x": 3,`,
			want: `panels "Status" and "Known to the platform" overlap`,
		},
		{
			name: "panel that may be empty renamed", file: "card.json",
			old:  `"title": "Device"`,
			new:  `"title": "Match"`,
			want: `panel "Device" of dashboard "simcard-card" may be empty`,
		},
	})
}
