package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	promconfig "github.com/prometheus/common/config"

	"simcard_exporter/config/cards"
	"simcard_exporter/config/inventory"
)

// Files is where the configuration and all files that it names are read, such as
// a testing/fstest.MapFS.
type Files interface {
	// Glob returns the names of all files that match the pattern, in the
	// form in which a user can open them. Its errors are a bad pattern, and
	// fs.ErrPermission, a line for each directory.
	Glob(pattern string) ([]string, error)
	// ReadFile returns the content of a file.
	ReadFile(name string) ([]byte, error)
}

// osFiles are the operating system's files; relative patterns begin at dir.
type osFiles struct{ dir string }

// wildcards are what makes a name a pattern.
const wildcards = `*?[\`

// Glob returns a pattern without wildcards as a name, whether or not there is such
// a file. A wildcard matches no hidden file, as in a shell, and no temporary one
// of Excel (~$) or a ConfigMap (..data).
func (f osFiles) Glob(pattern string) ([]string, error) {
	if !strings.ContainsAny(pattern, wildcards) {
		return []string{promconfig.JoinDir(f.dir, pattern)}, nil
	}
	full := filepath.Clean(pattern) // as the names will be
	if !filepath.IsAbs(pattern) {
		full = filepath.Join(escapeGlob.Replace(f.dir), pattern)
	}
	if slices.Contains(strings.Split(filepath.ToSlash(pattern), "/"), "**") {
		return nil, errManyLevels
	}
	names, err := filepath.Glob(full)
	if err == nil {
		err = unreadable(full)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		info, unknown := os.Stat(name)
		return hidden(full, name) || unknown == nil && info.IsDir()
	}), err
}

// errManyLevels is why a pattern with ** is refused: to filepath.Glob it is a *.
var errManyLevels = errors.New("** is not known here: name each level of directories, as in */*.csv")

// unreadable returns the errors of the directories in which a pattern looks for names, and
// which cannot be read: filepath.Glob leaves them out.
func unreadable(pattern string) error {
	var errs []error
	for strings.ContainsAny(pattern, wildcards) && pattern != filepath.Dir(pattern) {
		isWild := strings.ContainsAny(filepath.Base(pattern), wildcards)
		pattern = filepath.Dir(pattern)
		dirs, _ := filepath.Glob(pattern) // which is a part of a good pattern
		if literal := escaped.ReplaceAllString(pattern, "$1"); escapeGlob.Replace(literal) == pattern {
			dirs = []string{literal} // in which filepath.Glob may be unable to look
		}
		for _, dir := range dirs {
			if _, err := os.ReadDir(dir); isWild && errors.Is(err, fs.ErrPermission) && !hidden(pattern, dir) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// escaped matches what escapeGlob makes of a sign.
var escaped = regexp.MustCompile(`\\(.)`)

// escapeGlob makes a path a pattern that matches only itself.
var escapeGlob = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// hidden reports whether a wildcard of the pattern matched the beginning of a hidden or
// temporary file's name.
func hidden(pattern, name string) bool {
	elements := strings.Split(pattern, string(filepath.Separator))
	for i, e := range strings.Split(name, string(filepath.Separator)) {
		if (strings.HasPrefix(e, ".") || strings.HasPrefix(e, "~$")) && !strings.HasPrefix(elements[i], e[:1]) {
			return true
		}
	}
	return false
}

// ReadFile reads a regular file of at most inventory.MaxFileSize bytes. Anything
// else, such as a pipe, might block when it is opened or read.
func (f osFiles) ReadFile(name string) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // opened for reading: no error matters
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > inventory.MaxFileSize {
		return nil, fmt.Errorf("%s is larger than %d MiB", name, inventory.MaxFileSize>>20)
	}
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // to read it into one piece of memory
	_, err = data.ReadFrom(io.LimitReader(file, inventory.MaxFileSize))
	return data.Bytes(), err
}

// sheetSuffix matches a workbook and one of its sheets, such as 终端.xlsx#台账.
var sheetSuffix = regexp.MustCompile(`(?i)^(.*\.xls[xm])#(.+)$`)

// readFiles reads the card files that match the patterns. A table that is listed again is
// passed over.
func (d *decoder) readFiles(g *Group) {
	for _, listed := range g.Files {
		at, pattern, sheet := d.at(listed.Line), listed.V, ""
		if m := sheetSuffix.FindStringSubmatch(pattern); m != nil {
			pattern, sheet = m[1], m[2]
		}
		if strings.Contains(pattern, "://") { // which may hold a password
			d.Problem(at, "files: a URL is not allowed here: download the file, and name its path")
			continue
		}
		names, err := d.files.Glob(pattern)
		switch {
		case errors.Is(err, fs.ErrPermission), errors.Is(err, errManyLevels):
			for line := range strings.Lines(err.Error()) {
				d.Problem(at, "files: %s", strings.TrimSpace(line))
			}
		case err != nil:
			d.Problem(at, `files: %s is not a valid pattern; a [ that is part of a name is written \[`, cards.Quote(pattern))
		case len(names) == 0:
			d.Problem(at, "files: no file matches %s; relative paths begin at the directory of this file", cards.Quote(pattern))
		}
		slices.Sort(names)
		for _, name := range names {
			d.readCardFile(g, listed, name, sheet)
		}
	}
}

// readCardFile reads a file that a pattern of a group matches, or one sheet of it.
func (d *decoder) readCardFile(g *Group, pattern At[string], name, sheet string) {
	data, err := d.files.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		d.Problem(d.at(pattern.Line), "files: %s does not exist; relative paths begin at the directory of this file", cards.Quote(pattern.V))
		return
	} else if err != nil {
		d.Problem(d.at(pattern.Line), "files: %v", err)
		return
	}
	tables, err := inventory.Open(name, sheet, data)
	var unreadable *inventory.Error
	if errors.As(err, &unreadable) {
		d.Problem(unreadable.Place, "%s", unreadable.Text)
		return
	}
	g.found.ReadFile(tables, d.at(pattern.Line))
}
