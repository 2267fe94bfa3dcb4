package pages

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	xlanguage "golang.org/x/text/language"

	"simcard_exporter/collector/problem"
)

// printer says things in one language, at one moment, in one time zone.
type printer struct {
	language language
	now      time.Time
	zone     *time.Location
}

// newMatcher returns a matcher of the languages, in their order.
func newMatcher() xlanguage.Matcher {
	return xlanguage.NewMatcher([]xlanguage.Tag{english: xlanguage.English, chinese: xlanguage.SimplifiedChinese})
}

// matchLanguage returns the language that a header Accept-Language prefers.
func matchLanguage(matcher xlanguage.Matcher, header string) language {
	tags, _, err := xlanguage.ParseAcceptLanguage(header)
	if err != nil {
		return english
	}
	_, index, _ := matcher.Match(tags...)
	return language(index)
}

// clause is a part of a sentence: a text and its arguments. Arguments of the types below are
// put into words; others are printed as they are.
type clause struct {
	text problem.Text
	args []any
}

type (
	moment time.Time // the date and time
	date   time.Time // the date alone
	ago    time.Time // how long ago or hence
	term   time.Time // ago and date
	amount float64   // of bytes
	span   time.Duration
)

// T returns the text with a key and its arguments, in the printer's language. It panics
// if there is none.
func (p printer) T(key string, args ...any) string { return p.text(textOf(key), args) }

func textOf(key string) problem.Text {
	text, ok := texts[key]
	if !ok {
		panic("no text " + key)
	}
	return text
}

func (p printer) text(text problem.Text, args []any) string {
	if len(args) == 0 {
		return text[p.language]
	}
	formatted := make([]any, len(args))
	for i, arg := range args {
		formatted[i] = p.format(arg)
	}
	return fmt.Sprintf(text[p.language], formatted...)
}

func (p printer) format(arg any) any {
	switch v := arg.(type) {
	case moment:
		return p.Time(time.Time(v))
	case date:
		return p.Date(time.Time(v))
	case ago:
		return p.Ago(time.Time(v))
	case term:
		return p.T("term", ago(v), date(v))
	case amount:
		return p.Bytes(float64(v))
	case failure:
		return p.Failure(string(v))
	case span:
		return p.Span(time.Duration(v))
	default:
		return arg
	}
}

// sentence joins clauses.
func (p printer) sentence(clauses []clause) string {
	text := p.join(clauses, p.T("clause"))
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + p.T("sentence")
}

// joined returns what a heading says in a few words.
func (p printer) joined(clauses []clause) string { return p.join(clauses, " · ") }

func (p printer) join(clauses []clause, separator string) string {
	parts := make([]string, len(clauses))
	for i, c := range clauses {
		parts[i] = p.text(c.text, c.args)
	}
	return strings.Join(parts, separator)
}

// cut shortens a text that there is no room for.
func cut(text string, characters int) string {
	if utf8.RuneCountInString(text) <= characters {
		return text
	}
	return string([]rune(text)[:characters]) + "…"
}

// verdict returns the first sentence that describes a card.
func (p printer) verdict(c *Card) string { return p.sentence(describe(c, p.now).lines[0]) }

// N returns a number with separators.
func (p printer) N(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Date returns a date in the printer's zone.
func (p printer) Date(t time.Time) string { return t.In(p.zone).Format(time.DateOnly) }

// Time returns a date and time in the printer's zone.
func (p printer) Time(t time.Time) string { return t.In(p.zone).Format(time.DateTime) }

// When returns a date and time, and how long ago or hence that is.
func (p printer) When(t time.Time) string { return p.T("term", moment(t), ago(t)) }

// Machine returns a time for the attribute of an HTML element.
func (p printer) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Ago returns how long ago t was, or how long it is until then.
func (p printer) Ago(t time.Time) string {
	switch d := p.now.Sub(t); {
	case d >= time.Second:
		return p.T("ago", p.Span(d))
	case d <= -time.Second:
		return p.T("in", p.Span(-d))
	default:
		return p.T("now")
	}
}

// Span returns a duration in its largest unit of which there are two, or in seconds:
// rounded down, so that nothing is said to be over before it is.
func (p printer) Span(d time.Duration) string {
	n, unit := int(d/time.Second), "second"
	for _, u := range []struct {
		unit string
		size time.Duration
	}{{"year", 365 * oneDay}, {"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if d >= 2*u.size || d == u.size && u.unit != "year" {
			n, unit = int(d/u.size), u.unit
			break
		}
	}
	if n != 1 {
		unit += "s"
	}
	return p.T(unit, n)
}

// Bytes returns an amount of data; 1 KB is 1024 bytes.
func (p printer) Bytes(n float64) string {
	unit := "B"
	for _, larger := range []string{"KB", "MB", "GB"} {
		if n < 1024 {
			break
		}
		n, unit = n/1024, larger
	}
	if unit == "B" {
		return fmt.Sprintf("%.0f B", n)
	}
	return fmt.Sprintf("%.1f %s", n, unit)
}

// Caption names a state or a problem.
func (p printer) Caption(of interface{ Caption() problem.Text }) string {
	return of.Caption()[p.language]
}

// Zone says which zone the times are in.
func (p printer) Zone() string {
	return p.T("times", p.zone.String(), p.now.In(p.zone).Format("-07:00"))
}
