package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestRows loads each case in testdata/rows, and compares what is said about it: the
// cards, the rows that are left out, and the warnings.
func TestRows(t *testing.T) {
	for _, path := range glob(t, "testdata/rows/*.txtar") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive := readArchive(t, path)
			files := mapFS(archive)
			cfg, err := Parse("simcard.yml", files["simcard.yml"].Data, files)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, path, archive, described(cfg))
		})
	}
}

// described is what there is to say of the cards of a configuration.
func described(cfg *Config) string {
	var text strings.Builder
	for _, g := range cfg.Groups {
		for _, c := range g.Cards {
			fmt.Fprintf(&text, "%s: imei=%s iccid=%s", cfg.Places.Text(c.Place), c.IMEI, c.ICCID)
			for i, name := range cfg.LabelNames {
				fmt.Fprintf(&text, " %s=%q", name, c.Labels[i])
			}
			if c.Contact != nil {
				fmt.Fprintf(&text, " contact=%q", *c.Contact)
			}
			if c.NotInUse {
				text.WriteString(" not in use")
			}
			text.WriteString("\n")
		}
		if said := g.Rows.String(); said != "" {
			fmt.Fprintf(&text, "%s: %s\n", g.Name.V, said)
		}
	}
	for _, row := range cfg.LeftOut {
		fmt.Fprintln(&text, "left out:", row)
	}
	for _, warning := range cfg.Warnings {
		fmt.Fprintln(&text, "warning:", warning)
	}
	return text.String()
}
