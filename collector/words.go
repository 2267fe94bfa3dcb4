package collector

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// reading is one way to understand what somebody searches for.
type reading struct {
	numbers []string // the card has one of them at the end of an identifier; with byLabel, in a label
	words   []word   // all of which it has
	byLabel bool     // the numbers are parts of labels, or there are none
}

// word is a part of a label or of a contact or, if it can be, the end of an identifier.
type word struct {
	text     string // in half width
	lower    string // in lower case, if that differs from upper case; "" if not
	isNumber bool
}

// maxIdentifier is the length of the longest identifier, an ICCID.
const maxIdentifier = 20

var (
	number    = regexp.MustCompile(`^[0-9A-Za-z]*[0-9][0-9A-Za-z]*$`)
	grouped   = regexp.MustCompile(`^[0-9]+[A-Za-z]?[0-9]*$`)                    // as 8986 0423 1919c0083314 is, without spaces
	separated = regexp.MustCompile(`^[0-9A-Za-z]+(?:[,;、][0-9A-Za-z]+)+[,;、]?$`) // numbers in a list
	pasted    = regexp.MustCompile(`(?i)^(?:='?"?|'|"|(?:imei|iccid):)+([0-9A-Za-z]+)"?$`)
)

// newReadings returns the ways to understand a text, to be tried in turn until one finds
// something. A text in labels is only in these.
func newReadings(text string, inLabels bool) []reading {
	var last reading
	all := wordsOf(text)
	var joined strings.Builder
	for _, w := range all {
		joined.WriteString(w)
		if number.MatchString(w) && len(w) <= maxIdentifier && (len(w) >= minNumber || len(all) == 1) {
			last.numbers = append(last.numbers, w)
		} else {
			last.words = append(last.words, newWord(w))
		}
	}
	last.byLabel = true
	if inLabels || len(last.numbers) == 0 {
		return []reading{last}
	}
	readings := []reading{{numbers: last.numbers, words: last.words}, last}
	if whole := joined.String(); len(all) > 1 && len(whole) >= 2*minNumber && len(whole) <= maxIdentifier && grouped.MatchString(whole) {
		readings = slices.Insert(readings, 0, reading{numbers: []string{whole}})
	}
	return readings
}

// minNumber is how many characters of a number mean one card, and not a part of a name,
// beside other words.
const minNumber = 4

// wordsOf returns the words of a text in half width, without what a spreadsheet puts around
// a number.
func wordsOf(text string) (all []string) {
	for _, w := range strings.Fields(width.Fold.String(text)) {
		if m := pasted.FindStringSubmatch(w); m != nil {
			w = m[1]
		}
		if separated.MatchString(w) {
			all = append(all, strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune(",;、", r) })...)
		} else {
			all = append(all, w)
		}
	}
	return all
}

func newWord(text string) word {
	w := word{text: text, isNumber: number.MatchString(text)}
	if lower := strings.ToLower(text); lower != strings.ToUpper(text) {
		w.lower = lower
	}
	return w
}

// isIn reports whether a value has the word, in any case and width of its letters.
func (w *word) isIn(value string) bool {
	if strings.Contains(value, w.text) {
		return true
	}
	if strings.IndexByte(value, 0xef) >= 0 { // which full width begins with
		value = width.Fold.String(value)
	} else if w.lower == "" {
		return false
	}
	return strings.Contains(strings.ToLower(value), strings.ToLower(w.text))
}

// matches reports whether r finds a card.
func (r *reading) matches(c *card) bool {
	if len(r.numbers) > 0 && !slices.ContainsFunc(r.numbers, func(n string) bool {
		if r.byLabel {
			return (&word{text: n}).isKnownOf(c)
		}
		return c.endsIn(n)
	}) {
		return false
	}
	for i := range r.words {
		if w := &r.words[i]; !w.isKnownOf(c) && (!w.isNumber || !c.endsIn(w.text)) {
			return false
		}
	}
	return true
}

// isKnownOf reports whether a label or the contact of a card has the word.
func (w *word) isKnownOf(c *card) bool {
	if slices.ContainsFunc(c.labels, w.isIn) {
		return true
	}
	contact := c.contact()
	return contact != nil && (w.isIn(contact.Person) || w.isIn(contact.Phone) || w.isIn(contact.Address))
}

// endsIn reports whether an identifier of c ends in a number.
func (c *card) endsIn(number string) bool {
	return endsIn(c.id, number) || endsIn(c.expected, number) || endsIn(c.reported(), number)
}

// endsIn reports whether an identifier ends in text, in any case of its letters.
func endsIn(identifier, text string) bool {
	return len(identifier) >= len(text) && strings.EqualFold(identifier[len(identifier)-len(text):], text)
}
