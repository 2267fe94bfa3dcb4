package dashboards

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func generate(t *testing.T) []File {
	t.Helper()
	files, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCommitted checks that the committed files are the generated ones, and that
// there are no others.
func TestCommitted(t *testing.T) {
	files := generate(t)
	for _, f := range files {
		want, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(Directory, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator writes: run it", f.Name)
		}
	}
	entries, err := os.ReadDir(Directory)
	if err != nil || len(entries) != len(files) {
		t.Errorf("%d files in %s, want %d: %v", len(entries), Directory, len(files), err)
	}
}

// TestSchema decodes the JSON by Grafana's schema, which does not know the
// fields that a transformation or an override makes up.
func TestSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins() // or the options of panels and queries are not checked
	for _, f := range generate(t) {
		content, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard.Dashboard
		// The SDK returns an error without a word where there is none.
		if err := d.UnmarshalJSONStrict(content); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", f.Name, err)
		}
		if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		// The SDK writes an option that was not set, and the schema wants, as "".
		if at := bytes.Index(content, []byte(`"options": {`)); regexp.MustCompile(`"(orientation|mode|sort|\w+Mode)": ""`).Match(content[at:]) {
			t.Errorf("%s: an option is empty", f.Name)
		}
	}
}

// TestLanguages checks that the Chinese dashboards differ from the English ones
// in words only: the queries are the same, and so is each panel's place.
func TestLanguages(t *testing.T) {
	files := generate(t)
	half := len(files) / 2
	for i, en := range files[:half] {
		zh := files[half+i]
		if *en.Dashboard.Uid+"-zh" != *zh.Dashboard.Uid || *zh.Dashboard.Timezone != "Asia/Shanghai" {
			t.Errorf("%s: uid %s, time zone %s", zh.Name, *zh.Dashboard.Uid, *zh.Dashboard.Timezone)
		}
		a, b := skeleton(t, en), skeleton(t, zh)
		if a != b {
			t.Errorf("%s and %s differ:\n%s\n%s", en.Name, zh.Name, a, b)
		}
	}
}

// skeleton is what the translation must not change.
func skeleton(t *testing.T, f File) string {
	t.Helper()
	type part struct {
		Type  string
		Place dashboard.GridPos
	}
	var parts []part
	for _, p := range panels(f.Dashboard) {
		parts = append(parts, part{p.Type, *p.GridPos})
	}
	queries, err := Queries(f.Dashboard, card1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range queries {
		queries[i].Dashboard, queries[i].Panel, queries[i].MayBeEmpty = "", "", false
	}
	text, err := json.Marshal([]any{parts, queries})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
