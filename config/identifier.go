package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What helps if digits are lost: the format alone brings none back.
const enterAnew = "format the column as text, enter or import the numbers anew, and export again"

// imeiProblem says why text, which has been repaired, is no IMEI, "" if it is
// one. ICCIDs are listed under iccids.
func imeiProblem(text, iccids string) string {
	switch {
	case isIMEI(text):
		return ""
	case isICCID(text):
		return text + " is an ICCID; list it under " + iccids
	}
	if trace := traceOf(text); trace != "" {
		return quote(text) + " " + trace
	}
	if i := strings.IndexFunc(text, notDigit); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Sprintf("%s holds %q, and an IMEI is 15 digits", quote(text), r)
	}
	// Of the IMEIs that begin with 0, all do with 01.
	if longer := "0" + text; isIMEI(longer) && longer[1] == '1' && luhnDigit(longer) == longer[14] {
		return fmt.Sprintf("%s has 14 digits, and an IMEI has 15: a spreadsheet leaves out a 0 in front; it is probably %s", quote(text), longer)
	}
	return fmt.Sprintf("%s has %s, and an IMEI has 15", quote(text), count(len(text), "digit"))
}

// iccidProblem says why text, which has been repaired, is no ICCID, "" if it is
// one. IMEIs are listed under imeis.
func iccidProblem(text, imeis string) string {
	switch {
	case isICCID(text):
		return ""
	case isIMEI(text):
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

func notDigit(r rune) bool { return r < '0' || r > '9' }

func foreignToICCID(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// traceOf says what a spreadsheet did to a number that has lost digits, "" if
// it shows no such trace.
func traceOf(text string) string {
	switch {
	case text == "":
		return "is empty"
	case strings.HasPrefix(text, "##"):
		return "is what a spreadsheet shows of a number in a column that is too narrow: make it wider, and export again"
	case withExponent.MatchString(text):
		return "is what a spreadsheet makes of a long number, and its last digits are lost: " + enterAnew
	case withDecimals.MatchString(text):
		return "has decimals, as a spreadsheet adds to a number, of which it keeps 15 digits: " + enterAnew
	case withSeparators.MatchString(text):
		return "has thousands separators, as a spreadsheet adds to a number, of which it keeps 15 digits: " + enterAnew
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
