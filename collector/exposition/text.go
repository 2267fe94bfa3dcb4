package exposition

import (
	"bytes"
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
)

// Write writes the families for which selected returns true to w, in a format of
// type expfmt.TypeTextPlain or, before OpenMetrics 2.0, expfmt.TypeOpenMetrics. What
// follows them, such as the end of OpenMetrics, is up to the caller. The series are
// in the order of the rows, and those whose labels are not UTF-8 are left out, as a
// registry does. The error is that of w.
//
// Through a registry, the same takes ten times as long and memory for every series.
func (s *Snapshot) Write(w io.Writer, format expfmt.Format, selected func(family string) bool) error {
	t := newTextWriter(w, format)
	for _, table := range tables {
		table.write(t, s, selected)
	}
	t.flush()
	return t.err
}

func (t table[R]) write(to *textWriter, s *Snapshot, selected func(family string) bool) {
	var rows []R
	labels := to.labels(t.labelNames(s))
	for i := range t.families {
		if !selected(t.families[i].name) {
			continue
		}
		if rows == nil {
			rows = t.rows(s)
		}
		writeFamily(to, &t.families[i], rows, labels, t.values)
	}
}

// textWriter writes families as text. After an error it writes nothing more.
type textWriter struct {
	w           io.Writer
	openMetrics bool
	buffer      []byte
	err         error
}

// flushAt is the size of the buffer that is written at once.
const flushAt = 64 << 10

func newTextWriter(w io.Writer, format expfmt.Format) *textWriter {
	return &textWriter{
		w: w, buffer: make([]byte, 0, flushAt+4096),
		openMetrics: format.FormatType() == expfmt.TypeOpenMetrics,
	}
}

// label is one of a series' labels.
type label struct {
	start string // what stands before the value: {name=" or ,name="
	value int    // its position among the row's values
}

// labels returns the labels of a family in the order in which they are written. Their
// names, and those of families, are of letters, digits and underscores, which expfmt
// leaves alone in every escaping scheme, although model.EscapeName would not.
func (t *textWriter) labels(names []string) []label {
	labels := make([]label, len(names))
	for i, name := range names {
		labels[i] = label{name, i}
	}
	slices.SortFunc(labels, func(a, b label) int { return cmp.Compare(names[a.value], names[b.value]) })
	for i := range labels {
		labels[i].start = string("{,"[min(i, 1)]) + labels[i].start + `="`
	}
	return labels
}

// writeFamily writes a family, if it has series, with a series for each row that has
// a value.
func writeFamily[R any](t *textWriter, f *family[R], rows []R, labels []label, valuesOf func(row *R, values []string)) {
	values := make([]string, len(labels))
	written := false
	for i := range rows {
		value, present := f.value(&rows[i])
		if !present {
			continue
		}
		valuesOf(&rows[i], values)
		if slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
			continue
		}
		if !written {
			header(t, f)
			written = true
		}
		if !t.series(f.name, labels, values, value) {
			return
		}
	}
}

// header writes what stands above the series of a family.
func header[R any](t *textWriter, f *family[R]) {
	typeName, family := "gauge", f.name
	if f.counter {
		typeName = "counter"
		if t.openMetrics {
			family = strings.TrimSuffix(f.name, "_total")
		}
	}
	b := t.buffer
	b = append(b, "# HELP "...)
	b = append(append(b, family...), ' ')
	b = t.appendEscaped(b, f.help, t.openMetrics)
	b = append(append(b, "\n# TYPE "...), family...)
	b = append(append(append(b, ' '), typeName...), '\n')
	if t.openMetrics && f.unit != "" {
		b = append(append(b, "# UNIT "...), family...)
		b = append(append(append(b, ' '), f.unit...), '\n')
	}
	t.buffer = b
}

// series writes one series. It returns false if that is of no use any more.
func (t *textWriter) series(name string, labels []label, values []string, value float64) bool {
	b := t.buffer
	b = append(b, name...)
	for _, l := range labels {
		b = append(b, l.start...)
		b = t.appendEscaped(b, values[l.value], true)
		b = append(b, '"')
	}
	b = append(b, '}', ' ')
	t.buffer = append(t.appendValue(b, value), '\n')
	if len(t.buffer) >= flushAt {
		t.flush()
	}
	return t.err == nil
}

// appendEscaped appends a help text or, if quotes are to be escaped, the value of a
// label.
func (t *textWriter) appendEscaped(b []byte, text string, quotes bool) []byte {
	for {
		i := strings.IndexAny(text, "\\\n\"")
		if i < 0 {
			return append(b, text...)
		}
		b = append(b, text[:i]...)
		switch c := text[i]; {
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\\' || quotes:
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
		text = text[i+1:]
	}
}

// appendValue appends a value as expfmt writes it.
func (t *textWriter) appendValue(b []byte, value float64) []byte {
	switch {
	case math.IsInf(value, 1):
		return append(b, "+Inf"...)
	case value == 0:
		value = 0 // not -0
	}
	start := len(b)
	b = strconv.AppendFloat(b, value, 'g', -1, 64)
	if t.openMetrics && !bytes.ContainsAny(b[start:], "e.NI") {
		b = append(b, ".0"...)
	}
	return b
}

func (t *textWriter) flush() {
	if t.err == nil && len(t.buffer) > 0 {
		_, t.err = t.w.Write(t.buffer)
	}
	t.buffer = t.buffer[:0]
}
