package config

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestAliasesOfManyKeys: a few lines with aliases must not take all memory.
func TestAliasesOfManyKeys(t *testing.T) {
	keys := func(n int, value string) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "k%d: %s, ", i, value)
		}
		return text.String()
	}
	const cards = `imeis: ["352019040635785"]`
	for name, yml := range map[string]string{
		"alias in itself":  "platform: {http_client_config: &a {" + keys(6, "*a") + "}}\ngroups: [{name: a, " + cards + "}]\n",
		"labels of groups": "groups:\n- &g {name: a, " + cards + ", labels: {" + keys(1000, "x") + "}}\n" + strings.Repeat("- *g\n", 1100),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Parse("simcard.yml", []byte(yml), nil)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("no error")
			}
			if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 400 {
				t.Errorf("%d MiB were allocated", mib)
			}
		})
	}
}

// TestManyEntries: they are refused before the library makes nodes of them.
func TestManyEntries(t *testing.T) {
	_, err := Parse("simcard.yml", []byte("groups:\n"+strings.Repeat("- 1\n", maxMarks/2)), nil)
	if want := "simcard.yml:1: the file has too many lines and entries: list the cards in a card file, under files"; err == nil || err.Error() != want {
		t.Errorf("got %.500v", err)
	}
}

// TestAliasesEndAnywhere: wherever in a group the library has had enough of aliases,
// that is a mistake, and nothing is left out silently.
func TestAliasesEndAnywhere(t *testing.T) {
	refused := 0
	for i := range 20 {
		groups, imeis := 128+i, 396+i%11
		yml := "groups:\n- &g {name: a, imeis: [" + strings.Repeat("1, ", imeis) + "]}\n" + strings.Repeat("- *g\n", groups)
		d, cfg := newDecoder("simcard.yml", []byte(yml), nil), new(Config)
		if !d.parse(cfg) || slices.ContainsFunc(cfg.Groups, func(g Group) bool { return g.misread != nil }) {
			refused++
			continue
		}
		if len(cfg.Groups) != groups+1 {
			t.Errorf("%d groups, want %d", len(cfg.Groups), groups+1)
		}
		for _, g := range cfg.Groups {
			if len(g.IMEIs) != imeis || g.Name.V != "a" {
				t.Fatalf("group %q with %d IMEIs, want %d", g.Name.V, len(g.IMEIs), imeis)
			}
		}
	}
	if refused == 0 || refused == 20 {
		t.Errorf("%d of 20 were refused", refused)
	}
}
