package cards

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"simcard_exporter/config/inventory"
)

// MaxReported limits how many problems, and how many warnings, are printed. A
// spreadsheet that was exported badly has a mistake in every row, and the first
// few tell the whole story.
const MaxReported = 50

// maxKept limits how many are kept until they are sorted.
const maxKept = 10_000

// MaxQuoted limits how many characters of a user's value a message repeats.
const MaxQuoted = 60

// Report collects what is wrong with a configuration and its card files. The zero value
// is ready to use.
type Report struct {
	Problems Findings // for which it cannot be loaded
	LeftOut  Findings // rows that are no cards
	Warnings Findings // what works but is probably not meant
}

// finding is a mistake or a warning.
type finding struct {
	place inventory.Place
	text  string
}

func (f finding) String() string { return f.place.String() + ": " + f.text }

// Findings are mistakes or warnings. More than maxKept are only counted: those in a bad
// export would take more memory than its cards.
type Findings struct {
	kept    []finding
	omitted int
}

// Any reports whether there are any.
func (f *Findings) Any() bool { return len(f.kept) > 0 }

func (f *Findings) add(at inventory.Place, format string, args ...any) {
	if len(f.kept) == maxKept {
		f.omitted++
		return
	}
	f.kept = append(f.kept, finding{at, fmt.Sprintf(format, args...)})
}

// Lines returns the first MaxReported findings, as "file:line: text" or "file[sheet]!cell:
// text", and a line of the same form that counts the rest: by file, as first seen, then by
// line, without duplicates: behind an alias, one mistake is found several times.
func (f *Findings) Lines() (lines []string) {
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
		if i == MaxReported {
			found.text = fmt.Sprintf("and %d more from here on", len(sorted)-i+f.omitted)
			return append(lines, found.String())
		}
		lines = append(lines, found.String())
	}
	return lines
}

// Problem reports a mistake.
func (r *Report) Problem(at inventory.Place, format string, args ...any) {
	r.Problems.add(at, format, args...)
}

// Warn reports what works but is probably not meant.
func (r *Report) Warn(at inventory.Place, format string, args ...any) {
	r.Warnings.add(at, format, args...)
}

// merge adds what another report has collected.
func (r *Report) merge(other *Report) {
	for _, f := range []struct{ to, from *Findings }{{&r.Problems, &other.Problems}, {&r.LeftOut, &other.LeftOut}, {&r.Warnings, &other.Warnings}} {
		room := min(len(f.from.kept), maxKept-len(f.to.kept))
		f.to.kept = append(f.to.kept, f.from.kept[:room]...)
		f.to.omitted += f.from.omitted + len(f.from.kept) - room
	}
}

// Quote returns a user's value for a message: on one line, and cut if it is long.
func Quote(s string) string {
	if runes := []rune(s); len(runes) > MaxQuoted {
		return strconv.Quote(string(runes[:MaxQuoted])) + "…"
	}
	return strconv.Quote(s)
}
