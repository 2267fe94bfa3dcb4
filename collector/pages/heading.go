package pages

import (
	"time"

	"simcard_exporter/collector/problem"
)

// heading says in a few words how a card is: its problems, or why nothing is known of it.
func heading(c *Card) (parts []clause) {
	if c.State == problem.NotInUse {
		return []clause{{text: problem.NotInUse.Caption()}}
	}
	for p := range c.Problems.All() {
		parts = append(parts, clause{text: p.Caption()})
	}
	a := c.Answer
	switch {
	case parts != nil:
		return parts
	case a == nil || !a.Served:
		return []clause{say(whyUnanswered(c))}
	case !a.known(): // which is a problem
	case a.Status == nil:
		parts = append(parts, say("h no status"))
	case *a.Status == 1:
		parts = append(parts, say("h in service"))
	default:
		parts = append(parts, say("h status", *a.Status))
	}
	if a.known() && a.Balance == nil {
		parts = append(parts, say("h no balance"))
	}
	if a.known() && a.Expires == 0 {
		parts = append(parts, say("h no expiry"))
	}
	return parts
}

// whyUnanswered returns the key of the reason why nothing is served.
func whyUnanswered(c *Card) string {
	switch {
	case c.PlatformDown && c.BatchError != "":
		return "h down"
	case c.BatchError != "":
		return "h failed"
	case c.Refreshing:
		return "h being asked"
	case c.Answer == nil:
		return "h not asked"
	default:
		return "h too old"
	}
}

// facts says how much data a card has left, and until when it is paid.
func facts(c *Card, now time.Time) (parts []clause) {
	a := c.Answer
	if !a.known() || !a.Served {
		return nil
	}
	if a.Balance != nil {
		parts = append(parts, say("v left", amount(*a.Balance)))
	}
	switch expires := a.Expires.Time(); {
	case expires.IsZero():
	case expires.After(now):
		parts = append(parts, say("h expires", date(expires)))
	default:
		parts = append(parts, say("h expired", date(expires)))
	}
	return parts
}

// advice says what is likely behind a problem, and what to do: the trade's knowledge, which
// judges nothing.
func advice(c *Card) (lines [][]clause) {
	if c.State == problem.NotInUse {
		return nil
	}
	has := c.Problems.Has
	if has(problem.Suspended) {
		why := "do suspended"
		switch {
		case has(problem.Expired):
			why = "do suspended expired"
		case has(problem.OutOfData):
			why = "do suspended out_of_data"
		case has(problem.Moved):
			why = "do suspended moved"
		}
		return append(lines, []clause{say(why)})
	}
	for _, p := range problem.All() {
		if has(p) {
			lines = append(lines, []clause{say("do " + p.String())})
		}
	}
	return lines
}
