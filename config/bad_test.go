package config

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what Parse says to testdata/bad/*.txt")

// TestBadFiles holds each file in testdata/bad, which makes one mistake, to the
// exact text in the .txt beside it.
func TestBadFiles(t *testing.T) {
	t.Chdir("testdata/bad")
	for _, name := range glob(t, "*.yml") {
		t.Run(name, func(t *testing.T) {
			cfg, err := Load(name)
			if err == nil {
				t.Fatalf("parsed as %+v", cfg)
			}
			var all *Error
			if !errors.As(err, &all) || len(all.Problems) == 0 {
				t.Fatalf("%T is no *Error with problems", err)
			}
			got := err.Error() + "\n"
			golden := strings.TrimSuffix(name, ".yml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(read(t, golden)); got != want {
				t.Errorf("got:\n%swant:\n%s", got, want)
			}
			checkForm(t, err)
			if strings.Contains(got, "hunter2") {
				t.Errorf("repeats a secret:\n%s", got)
			}
		})
	}
}

// TestBadFilesAreAllThere keeps a text without its file, or a card file that no
// configuration reads, from going unnoticed.
func TestBadFilesAreAllThere(t *testing.T) {
	var all []byte
	for _, path := range glob(t, "testdata/bad/*.yml") {
		all = append(all, read(t, path)...)
	}
	for _, path := range glob(t, "testdata/bad/*.txt") {
		if _, err := os.Stat(strings.TrimSuffix(path, ".txt") + ".yml"); err != nil {
			t.Error(err)
		}
	}
	for _, path := range glob(t, "testdata/bad/*.csv") {
		if !bytes.Contains(all, []byte(filepath.Base(path))) {
			t.Errorf("no configuration reads %s", path)
		}
	}
}

// checkForm demands that each line of an error begins with file and line, and
// that the lines of a file are in order.
func checkForm(t *testing.T, err error) {
	t.Helper()
	form := regexp.MustCompile(`^\S+\.(yml|csv):[1-9][0-9]*: \S`)
	for line := range strings.Lines(err.Error()) {
		if !form.MatchString(line) {
			t.Errorf("no file and line in %q", line)
		}
	}
	var all *Error
	if !errors.As(err, &all) {
		t.Fatalf("%T is no *Error", err)
	}
	for i, p := range all.Problems {
		if i > 0 && p.File == all.Problems[i-1].File && p.Line < all.Problems[i-1].Line {
			t.Errorf("line %d comes after line %d", p.Line, all.Problems[i-1].Line)
		}
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

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
