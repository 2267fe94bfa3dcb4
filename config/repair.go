package config

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// repairIMEI returns an IMEI as it was before a spreadsheet or a form changed
// its looks, if all 15 digits are still there; otherwise the text, cleaned.
func repairIMEI(text string) string {
	text = clean(text)
	if isIMEI(text) {
		return text
	}
	if digits := wholeNumber(text); isIMEI(digits) {
		return digits
	}
	return text
}

// repairICCID returns an ICCID as it was before a spreadsheet or a form changed
// its looks; otherwise the text, cleaned. A number in which a spreadsheet has
// put separators is none: it had lost digits before.
func repairICCID(text string) string {
	text = clean(text)
	if whole, fraction, ok := strings.Cut(text, "."); ok && strings.Trim(fraction, "0") == "" && isICCID(whole) {
		return whole
	}
	return text
}

// clean takes out what is no part of an identifier and easily gets into one:
// blanks, invisible characters, dashes between the digits, the apostrophe or the
// ="…" that marks text, and full-width forms.
func clean(text string) string {
	if plain(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		if unicode.Is(unicode.Pd, r) {
			return '-'
		}
		return r
	}, text)
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		text = strings.TrimSuffix(inner, `"`)
	}
	text = strings.TrimLeft(text, "'‘’`")
	if digits := strings.ReplaceAll(text, "-", ""); isIMEI(digits) || isICCID(digits) {
		return digits
	}
	return text
}

// plain says whether text is ASCII letters and digits, as nearly all identifiers
// are.
func plain(text string) bool { return !strings.ContainsFunc(text, foreignToICCID) }

var (
	withExponent   = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,3})$`)
	withDecimals   = regexp.MustCompile(`^([0-9]+)[.,]0*$`)
	withSeparators = regexp.MustCompile(`^[0-9]{1,4}([.,'][0-9]{3,4})+(?:[.,]0{1,2})?$`)
)

// wholeNumber returns the digits of a number that is written with decimals,
// thousands separators or an exponent, "" if there are none or some are lost.
func wholeNumber(text string) string {
	if m := withExponent.FindStringSubmatch(text); m != nil {
		exponent, _ := strconv.Atoi(m[3])
		if fraction := m[2]; len(fraction) >= exponent && strings.Trim(fraction[exponent:], "0") == "" {
			return m[1] + fraction[:exponent]
		}
		return ""
	}
	if m := withDecimals.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if withSeparators.MatchString(text) {
		if i := strings.LastIndexAny(text, ".,"); len(text)-i <= 3 { // decimals
			text = text[:i]
		}
		return strings.NewReplacer(",", "", ".", "", "'", "").Replace(text)
	}
	return ""
}

// isBlank says whether a cell holds what people write to leave it empty.
func isBlank(cell string) bool {
	if len(cell) > len("——") { // of the words below
		return false
	}
	switch strings.ToLower(cell) {
	case "", "-", "--", "—", "——", "/", "\\", "无", "暂无", "空", "n/a", "#n/a", "na", "nan", "none", "null", "nil":
		return true
	}
	return false
}
