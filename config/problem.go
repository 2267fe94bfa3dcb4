package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxReported is how many problems, and how many warnings, are printed. One
// bad export of a spreadsheet makes as many mistakes as it has rows, and the
// first few tell the whole story.
const maxReported = 50

// maxQuoted is how many characters of a user's value a message repeats.
const maxQuoted = 60

// Problem is one mistake in the configuration.
type Problem struct {
	File string
	Line int // counted from 1
	Text string
}

// String is "file:line: text".
func (p Problem) String() string {
	return p.File + ":" + strconv.Itoa(p.Line) + ": " + p.Text
}

// Error holds the mistakes of a configuration, at least one, ordered by file
// and line. Of a file with very many it holds the first ones only.
type Error struct {
	Problems []Problem
	omitted  int
}

// Error prints a line for each problem, up to a limit; what is left out is
// counted in a last line of the same form.
func (e *Error) Error() string {
	return strings.Join(capped(e.Problems, e.omitted), "\n")
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// report collects what is wrong with a configuration.
type report struct {
	problems findings
	warnings findings
}

// findings are problems or warnings. Of one file there are no more than it
// takes to print maxReported of them and a count: the mistakes of a bad export
// would outweigh its cards.
type findings struct {
	kept    []Problem
	perFile map[string]int
	omitted int
}

func newReport() report {
	return report{
		problems: findings{perFile: make(map[string]int)},
		warnings: findings{perFile: make(map[string]int)},
	}
}

func (f *findings) add(at place, format string, args ...any) {
	if f.perFile[at.file] > maxReported {
		f.omitted++
		return
	}
	f.perFile[at.file]++
	f.kept = append(f.kept, Problem{at.file, at.line, fmt.Sprintf(format, args...)})
}

func (f *findings) lines() []string { return capped(sorted(f.kept), f.omitted) }

// problem reports a mistake.
func (r *report) problem(at place, format string, args ...any) {
	r.problems.add(at, format, args...)
}

// reported says whether there is a problem at a place.
func (r *report) reported(at place) bool {
	return slices.ContainsFunc(r.problems.kept, func(p Problem) bool { return p.File == at.file && p.Line == at.line })
}

// warn reports what works but is probably not meant.
func (r *report) warn(at place, format string, args ...any) {
	r.warnings.add(at, format, args...)
}

// err is all that was reported, nil if nothing was.
func (r *report) err() error {
	if len(r.problems.kept) == 0 {
		return nil
	}
	return &Error{sorted(r.problems.kept), r.problems.omitted}
}

// sorted orders problems by file, as first seen, then by line, and drops
// repetitions: what an alias brings in several times is still one mistake.
func sorted(problems []Problem) []Problem {
	files := make(map[string]int)
	seen := make(map[Problem]bool, len(problems))
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		if _, ok := files[p.File]; !ok {
			files[p.File] = len(files)
		}
		again := seen[p]
		seen[p] = true
		return again
	})
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(files[a.File], files[b.File]), cmp.Compare(a.Line, b.Line))
	})
	return problems
}

// capped prints the first maxReported problems and counts the rest, with those
// that were omitted before.
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

// quote repeats a value of the user's in a message: on one line, and not all
// of it if it is long.
func quote(s string) string {
	if runes := []rune(s); len(runes) > maxQuoted {
		return strconv.Quote(string(runes[:maxQuoted])) + "…"
	}
	return strconv.Quote(s)
}
