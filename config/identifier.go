package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Identifier is an IMEI or an ICCID as the user wrote it.
type Identifier struct {
	Text string
	line int
}

// UnmarshalYAML takes the text of the node, never the number that YAML makes of
// it: 20 digits fit no number, leading zeros count, and YAML takes
// 8986042319191e083314 for a power of ten.
func (id *Identifier) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return wrong(n, "an IMEI or ICCID must be a single value, not a list or a mapping")
	}
	id.Text, id.line = n.Value, n.Line
	return nil
}

// MarshalYAML gives the text.
func (id Identifier) MarshalYAML() (any, error) {
	return id.Text, nil
}

var (
	imeiForm  = regexp.MustCompile(`^[0-9]{15}$`)
	iccidForm = regexp.MustCompile(`^89[0-9A-Za-z]{17,18}$`)

	// What spreadsheets make of long numbers.
	exponent  = regexp.MustCompile(`^'?[0-9]([.,][0-9]*)?[eE]\+?[0-9]{1,3}$`)
	decimals  = regexp.MustCompile(`^[0-9]{7,}[.,]0*$`)
	separated = regexp.MustCompile(`^[0-9]{1,4}([.,][0-9]{3,4})+$`)
)

// imeiProblem says why text is no IMEI, "" if it is one.
func imeiProblem(text string) string {
	if isIMEI(text) {
		return ""
	}
	if isICCID(text) {
		return text + " is an ICCID; list it under iccids"
	}
	if trace := traceOf(text); trace != "" {
		return quote(text) + " " + trace
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Sprintf("%s holds %q, and an IMEI is 15 digits", quote(text), r)
	}
	return fmt.Sprintf("%s has %s, and an IMEI has 15", quote(text), count(len(text), "digit"))
}

// iccidProblem says why text is no ICCID, "" if it is one.
func iccidProblem(text string) string {
	if isICCID(text) {
		return ""
	}
	if isIMEI(text) {
		return text + " is an IMEI; list it under imeis"
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

func isIMEI(text string) bool { return len(text) == 15 && imeiForm.MatchString(text) }

func isICCID(text string) bool {
	return (len(text) == 19 || len(text) == 20) && iccidForm.MatchString(text)
}

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
		return "is what a spreadsheet makes of a long number, and its last digits are lost: format the column as text and export it again"
	case strings.HasPrefix(text, "'"):
		return "begins with an apostrophe, with which a spreadsheet marks text: leave it out"
	case decimals.MatchString(text):
		return "has a decimal point, as a spreadsheet adds to a number: leave it out, and see that the last digits are right"
	case separated.MatchString(text):
		return "has thousands separators: leave them out"
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
