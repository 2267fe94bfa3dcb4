package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"simcard_exporter/config/inventory"
)

// maxReported limits how many problems, and how many warnings, are printed. A
// spreadsheet that was exported badly has a mistake in every row, and the first
// few tell the whole story.
const maxReported = 50

// maxKept limits how many are kept until they are sorted.
const maxKept = 10_000

// maxQuoted limits how many characters of a user's value a message repeats.
const maxQuoted = 60

// Error holds the mistakes of a configuration.
type Error struct {
	lines []string // as of findings, at least one
}

// Error returns a line for each mistake, "file:line: text" or "file[sheet]!cell: text", by
// file and line, up to a limit, and a last line of the same form that counts the rest.
func (e *Error) Error() string { return strings.Join(e.lines, "\n") }

// report collects what is wrong with a configuration. The zero value is ready to
// use.
type report struct {
	problems findings
	warnings findings
}

// finding is a mistake or a warning.
type finding struct {
	place inventory.Place
	text  string
}

func (f finding) String() string { return f.place.String() + ": " + f.text }

// findings are mistakes or warnings. More than maxKept are only counted: those in a bad
// export would take more memory than its cards.
type findings struct {
	kept    []finding
	omitted int
}

func (f *findings) add(at inventory.Place, format string, args ...any) {
	if len(f.kept) == maxKept {
		f.omitted++
		return
	}
	f.kept = append(f.kept, finding{at, fmt.Sprintf(format, args...)})
}

// lines returns the first maxReported findings and a line that counts the rest: by file, as
// first seen, then by line, without duplicates: behind an alias, one mistake is found
// several times.
func (f *findings) lines() (lines []string) {
	files := make(map[string]int)
	seen := make(map[finding]bool)
	var sorted []finding
	for _, found := range f.kept {
		if _, ok := files[found.place.File]; !ok {
			files[found.place.File] = len(files)
		}
		if !seen[found] {
			sorted = append(sorted, found)
		}
		seen[found] = true
	}
	slices.SortStableFunc(sorted, func(a, b finding) int {
		return cmp.Or(cmp.Compare(files[a.place.File], files[b.place.File]), cmp.Compare(a.place.Line, b.place.Line), cmp.Compare(a.place.Column, b.place.Column))
	})
	for i, found := range sorted {
		if i == maxReported {
			found.text = fmt.Sprintf("and %d more from here on", len(sorted)-i+f.omitted)
			return append(lines, found.String())
		}
		lines = append(lines, found.String())
	}
	return lines
}

// problem reports a mistake.
func (r *report) problem(at inventory.Place, format string, args ...any) {
	r.problems.add(at, format, args...)
}

// warn reports what works but is probably not meant.
func (r *report) warn(at inventory.Place, format string, args ...any) {
	r.warnings.add(at, format, args...)
}

// err returns an *Error with all problems, nil if there are none.
func (r *report) err() error {
	if len(r.problems.kept) == 0 {
		return nil
	}
	return &Error{r.problems.lines()}
}

// quote returns a user's value for a message: on one line, and cut if it is long.
func quote(s string) string {
	if runes := []rune(s); len(runes) > maxQuoted {
		return strconv.Quote(string(runes[:maxQuoted])) + "…"
	}
	return strconv.Quote(s)
}
