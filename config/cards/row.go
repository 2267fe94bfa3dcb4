package cards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"simcard_exporter/config/inventory"
)

// row is what a row says beside its identifiers.
type row struct {
	labels   []string
	contact  *Contact
	notInUse string // the value that says so, "" if none does
}

// addRow makes a card of a row if it is valid and new.
func (t *table) addRow(r inventory.Row) {
	if !t.checkNameless(r) {
		return
	}
	var ids, failed [len(kinds)]entry
	for k, column := range t.identifiers {
		if column < 0 {
			continue
		}
		_, note := r.Shown(column)
		switch value := r.Value(column); {
		case note == inventory.Uncalculated:
			t.Problem(r.Place(column), uncalculated)
			t.isBroken = true
			return
		case note == inventory.Failed:
			failed[k] = entry{value, r.Place(column)}
		case !isBlank(value) && !isNote(value):
			ids[k] = entry{value, r.Place(column)}
		}
	}
	if ids == [len(kinds)]entry{} {
		ids = failed // which costs the row
	} else if at := cmp.Or(failed[kindIMEI].place, failed[kindICCID].place); at.Line > 0 {
		t.list.failed.add(at, "the formula of this identifier fails, and the card has only its other one; mend it, or enter the number itself")
	}
	if ids == [len(kinds)]entry{} {
		if column := t.astray(r); column >= 0 {
			text, _ := r.Shown(column)
			t.list.leaveOut(r.Place(column), &Remark{
				Text{Quote(text) + " holds an identifier, and the column of identifiers is empty", Quote(text) + " 中有号码，但号码列是空的"},
				Text{"move it to its column; a row must not be in quotes as a whole", "移到对应的列；不要给整行加引号"},
			})
			return
		}
		t.list.rows.Unidentified++
		return
	}
	about := row{labels: t.labelsOf(r), contact: t.contactOf(r)}
	if t.inUse >= 0 {
		about.notInUse = t.notInUse[fold(t.shown(r, t.inUse))]
	}
	if !t.isBroken {
		t.list.add(ids, about)
	}
}

// labelsOf returns the labels that the list's cards share, or a copy in which the
// row's values replace the group's.
func (t *table) labelsOf(r inventory.Row) []string {
	labels := t.list.shared
	for _, l := range t.labels {
		value := t.shown(r, l.column)
		if value == "" {
			continue
		}
		if t.list.isShared(labels) {
			labels = slices.Clone(labels)
		}
		to, _ := slices.BinarySearch(t.list.names, l.name)
		labels[to] = t.intern(value)
	}
	return labels
}

// contactOf returns what a row says about people, nil if nothing.
func (t *table) contactOf(r inventory.Row) *Contact {
	var values [len(contacts)]string
	for i, column := range t.contact {
		if column >= 0 {
			values[i] = t.shown(r, column)
		}
	}
	person, number, street := values[0], values[1], values[2]
	if len(number) == 13 && isDigits(number) && !strings.HasPrefix(number, "86") {
		number = "" // that of a SIM, which nobody answers
	}
	if person == "" && number == "" && street == "" {
		return nil
	}
	number, street = owned(number, street)
	return &Contact{t.intern(person), number, street}
}

// shown returns what a cell shows, "" if it is empty or holds what people write for that.
// What it should say but cannot is a warning, once a column.
func (t *table) shown(r inventory.Row, column int) string {
	text, note := r.Shown(column)
	warn := func(format string) {
		if !t.noted[column] {
			t.noted[column] = true
			t.list.Warn(r.Place(column), format, Quote(t.headers[column]), Quote(text))
		}
	}
	switch note {
	case inventory.Uncalculated:
		if !t.isBroken {
			t.Problem(r.Place(column), uncalculated)
		}
		t.isBroken = true
		return ""
	case inventory.Failed:
		warn("the column %s has a formula that fails: %s; such cells are taken as empty")
		return ""
	case inventory.OtherFormat:
		warn("the column %s has a number format that is not known here; the number is taken as it is stored, %s")
	}
	if isBlank(text) {
		return ""
	}
	return cleanLabel(text)
}

// checkNameless warns of each column that holds a value but has no header. In a text
// file, cells behind the last header cost the row, since an extra comma shifts the cells
// behind it: then it returns false.
func (t *table) checkNameless(r inventory.Row) bool {
	if !r.InSheet() && r.Width() > t.header.FullWidth() {
		more := fmt.Sprintf("%d cells, and the header has %d", r.Width(), t.header.FullWidth())
		t.list.leaveOut(r.Place(0), &Remark{
			Text{"the row has " + more, fmt.Sprintf("该行有 %d 格，表头只有 %d 格", r.Width(), t.header.FullWidth())},
			Text{"a cell that holds a comma needs quotes around it", "含有逗号的单元格要加引号"},
		})
		return false
	}
	for column := range r.Width() {
		if (column >= len(t.headers) || t.headers[column] == "") && r.IsFilled(column) && !t.noted[column] {
			t.noted[column] = true
			text, _ := r.Shown(column)
			t.list.Warn(r.Place(column), "the column holds %s, but has no header; it is left out", Quote(text))
		}
	}
	return true
}

// astray returns the column of a row in which an identifier of a kind that the table has is
// in the wrong place, -1 if there is none.
func (t *table) astray(r inventory.Row) int {
	for column := range r.Width() {
		for k, is := range identifiersIn(r.Value(column)) {
			if is && t.identifiers[k] >= 0 {
				return column
			}
		}
	}
	return -1
}
