package pages

import (
	"slices"
	"strings"
	"time"

	"simcard_exporter/collector/exposition"
)

// level says how bad a verdict is; a class of the stylesheet.
type level string

const (
	good    level = "good"
	waiting level = "waiting" // nothing is known yet, and nothing is wrong
	warning level = "warning"
	bad     level = "bad" // the terminal is offline
)

// verdict says in words how a card is, and why it has no value if it has none.
type verdict struct {
	level level
	lines [][]clause // sentences, the most important first
}

func (v *verdict) add(l level, clauses ...clause) {
	if rank(l) > rank(v.level) {
		v.level = l
	}
	v.lines = append(v.lines, clauses)
}

func rank(l level) int { return slices.Index([]level{good, waiting, warning, bad}, l) }

func say(key string, args ...any) clause { return clause{key, args} }

// describe says how a card is at a moment. It depends on nothing else.
func describe(c *Card, now time.Time) verdict {
	v := verdict{level: good}
	switch a := c.Answer; {
	case a == nil:
		v.addUnanswered(c, now)
	case !a.Served:
		v.add(warning, say("v too old", ago(a.At), span(c.ServedFor)))
		v.addCause(c, now)
	case a.Card == nil:
		v.add(warning, say("v unknown", ago(a.At)))
		v.addAge(c, now)
	case c.Refusal != nil: // lists show the first sentence alone
		v.addProblems(c, now)
		v.addRefusal(c, now)
		v.addSummary(a, now)
	default:
		v.addProblems(c, now)
		v.addSummary(a, now)
		v.addAge(c, now)
	}
	return v
}

// addUnanswered says why there has never been an answer.
func (v *verdict) addUnanswered(c *Card, now time.Time) {
	switch {
	case c.Refusal != nil:
		v.addRefusal(c, now)
	case c.Refreshing && c.BatchError == "":
		v.add(waiting, say("v being asked"))
	case c.PlatformDown && c.BatchError != "":
		v.add(warning, say("v down", c.BatchError))
	case c.BatchError != "":
		v.add(warning, say("v batch failed", c.BatchError))
	case c.Scraped.IsZero():
		v.add(waiting, say("v not scraped"))
	default:
		v.add(waiting, say("v not asked", ago(c.Scraped)))
	}
}

// addRefusal says why and since when the card is in quarantine.
func (v *verdict) addRefusal(c *Card, now time.Time) {
	r := c.Refusal
	key, words := "v failing since", "v error"
	switch {
	case r.Refused:
		key, words = "v refused since", "v words"
	case r.Unreadable:
		key, words = "v unreadable since", ""
	case r.Since.IsZero():
		key = "v in quarantine"
	}
	args := []any{moment(r.Since)}
	if r.Since.IsZero() {
		key, args = strings.TrimSuffix(key, " since"), nil
	}
	line := []clause{say(key, args...)}
	if words != "" && r.Words != "" {
		line = append(line, say(words, r.Words))
	}
	switch {
	case r.Until.After(now):
		line = append(line, say("v asked again", moment(r.Until), ago(r.Until)))
	case c.PlatformDown:
		line = append(line, say("v asked when up"))
	default:
		line = append(line, say("v asked again now"))
	}
	v.add(warning, line...)
}

// addProblems says what is wrong according to the platform.
func (v *verdict) addProblems(c *Card, now time.Time) {
	a, expires := c.Answer, c.Answer.Expires.Time()
	if a.Status != nil && *a.Status == 0 {
		v.add(bad, say("v suspended"))
	}
	if !expires.IsZero() && !expires.After(now) {
		v.add(bad, say("v expired", ago(expires), date(expires)))
	}
	if a.Balance != nil && *a.Balance == 0 {
		v.add(bad, say("v out of data"))
	}
	if c.Expected != "" && a.IMEI != "" && a.IMEI != c.Expected {
		v.add(warning, say("v moved", a.IMEI, c.Expected))
	}
	if left := expires.Sub(now); !expires.IsZero() && left > 0 && left <= exposition.ExpiringSoon {
		v.add(warning, say("v expires soon", ago(expires), date(expires)))
	}
	if a.Status == nil {
		v.addUnreadable("v no status", "v status missing", a.sent("status"))
	}
	if a.Balance == nil {
		v.addUnreadable("v no balance", "v balance missing", a.sent("balance"))
	}
	switch {
	case !expires.IsZero():
	case a.Activated == 0 && isPlaceholder(a.sent("activation")) && isPlaceholder(a.sent("expiry")):
		v.add(good, say("v never activated"))
	default:
		v.addUnreadable("v no expiry", "v expiry missing", a.sent("expiry"))
	}
}

func (v *verdict) addUnreadable(unreadable, missing, sent string) {
	if strings.TrimSpace(sent) == "" {
		v.add(warning, say(missing))
		return
	}
	v.add(warning, say(unreadable, sent))
}

// isPlaceholder reports whether a date stands for none: it is empty, or of a year that
// programs take for it.
func isPlaceholder(sent string) bool {
	sent = strings.TrimSpace(sent)
	year, _, _ := strings.Cut(sent, "-")
	return year == "" || year == "0001" || year == "1753" || year == "1900" || year == "1970"
}

// addSummary says when the platform answered and what.
func (v *verdict) addSummary(a *Answer, now time.Time) {
	line := []clause{say("v answered", ago(a.At))}
	if a.At.Sub(a.About) > time.Minute { // as without live
		line = append(line, say("v as of", moment(a.About)))
	}
	switch {
	case a.Status == nil || *a.Status == 0:
	case *a.Status == 1:
		line = append(line, say("v in service"))
	default:
		line = append(line, say("v status", *a.Status))
	}
	if a.Balance != nil && *a.Balance > 0 {
		line = append(line, say("v left", amount(*a.Balance)))
	}
	if expires := a.Expires.Time(); expires.Sub(now) > exposition.ExpiringSoon {
		line = append(line, say("v expires", ago(expires)))
	}
	v.add(good, line...)
}

// addAge says why an answer that is served is not renewed, if it is old or the card is in
// quarantine.
func (v *verdict) addAge(c *Card, now time.Time) {
	if c.Refusal != nil || c.Answer.Stale {
		v.addCause(c, now)
	}
}

// freshScrape is how old the last scrape may be for the next one to be expected soon.
const freshScrape = 5 * time.Minute

// addCause says why there is no younger answer.
func (v *verdict) addCause(c *Card, now time.Time) {
	if c.Refusal != nil {
		v.addRefusal(c, now)
		return
	}
	var line []clause
	if c.Answer.Served && now.Sub(c.Answer.At) >= c.MaxAge { // or another account received it
		line = append(line, say("v old answer", span(c.MaxAge)))
	}
	l := warning
	switch {
	case c.PlatformDown && c.BatchError != "":
		line = append(line, say("v why down", c.BatchError))
	case c.BatchError != "":
		line = append(line, say("v why failed", c.BatchError))
	case c.Refreshing:
		l, line = waiting, append(line, say("v why refreshing"))
	case !c.Scraped.IsZero() && now.Sub(c.Scraped) > freshScrape:
		line = append(line, say("v why no scrape", ago(c.Scraped)))
	case c.Scraped.IsZero():
		line = append(line, say("v not scraped"))
	default:
		l, line = good, append(line, say("v why next scrape"))
	}
	if c.Answer.Served {
		line = append(line, say("v served until", moment(c.Answer.At.Add(c.ServedFor))))
	}
	v.add(l, line...)
}
