package config

import (
	"fmt"
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
			d := newDecoder("simcard.yml", []byte(yml), nil)
			if _, err := d.result(d.document()); err == nil {
				t.Error("no error")
			}
			if d.keysRead > 2*maxAllKeys {
				t.Errorf("%d keys were read", d.keysRead)
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
