package inventory

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// maxSerial is the number of the last day of the year 9999, the last that programs know.
const maxSerial = 2_958_465

// showDate fills the placeholders of a date or time. It returns false for a number that
// stands for no date, and for a placeholder that is not known.
func showDate(tokens []token, serial float64, is1904 bool) (string, bool) {
	if serial < 0 || serial >= maxSerial+1 {
		return "", false
	}
	seconds := int64(math.Round(serial * 86400))
	days, seconds := seconds/86400, seconds%86400
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case is1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60: // the programs have a 29 February 1900, which is day 60
		epoch = epoch.AddDate(0, 0, 1)
	case days == 60:
		return "", false
	}
	t := epoch.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	isTwelve := slices.ContainsFunc(tokens, func(t token) bool { return !t.isLiteral && strings.Contains(t.text, "/") })
	var text strings.Builder
	for i, token := range tokens {
		switch {
		case token.isLiteral || token.text == "." || token.text == ",":
			text.WriteString(token.text)
		case token.text == "上午/下午":
			text.WriteString([]string{"上午", "下午"}[t.Hour()/12])
		case strings.Contains(token.text, "/"):
			text.WriteString(t.Format("PM"))
		case token.text[0] == 'm' && len(token.text) <= 2 && isMinute(tokens, i):
			fmt.Fprintf(&text, "%0*d", len(token.text), t.Minute())
		case token.text[0] == 'h' && len(token.text) <= 2 && isTwelve:
			text.WriteString(t.Format([]string{"3", "03"}[len(token.text)-1]))
		case token.text == "h":
			fmt.Fprint(&text, t.Hour())
		case layouts[token.text] == "":
			return "", false
		default:
			text.WriteString(t.Format(layouts[token.text]))
		}
	}
	return text.String(), true
}

// layouts are the placeholders of dates in the form of package time.
var layouts = map[string]string{
	"y": "06", "yy": "06", "yyy": "2006", "yyyy": "2006",
	"m": "1", "mm": "01", "mmm": "Jan", "mmmm": "January",
	"d": "2", "dd": "02", "ddd": "Mon", "dddd": "Monday",
	"hh": "15", "s": "5", "ss": "05",
}

// isMinute reports whether m or mm stands for minutes: behind hours or before seconds.
func isMinute(tokens []token, i int) bool {
	for j := i - 1; j >= 0; j-- {
		if t := tokens[j]; !t.isLiteral {
			if t.text[0] == 'h' {
				return true
			}
			break
		}
	}
	for _, t := range tokens[i+1:] {
		if !t.isLiteral {
			return t.text[0] == 's'
		}
	}
	return false
}
