package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFiles: files in the order of their patterns, sorted within one, each once
// in a group, behind the group's own lists.
func TestFiles(t *testing.T) {
	cfg := good(t, "files")
	none := []string{"south", ""}
	wantCards(t, cfg, 0, []Card{
		{IMEI: "352019040600011", Labels: none},
		{ICCID: "89860423191970454839", Labels: none},
		{IMEI: "352019040600052", Labels: none},
		{IMEI: "352019040600029", Labels: []string{"south", "x"}},
		{IMEI: "352019040600037", Labels: none},
		{IMEI: "352019040600045", Labels: none},
	})
	wantCards(t, cfg, 1, []Card{{IMEI: "352019040600060", Labels: []string{"", "y"}}})
	wantWarnings(t, cfg, []string{
		`files-c.csv:2: IMEI 352019040600052 is already listed at files-c.csv:2 in group "terminals"; this mention is dropped`,
		`files-d.csv:2: IMEI 352019040600011 is already listed at simcard.yml:5 in group "terminals"; this mention is dropped`,
	})
	cards := cfg.Groups[0].Cards
	for _, i := range []int{1, 2, 4, 5} {
		if &cards[i].Labels[0] != &cards[0].Labels[0] {
			t.Errorf("card %d has a copy of the group's labels", i)
		}
	}
}

// TestLoadFiles: patterns begin at the configuration's directory, whatever its
// name, or at the root.
func TestLoadFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*")
	cards := filepath.Join(dir, "cards")
	if err := os.MkdirAll(cards, 0o700); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside.csv")
	path := filepath.Join(dir, "simcard.yml")
	for name, data := range map[string]string{
		path:                          "groups: [{name: terminals, files: [cards/b.csv, cards/*.csv, " + outside + "]}]",
		filepath.Join(cards, "a.csv"): "imei\n352019040600011\n",
		filepath.Join(cards, "b.csv"): "imei\n352019040600029\n",
		filepath.Join(cards, "c.csv"): "imei\n352019040600037\n352019040600036\n",
		outside:                       "imei\n352019040600045\n",
	} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	wantCards(t, cfg, 0, []Card{
		{IMEI: "352019040600029"}, {IMEI: "352019040600011"}, {IMEI: "352019040600037"}, {IMEI: "352019040600036"}, {IMEI: "352019040600045"},
	})
	wantWarnings(t, cfg, []string{
		filepath.Join(cards, "c.csv") + ":3: IMEI 352019040600036 is probably mistyped: by its check digit it should end in 7",
	})
}
