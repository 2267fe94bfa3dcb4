package pages

import (
	"slices"
	"strings"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
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

func say(key string, args ...any) clause { return clause{textOf(key), args} }

// describe says how a card is at a moment. It depends on nothing else.
func describe(c *Card, now time.Time) verdict {
	v := verdict{level: good}
	switch {
	case c.NotInUse:
		v.add(good, say("v not in use"))
	case c.State == problem.NotInUse:
		v.add(good, say("v never activated"))
	}
	switch a := c.Answer; {
	case a == nil:
		v.addUnanswered(c, now)
	case !a.Served:
		v.add(warning, say("v too old", ago(a.At), span(c.ServedFor)))
		v.addCause(c, now)
	case c.Refusal != nil: // lists show the first sentence alone
		v.addProblems(c)
		v.addRefusal(c, now)
		v.addSummary(c, now)
	default:
		v.addProblems(c)
		v.addSummary(c, now)
		if a.Stale {
			v.addCause(c, now)
		}
	}
	if c.State == problem.NotInUse {
		v.level = good
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
		v.add(warning, say("v down", failure(c.BatchError)))
	case c.BatchError != "":
		v.add(warning, say("v batch failed", failure(c.BatchError)))
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
	}
	args := []any{moment(r.Since)}
	if r.Since.IsZero() {
		key, args = strings.TrimSuffix(key, " since"), nil
	}
	line := []clause{{text: problem.Refused.Sentence()}}
	if key != "v failing" {
		line[0] = say(key, args...)
	}
	if words != "" && r.Words != "" {
		line = append(line, say(words, failure(r.Words)))
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

// addProblems says what is wrong, quarantine apart, and what cannot be told.
func (v *verdict) addProblems(c *Card) {
	a := c.Answer
	for p := range c.Problems.All() {
		if p != problem.Refused {
			v.add(levelOf(p.State()), sentenceOf(p, a.Card))
		}
	}
	if a.Card == nil || c.State == problem.NotInUse {
		return
	}
	if a.Status == nil {
		v.addUnreadable("v no status", "v status missing", a.sent("status"))
	}
	if a.Balance == nil {
		v.addUnreadable("v no balance", "v balance missing", a.sent("balance"))
	}
	if a.Expires == 0 {
		v.addUnreadable("v no expiry", "v expiry missing", a.sent("expiry"))
	}
}

// sentenceOf says what is wrong with a card.
func sentenceOf(p problem.Problem, item *platform.Card) clause {
	c := clause{text: p.Sentence()}
	switch fact := p.Fact(item).(type) {
	case nil:
	case platform.Instant:
		c.args = []any{term(fact.Time())}
	case problem.Bytes:
		c.args = []any{amount(fact)}
	default:
		c.args = []any{fact}
	}
	return c
}

func (v *verdict) addUnreadable(unreadable, missing, sent string) {
	if strings.TrimSpace(sent) == "" {
		v.add(warning, say(missing))
		return
	}
	v.add(warning, say(unreadable, sent))
}

// addSummary says when the platform answered, and what of that is no problem.
func (v *verdict) addSummary(c *Card, now time.Time) {
	a := c.Answer
	line := []clause{say("v answered", ago(a.At))}
	if a.At.Sub(a.About) > time.Minute { // as without live
		line = append(line, say("v as of", moment(a.About)))
	}
	if a.Card != nil {
		switch {
		case a.Status == nil || *a.Status == 0:
		case *a.Status == 1:
			line = append(line, say("v in service"))
		default:
			line = append(line, say("v status", *a.Status))
		}
		if a.Balance != nil && *a.Balance > 0 && !c.Problems.Has(problem.DataLow) {
			line = append(line, say("v left", amount(*a.Balance)))
		}
		if expires := a.Expires.Time(); expires.After(now) && !c.Problems.Has(problem.Expiring) {
			line = append(line, say("v expires", ago(expires)))
		}
	}
	v.add(good, line...)
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
		line = append(line, say("v why down", failure(c.BatchError)))
	case c.BatchError != "":
		line = append(line, say("v why failed", failure(c.BatchError)))
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
