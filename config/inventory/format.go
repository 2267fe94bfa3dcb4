package inventory

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxCode limits the length of a format's code, as spreadsheet programs do.
const maxCode = 255

// builtIn are the codes of formats that need none in a file (ECMA-376, 18.8.30), the
// Chinese ones included. Where the form of a date depends on the country, it is that of
// ISO 8601. Formats that are not here are unknown, such as 12 (fractions) and 46 (more
// than 24 hours).
var builtIn = map[int]string{
	0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
	14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
	20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0_);(#,##0)", 38: "#,##0_);(#,##0)",
	39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);(#,##0.00)", 45: "mm:ss", 49: "@",
	27: `yyyy"年"m"月"`, 28: `m"月"d"日"`, 29: `m"月"d"日"`, 30: "m-d-yy", 31: `yyyy"年"m"月"d"日"`,
	32: `h"时"mm"分"`, 33: `h"时"mm"分"ss"秒"`, 36: `yyyy"年"m"月"`,
	50: `yyyy"年"m"月"`, 51: `m"月"d"日"`, 52: `yyyy"年"m"月"`, 53: `m"月"d"日"`, 54: `m"月"d"日"`, 57: `yyyy"年"m"月"`, 58: `m"月"d"日"`,
}

// format is how a number is shown: a section each for positive numbers, negative ones
// and zero, as far as there are several. The zero value shows all numbers as General.
type format []section

// section is a part of a format. Its code is a number's, a date's, General, or unknown.
type section struct {
	tokens    []token
	isUnknown bool
	isGeneral bool
	isDate    bool
}

// token is a placeholder, such as 0 or yyyy, or a text that is shown as it is.
type token struct {
	text      string
	isLiteral bool
}

// compile reads a code. One that is longer than programs write, or empty, is unknown.
func compile(code string) format {
	var f format
	rest := code
	for rest != "" && len(code) <= maxCode {
		var s section
		s, rest = compileSection(rest)
		f = append(f, s)
	}
	if f == nil {
		f = format{{isUnknown: true}}
	}
	return f
}

// compileSection reads a code up to its first semicolon, and returns the rest.
func compileSection(code string) (s section, rest string) {
	literal := func(text string) { s.tokens = append(s.tokens, token{text, true}) }
	for code != "" {
		lower := strings.ToLower(code)
		switch c := lower[0]; {
		case c == ';':
			return s, code[1:]
		case c == '"':
			text, behind, closed := strings.Cut(code[1:], `"`)
			literal(text)
			s.isUnknown = s.isUnknown || !closed
			code = behind
			continue
		case c == '[':
			inside, behind, closed := strings.Cut(code[1:], "]")
			s.isUnknown = s.isUnknown || !closed || !s.bracket(strings.ToLower(inside))
			code = behind
			continue
		case c == '\\' || c == '_' || c == '*':
			_, size := utf8.DecodeRuneInString(code[1:])
			if c == '\\' {
				literal(code[1 : 1+size])
			}
			code = code[1+size:]
			continue
		case strings.HasPrefix(lower, "general"), strings.HasPrefix(code, "G/通用格式"):
			length := len("general")
			if c == 'g' && lower[1] == '/' {
				length = len("G/通用格式")
			}
			s.isGeneral = true
			code = code[length:]
			continue
		case strings.HasPrefix(lower, "am/pm"), strings.HasPrefix(code, "上午/下午"):
			length := len("am/pm")
			if c != 'a' {
				length = len("上午/下午")
			}
			s.tokens = append(s.tokens, token{text: code[:length]})
			code = code[length:]
			continue
		case strings.IndexByte("ymdhs", c) >= 0:
			length := len(lower) - len(strings.TrimLeft(lower, string(c)))
			s.tokens = append(s.tokens, token{text: lower[:length]})
			s.isDate = true
			code = code[length:]
			continue
		case strings.IndexByte("0#.,%", c) >= 0:
			s.tokens = append(s.tokens, token{text: string(c)})
		case c == '@':
			s.isGeneral = true
		case c < utf8.RuneSelf && strings.IndexByte("-+/():!^&'~{}<>= $", c) < 0:
			s.isUnknown = true // ? and E+ among others
		default:
			_, size := utf8.DecodeRuneInString(code)
			literal(code[:size])
			code = code[size:]
			continue
		}
		code = code[1:]
	}
	return s, ""
}

