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

// Error holds all mistakes of a configuration, at least one, ordered by file
// and line.
type Error struct {
	Problems []Problem
}

// Error prints a line for each problem, up to a limit; what is left out is
// counted in a last line of the same form.
func (e *Error) Error() string {
	return strings.Join(capped(e.Problems), "\n")
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// report collects what is wrong with a configuration.
type report struct {
	problems []Problem
	warnings []Problem
	unread   map[place]bool // where values could not be read
}

// misread reports that a value could not be read.
func (r *report) misread(at place, text string) {
	r.unread[at] = true
	r.problems = append(r.problems, Problem{at.file, at.line, text})
}

// problem reports a mistake, unless something there could not be read: then
// the value is not what the user wrote.
func (r *report) problem(at place, format string, args ...any) {
	if !r.unread[at] {
		r.problems = append(r.problems, Problem{at.file, at.line, fmt.Sprintf(format, args...)})
	}
}

// warn reports what works but is probably not meant.
func (r *report) warn(at place, format string, args ...any) {
	r.warnings = append(r.warnings, Problem{at.file, at.line, fmt.Sprintf(format, args...)})
}

// err is all that was reported, nil if nothing was.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return &Error{Problems: sorted(r.problems)}
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

// capped prints the first maxReported problems and counts the rest.
func capped(problems []Problem) []string {
	var lines []string
	for i, p := range problems {
		if i == maxReported {
			p.Text = fmt.Sprintf("and %d more from here on", len(problems)-i)
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
