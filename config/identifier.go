package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What spreadsheets make of long numbers.
var (
	exponent  = regexp.MustCompile(`^'?[0-9]([.,][0-9]*)?[eE]\+?[0-9]{1,3}$`)
	decimals  = regexp.MustCompile(`^[0-9]{7,}[.,]0*$`)
	separated = regexp.MustCompile(`^[0-9]{1,4}([.,][0-9]{3,4})+([.,][0-9]{1,2})?$`)
)

// enterAnew is what helps if digits are lost. The format alone brings none back.
const enterAnew = "format the column as text, enter or import the numbers anew, and export again"

// imeiProblem says why text is no IMEI, "" if it is one. ICCIDs are listed under
// iccids.
func imeiProblem(text, iccids string) string {
	if isIMEI(text) {
		return ""
	}
	if isICCID(text) {
		return text + " is an ICCID; list it under " + iccids
	}
	if trace := traceOf(text); trace != "" {
		return quote(text) + " " + trace
	}
	if i := strings.IndexFunc(text, notDigit); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Sprintf("%s holds %q, and an IMEI is 15 digits", quote(text), r)
	}
	return fmt.Sprintf("%s has %s, and an IMEI has 15", quote(text), count(len(text), "digit"))
}

// iccidProblem says why text is no ICCID, "" if it is one. IMEIs are listed
// under imeis.
func iccidProblem(text, imeis string) string {
	if isICCID(text) {
		return ""
	}
	if isIMEI(text) {
		return text + " is an IMEI; list it under " + imeis
	}
	if trace := traceOf(text); trace != "" {
		return quote(text) + " " + trace
	}
	if i := strings.IndexFunc(text, foreignToICCID); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Sprintf("%s holds %q, and an ICCID is letters and digits", quote(text), r)
	}
	if len(text) != 19 && len(text) != 20 {
		return fmt.Sprintf("%s has %s, and an ICCID has 19 or 20", quote(text), count(len(text), "character"))
	}
	return quote(text) + " does not begin with 89, as every ICCID does"
}

func isIMEI(text string) bool { return len(text) == 15 && isDigits(text) }

func isICCID(text string) bool {
	return (len(text) == 19 || len(text) == 20) && strings.HasPrefix(text, "89") && !strings.ContainsFunc(text, foreignToICCID)
}

func isDigits(text string) bool { return !strings.ContainsFunc(text, notDigit) }

// zerosBehind15 says whether a spreadsheet that keeps 15 digits of a number
// would leave this one as it is.
func zerosBehind15(digits string) bool { return strings.Trim(digits[15:], "0") == "" }

func notDigit(r rune) bool { return r < '0' || r > '9' }

func foreignToICCID(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// traceOf says what a spreadsheet or a printed form did to an identifier, ""
// if it shows no such trace.
func traceOf(text string) string {
	switch {
	case text == "":
		return "is empty"
	case exponent.MatchString(text):
		return "is what a spreadsheet makes of a long number, and its last digits are lost: " + enterAnew
	case strings.HasPrefix(text, "'"):
		return "begins with an apostrophe, with which a spreadsheet marks text: leave it out"
	case decimals.MatchString(text):
		return "has decimals, as a spreadsheet adds to a number, of which it keeps 15 digits: " + enterAnew
	case separated.MatchString(text):
		return "has thousands separators, as a spreadsheet adds to a number, of which it keeps 15 digits: " + enterAnew
	case strings.HasPrefix(text, "##"):
		return "is what a spreadsheet shows of a number in a column that is too narrow: " + enterAnew
	case strings.ContainsFunc(text, unicode.IsSpace):
		return "has spaces: leave them out"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Pd, r) }):
		return "has dashes: leave them out"
	case strings.ContainsFunc(text, func(r rune) bool { return r >= '！' && r <= '～' }):
		return "has full-width characters: write 0 to 9 as plain digits"
	}
	return ""
}

// luhnDigit is the last digit that the first 14 of an IMEI call for.
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
