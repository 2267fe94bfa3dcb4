package cards

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// repairIMEI returns an IMEI as it was before a spreadsheet or a form changed
// its looks, if all 15 digits are still there; otherwise the text, cleaned. Groups of
// digits are joined only if the check digit is right: one may be a date or a phone number.
func repairIMEI(text string) string {
	written := text
	text = clean(text)
	if isIMEI(text) {
		if hasCheckDigit(text) || strings.Contains(strings.Map(halfWidth, written), text) {
			return text
		}
		return written
	}
	for _, written := range []string{text, withoutMarks(text)} {
		if digits := wholeNumber(written); isIMEI(digits) {
			return digits
		}
	}
	return text
}

// repairICCID returns an ICCID as it was before a spreadsheet or a form changed
// its looks; otherwise the text, cleaned. A number with thousands separators is
// left alone: the spreadsheet that added them had dropped digits before.
func repairICCID(text string) string {
	text = clean(text)
	if isICCID(text) {
		return text
	}
	if m := withDecimals.FindStringSubmatch(text); m != nil && isICCID(m[1]) {
		return m[1]
	}
	if digits := wholeNumber(text); isICCID(digits) && withExponent.MatchString(text) {
		return digits
	}
	return text
}

// withoutMarks removes what stands around an identifier, such as IMEI: or brackets,
// and what people write between groups of digits.
func withoutMarks(text string) string {
	text = strings.TrimLeftFunc(text, notDigit)
	text = strings.TrimRightFunc(text, func(r rune) bool { return notDigit(r) && !unicode.IsLetter(r) })
	return betweenDigits.Replace(text)
}

// betweenDigits removes the signs that people write between groups of digits.
var betweenDigits = strings.NewReplacer("'", "", "’", "", "_", "", "-", "", "·", "")

// clean removes what is not part of an identifier but easily gets into one:
// blanks, invisible characters, dashes between the digits, the apostrophe or the
// ="…" that marks text, and full-width forms.
func clean(text string) string {
	if isAlphanumeric(text) { // as nearly all identifiers are
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return -1
		case unicode.Is(unicode.Pd, r):
			return '-'
		}
		return halfWidth(r)
	}, text)
	text = strings.TrimSuffix(strings.TrimLeft(text, "=\"'‘’`"), `"`)
	if inner := withoutMarks(text); isIMEI(inner) || isICCID(inner) {
		return inner
	}
	return text
}

// halfWidth returns the ASCII sign of which r is the full-width form, otherwise r.
func halfWidth(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

// The forms in which spreadsheets write long numbers.
var (
	withExponent   = regexp.MustCompile(`^([0-9]{1,3})(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,3})$`)
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

// isBlank reports whether a cell is empty or holds what people write for that.
func isBlank(cell string) bool {
	if len(cell) > len("——") { // as long as the longest below
		return false
	}
	switch strings.ToLower(cell) {
	case "", "-", "--", "—", "——", "/", "\\", "无", "暂无", "空", "n/a", "na", "nan", "none", "null", "nil":
		return true
	}
	return false
}

// isNote reports whether a cell where an identifier is expected holds none, not even a bad
// one, but what people write there: 待补, 已销户, a total or a note under the table, which
// may hold a date or a phone number.
func isNote(cell string) bool {
	if isAlphanumeric(cell) && !notDigit(rune(cell[0])) { // as nearly all are not
		return false
	}
	text := clean(cell)
	digits, longest, run, isHan := 0, 0, 0, false
	for _, r := range text {
		isHan = isHan || unicode.Is(unicode.Han, r)
		if notDigit(r) {
			run = 0
			continue
		}
		digits, run = digits+1, run+1
		longest = max(longest, run)
	}
	return longest < 12 && identifiersIn(cell) == [len(kinds)]bool{} && (isHan || digits == 0 && !strings.HasPrefix(cell, "#"))
}

// cleanLabel removes from a label what is no part of it: control characters and invisible
// marks, and the ="…" or the apostrophe that keeps a number text.
func cleanLabel(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(inner, `"`) {
		text = strings.TrimSuffix(inner, `"`)
	}
	if len(text) > 1 && text[0] == '\'' && !notDigit(rune(text[1])) {
		text = text[1:]
	}
	if !strings.ContainsFunc(text, isMark) {
		return text
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if isMark(r) {
			return -1
		}
		return r
	}, text))
}

// isMark reports whether r is a control character or an invisible mark. A line feed is
// neither, nor is what joins the parts of an emoji.
func isMark(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || r == '\ufeff' || r >= '\u200b' && r <= '\u200f' && r != '\u200d' || r >= '\u202a' && r <= '\u202e'
}

// identifiersIn returns of which kinds a cell holds identifiers among other words: ICCIDs of
// digits alone, and 15 digits of which the last one is the check digit. Several may stand
// apart in it, and one may be in groups.
func identifiersIn(cell string) (has [len(kinds)]bool) {
	if len(cell) < 15 {
		return has
	}
	text := clean(cell)
	for _, number := range strings.FieldsFunc(cell+" "+text+" "+betweenDigits.Replace(text), notDigit) {
		has[kindICCID] = has[kindICCID] || isICCID(number)
		has[kindIMEI] = has[kindIMEI] || isIMEI(number) && hasCheckDigit(number)
	}
	return has
}
