package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what was got to the cases in testdata/bad and testdata/rows")

// TestBadFiles loads each case in testdata/bad, most with a single mistake, and
// compares the error with the text that the case wants.
func TestBadFiles(t *testing.T) {
	for _, path := range glob(t, "testdata/bad/*.txtar") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive := readArchive(t, path)
			path, err := filepath.Abs(path) // the case runs in a directory of its own
			if err != nil {
				t.Fatal(err)
			}
			got := loadError(t, archive.Files[:len(archive.Files)-1])
			compare(t, path, archive, got)
			if strings.Contains(got, "hunter2") {
				t.Errorf("repeats a secret:\n%s", got)
			}
		})
	}
}

// compare compares got with the last file of the case at path, which must be called want.
func compare(t *testing.T, path string, archive *txtar.Archive, got string) {
	t.Helper()
	want := &archive.Files[len(archive.Files)-1]
	switch {
	case want.Name != "want":
		t.Fatalf("the last file is %s, not want", want.Name)
	case *update:
		want.Data = []byte(got)
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != string(want.Data):
		t.Errorf("-want +got; -update writes it anew:\n%s", cmp.Diff(strings.Split(string(want.Data), "\n"), strings.Split(got, "\n")))
	}
}

// loadError loads simcard.yml in a directory that holds the files and nothing
// else, and returns its error.
func loadError(t *testing.T, files []txtar.File) string {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range files {
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := NewFile("simcard.yml").Load()
	if err == nil {
		t.Fatalf("loaded as %+v", cfg)
	}
	checkForm(t, err)
	return err.Error() + "\n"
}

// TestEncodings: cases that a txtar archive, which is UTF-8 text, cannot hold.
func TestEncodings(t *testing.T) {
	const (
		minimal = "groups:\r\n  - name: terminals\r\n    imeis: [\"352019040635785\"]\r\n"
		listing = "groups: [{name: terminals, files: [cards.csv]}]\n"
	)
	for name, test := range map[string]struct{ yml, csv, want string }{
		"byte-order mark and CRLF in YAML": {yml: "\ufeff" + minimal},
		"GBK in YAML": {
			yml:  "groups:\n  - name: \xd6\xd5\xb6\xcb\n",
			want: "simcard.yml:2: the file is not UTF-8; was it saved as GBK or UTF-16?",
		},
		"GBK in a card file": {
			yml: listing,
			csv: "imei,city\n352019040635785,\xb1\xb1\xbe\xa9\n",
		},
		"UTF-16 in a card file": {
			yml: listing,
			csv: "\xff\xfei\x00m\x00e\x00i\x00\n\x003\x005\x002\x000\x001\x009\x000\x004\x000\x006\x003\x005\x007\x008\x005\x00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Parse("simcard.yml", []byte(test.yml), fstest.MapFS{"cards.csv": {Data: []byte(test.csv)}})
			switch {
			case test.want == "" && err == nil:
				if got := cfg.Groups[0].Cards[0].IMEI; got != "352019040635785" {
					t.Errorf("card %s", got)
				}
			case err == nil || err.Error() != test.want:
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// checkForm checks that each line of an error begins with file and line; their order
// is tested in package cards.
func checkForm(t *testing.T, err error) {
	t.Helper()
	form := regexp.MustCompile(`^\S+(:[1-9][0-9]*|![A-Z]+[1-9][0-9]*)?: \S`)
	for line := range strings.Lines(err.Error()) {
		if strings.HasPrefix(line, " ") { // of a block to paste
			continue
		}
		if !form.MatchString(line) {
			t.Errorf("no file and line in %q", line)
		}
	}
	var all *Error
	if !errors.As(err, &all) || len(all.lines) == 0 {
		t.Fatalf("%T is no *Error with mistakes", err)
	}
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
	}
	return paths
}

func readArchive(t testing.TB, path string) *txtar.Archive {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// mapFS returns an archive's files.
func mapFS(archive *txtar.Archive) fstest.MapFS {
	files := make(fstest.MapFS)
	for _, f := range archive.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return files
}
