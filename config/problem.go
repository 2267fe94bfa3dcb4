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

// maxQuoted limits how many characters of a user's value a message repeats.
const maxQuoted = 60

// Problem is one mistake in the configuration.
type Problem struct {
	Place inventory.Place
	Text  string
}

// String returns "file:line: text", or "file[sheet]!cell: text".
func (p Problem) String() string { return p.Place.String() + ": " + p.Text }

// Error holds the mistakes of a configuration, at least one, ordered by file and
// line. If a file has very many, it holds only the first ones.
type Error struct {
	Problems []Problem
	omitted  int
}

// Error returns a line for each problem, up to a limit, and a last line of the
// same form that counts the rest.
func (e *Error) Error() string {
	return strings.Join(capped(e.Problems, e.omitted), "\n")
}

// report collects what is wrong with a configuration. The zero value is ready to
// use.
type report struct {
	problems findings
	warnings findings
}

// findings are problems or warnings. Of each file's they keep one more than
// maxReported, so that capped sees that there are more, and count the rest: the
// mistakes in a bad export would take more memory than its cards.
type findings struct {
	kept    []Problem
	perFile map[string]int // of kept
	omitted int
}

func (f *findings) add(at inventory.Place, format string, args ...any) {
	if f.perFile[at.File] > maxReported {
		f.omitted++
		return
	}
	if f.perFile == nil {
		f.perFile = make(map[string]int)
	}
	f.perFile[at.File]++
	f.kept = append(f.kept, Problem{at, fmt.Sprintf(format, args...)})
}

func (f *findings) lines() []string { return capped(sorted(f.kept), f.omitted) }

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
	return &Error{sorted(r.problems.kept), r.problems.omitted}
}

// sorted returns the problems by file, as first seen, then by line, without
// duplicates: behind an alias, one mistake is found several times.
func sorted(problems []Problem) []Problem {
	files := make(map[string]int)
	seen := make(map[Problem]bool, len(problems))
	problems = slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool {
		if _, ok := files[p.Place.File]; !ok {
			files[p.Place.File] = len(files)
		}
		again := seen[p]
		seen[p] = true
		return again
	})
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(files[a.Place.File], files[b.Place.File]), cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column))
	})
	return problems
}

// capped returns the lines of the first maxReported problems, and one that counts
// the rest, with those that were omitted before.
func capped(problems []Problem, omitted int) []string {
	var lines []string
	for i, p := range problems {
		if i == maxReported {
			p.Text = fmt.Sprintf("and %d more from here on", len(problems)-i+omitted)
			return append(lines, p.String())
		}
		lines = append(lines, p.String())
	}
	return lines
}

// quote returns a user's value for a message: on one line, and cut if it is long.
func quote(s string) string {
	if runes := []rune(s); len(runes) > maxQuoted {
		return strconv.Quote(string(runes[:maxQuoted])) + "…"
	}
	return strconv.Quote(s)
}