// bracket takes what stands in brackets: a colour, a country, or a currency's sign. It
// returns false for anything else, such as a condition or hours beyond 24.
func (s *section) bracket(inside string) bool {
	if sign, ok := strings.CutPrefix(inside, "$"); ok {
		sign, _, _ = strings.Cut(sign, "-")
		s.tokens = append(s.tokens, token{sign, true})
		return true
	}
	return slices.Contains([]string{"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"}, inside)
}

// show returns a number as the sheet shows it.
func (b *book) show(c cell) (string, Note) {
	value, err := strconv.ParseFloat(c.value, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return strings.TrimSpace(c.value), None
	}
	if int(c.style) >= len(b.formats) {
		return general(c.value, value), None
	}
	f := b.formats[c.style]
	s, negative := f[0], value < 0
	switch {
	case negative && len(f) > 1:
		s, negative, value = f[1], false, -value
	case value == 0 && len(f) > 2:
		s = f[2]
	}
	text, ok := "", !s.isUnknown
	switch {
	case !ok:
	case s.isGeneral:
		if text = general(c.value, value); len(s.tokens) > 0 {
			ok = false
		}
	case s.isDate:
		text, ok = showDate(s.tokens, value, b.is1904)
	default:
		text, ok = showNumber(s.tokens, math.Abs(value))
		if negative {
			text = "-" + text
		}
	}
	if !ok {
		return wholeNumber(c.value), OtherFormat
	}
	return strings.TrimSpace(text), None
}

// wholeNumber returns a number as it is stored, or, if it is a whole number all of whose
// digits a workbook keeps, its digits: Java programs write 3.5201904063578E14.
func wholeNumber(stored string) string {
	stored = strings.TrimSpace(stored)
	if strings.IndexByte(stored, '.') < 0 && !strings.ContainsAny(stored, "Ee") {
		return stored
	}
	value, err := strconv.ParseFloat(stored, 64)
	if err != nil || value != math.Trunc(value) || math.Abs(value) >= 1e15 {
		return stored
	}
	return strconv.FormatFloat(value, 'f', 0, 64)
}

// rounded returns a number with the 15 digits of which spreadsheet programs make use.
func rounded(value float64) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', 15, 64), 64)
	return short
}

// general shows a number of any size: up to 11 characters of a fraction, all digits of a
// whole number.
func general(stored string, value float64) string {
	value = rounded(value)
	whole := len(strconv.FormatFloat(math.Abs(math.Trunc(value)), 'f', 0, 64))
	if value == math.Trunc(value) || whole > 15 || math.Abs(value) < 1e-4 {
		return wholeNumber(stored)
	}
	text := strconv.FormatFloat(value, 'f', max(0, 10-whole), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// numberCode matches the placeholders of a number that are known. A comma at the end divides
// by a thousand, and is not.
var numberCode = regexp.MustCompile(`^(?:[#0]+((?:,[#0]+)*)(?:\.(0*))?(%?))?$`)

// showNumber fills the placeholders of a number that is not negative, from the right, as
// in 000-0000-0000. It returns false if there is one that is not known.
func showNumber(tokens []token, value float64) (string, bool) {
	var code strings.Builder
	point, first := len(tokens), -1
	for i, t := range tokens {
		switch {
		case t.isLiteral:
			continue
		case t.text == ".":
			point = i
		case first < 0:
			first = i
		}
		code.WriteString(t.text)
	}
	m := numberCode.FindStringSubmatch(code.String())
	if m == nil {
		return "", false
	}
	thousands, decimals := m[1] != "", len(m[2])
	if m[3] != "" {
		value *= 100
	}
	// Half of the last digit is rounded up, as by hand, though 1.005 is a little less.
	digits := strconv.FormatFloat(rounded(value)*(1+1e-15), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "0" {
		whole = ""
	}
	var reversed []string // pieces, the last one first
	written := 0
	digit := func() {
		if thousands && written > 0 && written%3 == 0 {
			reversed = append(reversed, ",")
		}
		next := "0"
		if whole != "" {
			next, whole = whole[len(whole)-1:], whole[:len(whole)-1]
		}
		reversed = append(reversed, next)
		written++
	}
	for i, t := range slices.Backward(tokens) {
		switch {
		case t.isLiteral || t.text == "%":
			reversed = append(reversed, t.text)
		case i > point:
			reversed = append(reversed, fraction[len(fraction)-1:])
			fraction = fraction[:len(fraction)-1]
		case i == point:
			reversed = append(reversed, ".")
		case t.text != ",":
			if t.text == "0" || whole != "" {
				digit()
			}
			for i == first && whole != "" {
				digit()
			}
		}
	}
	slices.Reverse(reversed)
	return strings.Join(reversed, ""), true
}
