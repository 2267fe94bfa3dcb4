package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// enterAnew is the advice when digits are lost: changing the format of the cells
// does not bring them back.
const enterAnew = "format the column as text, enter or import the numbers again, and save or export the file again"

// kind is one of the kinds of identifiers that a card can have.
type kind int

const (
	kindIMEI kind = iota
	kindICCID
)

var kinds = [...]struct {
	name   string
	column string // its target
	is     func(text string) bool
	repair func(text string) string
	alien  func(r rune) bool // whether it cannot hold r
	form   string
	unit   string
	length string
}{
	{"IMEI", "imei", isIMEI, repairIMEI, notDigit, "15 digits", "digit", "15"},
	{"ICCID", "iccid", isICCID, repairICCID, notAlphanumeric, "letters and digits", "character", "19 or 20"},
}

// problem says why text, which has been repaired, is not an identifier of that kind, ""
// if it is one. elsewhere is the key or column to list the other kind under.
func (k kind) problem(text, elsewhere string) string {
	want, other := kinds[k], kinds[1-k]
	if want.is(text) {
		return ""
	}
	lost := spreadsheetProblem(text)
	alien := strings.IndexFunc(text, want.alien)
	longer := "0" + text
	switch {
	case other.is(text):
		return fmt.Sprintf("%s is an %s; list it under %s", text, other.name, elsewhere)
	case lost != "":
		return quote(text) + " " + lost
	case alien >= 0:
		r, _ := utf8.DecodeRuneInString(text[alien:])
		return fmt.Sprintf("%s holds %q, and an %s is %s", quote(text), r, want.name, want.form)
	case k == kindICCID && (len(text) == 19 || len(text) == 20):
		return quote(text) + " does not begin with 89, as every ICCID does"
	case k == kindIMEI && isIMEI(longer) && longer[1] == '1' && luhnDigit(longer) == longer[14]: // of those that begin with 0, all do with 01
		return fmt.Sprintf("%s has 14 digits, and an IMEI has 15: a spreadsheet drops a leading 0; it is probably %s", quote(text), longer)
	}
	return fmt.Sprintf("%s has %s, and an %s has %s", quote(text), count(len(text), want.unit), want.name, want.length)
}

func isIMEI(text string) bool { return len(text) == 15 && isDigits(text) }

func isICCID(text string) bool {
	return (len(text) == 19 || len(text) == 20) && strings.HasPrefix(text, "89") && isAlphanumeric(text)
}

func isDigits(text string) bool { return !strings.ContainsFunc(text, notDigit) }

func isAlphanumeric(text string) bool { return !strings.ContainsFunc(text, notAlphanumeric) }

func notDigit(r rune) bool { return r < '0' || r > '9' }

// notAlphanumeric reports whether r is anything but an ASCII letter or digit.
func notAlphanumeric(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// spreadsheetProblem says what a spreadsheet has done to a number that lost digits,
// "" if nothing shows.
func spreadsheetProblem(text string) string {
	switch {
	case text == "":
		return "is empty"
	case strings.HasPrefix(text, "##"):
		return "is what a spreadsheet shows of a number in a column that is too narrow: make it wider, and export again"
	case withExponent.MatchString(text):
		return "is what a spreadsheet makes of a long number, and its last digits are lost: " + enterAnew
	case withDecimals.MatchString(text), withSeparators.MatchString(text):
		return "has decimals or thousands separators: a spreadsheet took it for a number, and kept only 15 digits; " + enterAnew
	}
	return ""
}

// luhnDigit returns the check digit of an IMEI, computed from its first 14 digits.
func luhnDigit(imei string) byte {
	sum := 0
	for i := range 14 {
		digit := int(imei[i] - '0')
		if i%2 == 1 {
			digit *= 2
		}
		sum += digit/10 + digit%10
	}
	return byte('0' + (10-sum%10)%10)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
