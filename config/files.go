package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files is where card files come from, such as a testing/fstest.MapFS.
type Files interface {
	// Glob returns the names of all files that match the pattern, in the
	// form in which a user can open them. Its only error is a bad pattern.
	Glob(pattern string) ([]string, error)
	// ReadFile returns the content of a file by a name that Glob returned.
	ReadFile(name string) ([]byte, error)
}

// osFiles is the operating system's Files; relative patterns begin at dir.
type osFiles struct{ dir string }

// literally makes a pattern of a path that matches nothing else.
var literally = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

func (f osFiles) Glob(pattern string) ([]string, error) {
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(literally.Replace(f.dir), pattern)
	}
	return filepath.Glob(pattern)
}

func (f osFiles) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// openFiles reads the card files that match the patterns, each once.
func (d *decoder) openFiles(patterns []entry) []*cardFile {
	var cardFiles []*cardFile
	opened := make(map[string]bool)
	for _, pattern := range patterns {
		at := d.at(pattern.line)
		names, err := d.files.Glob(pattern.text)
		switch {
		case err != nil:
			d.problem(at, `files: %s is no valid pattern; a [ that is part of a name is written \[`, quote(pattern.text))
		case len(names) > 0:
		case strings.ContainsAny(pattern.text, `*?[\`):
			d.problem(at, "files: no file matches %s; relative paths begin at the directory of this file", quote(pattern.text))
		default:
			d.problem(at, "files: %s does not exist; relative paths begin at the directory of this file", quote(pattern.text))
		}
		slices.Sort(names)
		for _, name := range names {
			if opened[name] {
				continue
			}
			opened[name] = true
			data, err := d.files.ReadFile(name)
			if err != nil {
				d.problem(at, "files: %v", err)
			} else if f := d.openCardFile(name, data); f != nil {
				cardFiles = append(cardFiles, f)
			}
		}
	}
	return cardFiles
}
