package collector

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// reading is one way to understand what somebody searches for.
type reading struct {
	numbers []word // the card has one of them at the end of an identifier; with byLabel, in a label
	words   []word // all of which it has
	byLabel bool   // the numbers are parts of labels, or there are none
}

// word is a part of a label or of a contact or, if it can be, the end of an identifier.
type word struct {
	text   string // in half width
	cased  bool   // it has letters that are written in two ways
	number string // the end of an identifier that the text stands for; "" if it stands for none
}

// The lengths of an IMEI, the shortest identifier, and of an ICCID, the longest.
const (
	minIdentifier = 15
	maxIdentifier = 20
)

var (
	number  = regexp.MustCompile(`^[0-9A-Za-z]*[0-9][0-9A-Za-z]*$`)
	grouped = regexp.MustCompile(`^[0-9]+[A-Za-z]?[0-9]*[Ff]?$`)       // as 8986 0423 1919c0083314 is, without spaces
	dashed  = regexp.MustCompile(`^[0-9]+(?:[\p{Pd}/][0-9A-Za-z]+)+$`) // as 35-201904-063578-5 is
	between = regexp.MustCompile(`[\p{Pd}/]`)
	named   = regexp.MustCompile(`(?i)^(?:imei|iccid|卡号)[:=]*$`)                  // what stands in front of a number
	pasted  = regexp.MustCompile("(?i)^(?:(?:imei|iccid|卡号)[:=]|[='\"‘’“”`…])*" + // a number in a spreadsheet, a message or a program
		"([0-9a-z]+)[\"'’”`]*$")
)

// newReadings returns the ways to understand a text, to be tried in turn until one finds
// something. A text in labels is only in these.
func newReadings(text string, inLabels bool) []reading {
	var last reading
	all := wordsOf(text)
	var joined strings.Builder
	for _, text := range all {
		joined.WriteString(text)
		w := newWord(text)
		if n := len(w.number); n > 0 && n <= maxIdentifier && (n >= minNumber || len(all) == 1) {
			last.numbers = append(last.numbers, w)
		} else {
			last.words = append(last.words, w)
		}
	}
	last.byLabel = true
	if inLabels || len(last.numbers) == 0 {
		return []reading{last}
	}
	readings := []reading{{numbers: last.numbers, words: last.words}, last}
	if whole := newWord(joined.String()); len(all) > 1 && len(whole.number) >= 2*minNumber && len(whole.number) <= maxIdentifier && grouped.MatchString(whole.number) {
		readings = slices.Insert(readings, 0, reading{numbers: []word{whole}})
	}
	return readings
}

// minNumber is how many characters of a number mean one card, and not a part of a name,
// beside other words.
const minNumber = 4

// wordsOf returns the words of a text in half width, without what stands around a number:
// the signs of a spreadsheet, ICCID: or the commas of a list.
func wordsOf(text string) (all []string) {
	for _, field := range strings.Fields(width.Fold.String(text)) {
		items := strings.FieldsFunc(field, func(r rune) bool { return strings.ContainsRune(",;、", r) })
		for i, item := range items {
			if m := pasted.FindStringSubmatch(item); m != nil {
				items[i] = m[1]
			}
		}
		if slices.ContainsFunc(items, func(item string) bool { return newWord(item).number == "" }) {
			items = []string{field} // as 3-2,102室 is
		}
		all = append(all, items...)
	}
	if others := slices.DeleteFunc(slices.Clone(all), named.MatchString); len(others) > 0 {
		return others
	}
	return all
}

func newWord(text string) word {
	w := word{text: text, cased: strings.ToLower(text) != strings.ToUpper(text)}
	digits := text
	if dashed.MatchString(text) {
		if joined := between.ReplaceAllString(text, ""); len(joined) >= minIdentifier { // and no date
			digits = joined
		}
	}
	if number.MatchString(digits) {
		w.number = withoutPadding(digits)
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
	} else if !w.cased {
		return false
	}
	return strings.Contains(strings.ToLower(value), strings.ToLower(w.text))
}

// matches reports whether r finds a card.
func (r *reading) matches(c *card) bool {
	if len(r.numbers) > 0 && !slices.ContainsFunc(r.numbers, func(n word) bool {
		if r.byLabel {
			return n.isKnownOf(c)
		}
		return n.endsIdentifierOf(c)
	}) {
		return false
	}
	for i := range r.words {
		if w := &r.words[i]; !w.isKnownOf(c) && !w.endsIdentifierOf(c) {
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

// endsIdentifierOf reports whether an identifier of c ends in the word's number.
func (w *word) endsIdentifierOf(c *card) bool {
	return w.number != "" && (endsIn(c.id, w.number) || endsIn(c.expected, w.number) || endsIn(c.reported(), w.number))
}

// endsIn reports whether an identifier, with or without its padding, ends in text, in any case
// of its letters.
func endsIn(identifier, text string) bool {
	return hasSuffix(identifier, text) || hasSuffix(withoutPadding(identifier), text)
}

// hasSuffix is strings.HasSuffix in any case of ASCII letters. It looks at the last one first,
// which settles it for most of the cards that a search passes.
func hasSuffix(s, suffix string) bool {
	from := len(s) - len(suffix)
	return suffix != "" && from >= 0 && s[len(s)-1]|0x20 == suffix[len(suffix)-1]|0x20 && strings.EqualFold(s[from:], suffix)
}

// withoutPadding returns an ICCID of 19 digits without the F that a card stores behind it, and
// any other identifier as it is.
func withoutPadding(identifier string) string {
	const digits = maxIdentifier - 1
	if len(identifier) == maxIdentifier && identifier[digits]|0x20 == 'f' && strings.Trim(identifier[:digits], "0123456789") == "" {
		return identifier[:digits]
	}
	return identifier
}
