package config

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"simcard_exporter/config/cards"
)

// TestFiles: files are read after the group's own lists, in the order of their
// patterns, sorted within one, and each once.
func TestFiles(t *testing.T) {
	cfg := good(t, "files")
	none := []string{"south", ""}
	wantCards(t, cfg, 0, []cards.Card{
		{IMEI: "352019040600011", Labels: none},
		{ICCID: "89860423191970454839", Labels: none},
		{IMEI: "352019040600052", Labels: none},
		{IMEI: "352019040600029", Labels: []string{"south", "x"}},
		{IMEI: "352019040600037", Labels: none},
		{IMEI: "352019040600045", Labels: none},
	})
	wantCards(t, cfg, 1, []cards.Card{{IMEI: "352019040600060", Labels: []string{"", "y"}}})
	wantWarnings(t, cfg, []string{
		`simcard.yml:8: files: "files-c.csv" is already read for group "terminals"; it is not read again`,
		`files-d.csv:2: IMEI 352019040600011 is already listed at simcard.yml:5 in group "terminals"; this mention is dropped`,
	})
	if cards := cfg.Groups[0].Cards; &cards[0].Labels[0] != &cards[1].Labels[0] {
		t.Error("cards have copies of the group's labels")
	}
}

// TestLoadFiles: patterns begin at the configuration's directory, whatever its
// name, or at the root.
func TestLoadFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*")
	folder := filepath.Join(dir, "cards")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside.csv")
	path := filepath.Join(dir, "simcard.yml")
	writeFiles(t, map[string]string{
		path:                           "groups: [{name: terminals, files: [cards/b.csv, cards/*.csv, " + outside + "]}]",
		filepath.Join(folder, "a.csv"): "imei\n352019040600011\n",
		filepath.Join(folder, "b.csv"): "imei\n352019040600029\n",
		filepath.Join(folder, "c.csv"): "imei\n352019040600037\n352019040600036\n",
		outside:                        "imei\n352019040600045\n",
	})
	cfg, err := NewFile(path).Load()
	if err != nil {
		t.Fatal(err)
	}
	wantCards(t, cfg, 0, []cards.Card{
		{IMEI: "352019040600029"}, {IMEI: "352019040600011"}, {IMEI: "352019040600037"}, {IMEI: "352019040600036"}, {IMEI: "352019040600045"},
	})
	wantWarnings(t, cfg, []string{
		filepath.Join(folder, "c.csv") + ":3: IMEI 352019040600036 is probably mistyped: by its check digit it should end in 7",
	})
}

// TestGlob: a wildcard matches neither hidden nor temporary files, nor
// directories; a name without one is taken as it is.
func TestGlob(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.csv", "._a.csv", "~$a.csv", ".hidden.csv", "..data/a.csv", "sub/b.csv", "sub.csv/c.csv", ".git/d.csv"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFiles(t, map[string]string{path: ""})
	}
	for pattern, want := range map[string][]string{
		"*.csv":      {"a.csv"},
		"*":          {"a.csv"},
		"*/*.csv":    {"sub.csv/c.csv", "sub/b.csv"},
		".hidden*":   {".hidden.csv"},
		"..data/*":   {"..data/a.csv"},
		"a.csv":      {"a.csv"},
		"none.csv":   {"none.csv"},
		"none*.csv":  nil,
		"[._~]*.csv": nil,
	} {
		got, err := osFiles{dir}.Glob(pattern)
		for i := range got {
			got[i], _ = filepath.Rel(dir, got[i])
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q and %v, want %q", pattern, got, err, want)
		}
	}
}

// TestGlobOfUncleanPattern: hidden files stay hidden however the path is written.
func TestGlobOfUncleanPattern(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, map[string]string{filepath.Join(dir, "._a.csv"): "", filepath.Join(dir, "a.csv"): ""})
	for _, pattern := range []string{dir + "//*.csv", dir + "/./*.csv"} {
		if names, err := (osFiles{}).Glob(pattern); err != nil || len(names) != 1 {
			t.Errorf("%s: %q, %v", pattern, names, err)
		}
	}
}

// TestLook: a ConfigMap's files change when the link to its directory does.
func TestLook(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for version, card := range map[string]string{"v1": "352019040600011", "v2": "352019040600029"} {
		if err := os.Mkdir(version, 0o700); err != nil {
			t.Fatal(err)
		}
		writeFiles(t, map[string]string{version + "/simcard.yml": "groups: [{name: g, files: ['*.csv']}]", version + "/cards.csv": "imei\n" + card + "\n"})
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, "new"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename("new", name); err != nil {
			t.Fatal(err)
		}
	}
	link("v1", "..data")
	link("..data/simcard.yml", "simcard.yml")
	link("..data/cards.csv", "cards.csv")
	file := NewFile("simcard.yml")
	if _, err := file.Load(); err != nil {
		t.Fatal(err)
	}
	if _, changed := file.Look(); changed {
		t.Error("changed, though nothing has")
	}
	link("v2", "..data")
	first, changed := file.Look()
	if second, again := file.Look(); !changed || !again || first != second {
		t.Errorf("changed: %t, then %t, with the checksums %s and %s", changed, again, first, second)
	}
}
