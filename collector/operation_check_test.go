package collector

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// printedPerInvariant is how many violations of one invariant are printed.
const printedPerInvariant = 3

// violations reports what broke an invariant, and when.
type violations struct {
	t       *testing.T
	seed    uint64
	epoch   time.Time
	weather *weather

	mu      sync.Mutex // guards what follows
	counts  map[string]int
	printed int
}

// violate reports that an invariant is broken now.
func (v *violations) violate(invariant, format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.counts[invariant]++
	if v.counts[invariant] > printedPerInvariant {
		v.t.Fail()
		return
	}
	v.printed++
	v.t.Errorf("seed %d at %s, %s: %s: %s", v.seed, v.clock(time.Now()), v.weather.now.Load().name, invariant, fmt.Sprintf(format, args...))
}

// tooMany reports whether the rest of the span is not worth its time.
func (v *violations) tooMany() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.printed >= *operationErrors
}

// clock writes a simulated time as days and the time of the day.
func (v *violations) clock(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	since := at.Sub(v.epoch)
	return fmt.Sprintf("day %d %s", since/(24*time.Hour), time.Time{}.Add(since).Format("15:04:05.000"))
}

// slack is the tolerance with which a time is compared with a bound.
const slack = time.Second

// beginScrape notes the cards that a scrape finds due, and what is so at its start.
func (x *truth) beginScrape() scrapeSpan {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.countScrape()
	now := time.Now()
	if x.isSettled() {
		for _, c := range x.cards {
			if c.group != spare && c.due.IsZero() && c.asking == 0 && !c.blamedNow() &&
				(!c.isFresh(x.groups[c.group].MaxAge+slack) || c.answers[len(c.answers)-1].asked.Before(x.account)) {
				c.due = now
			}
		}
	}
	return scrapeSpan{started: now, generation: x.generation, settled: x.isSettled(), ended: x.ended}
}

// endScrape checks what a scrape served.
func (x *truth) endScrape(s scrapeSpan, page *scrapedPage) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s.settled = s.settled && x.isSettled()
	// During a reload either configuration may be in force.
	stable := s.generation == x.generation && s.generation%2 == 0
	for _, c := range x.cards {
		x.checkServed(s, c, &page.cards[c.index], stable)
		if stable {
			x.checkRefused(s, c, &page.cards[c.index])
			x.checkQuarantine(page, c)
		}
	}
	if stable {
		x.checkGroups(s, page)
		x.checkSaving(s, page)
	}
	if s.settled && stable {
		x.checkCalm(page)
	}
	x.checkOwnMetrics(s, page)
	x.checkConcurrency()
}

// checkServed checks that the values of a card are those of one answer, which is about no
// earlier moment than the one that the exporter must have, and that the last answer is not
// too old.
func (x *truth) checkServed(s scrapeSpan, c *recordedCard, row *scrapedCard, stable bool) {
	if c.group == spare {
		if stable && row.served() {
			x.violate("served", "%v, which is not configured", c)
		}
		return
	}
	bound, owed, isOwed := longestBound, recordedAnswer{}, false
	if stable {
		g := x.groups[c.group]
		bound = g.MaxAge + g.StaleIfError
		owed, isOwed = x.owed(c, s.started)
	}
	age := s.started.Sub(owed.arrived)
	if !row.served() {
		blank := row.has("refused") && math.IsNaN(owed.status) && math.IsNaN(owed.balance) // it may be served all the same
		if isOwed && age <= bound-slack && !blank {
			x.violate("all served", "%v was answered %v ago, at %s, and is missing; %s", c, age, x.clock(owed.arrived), x.history(c))
		}
		return
	}
	isTrue, youngest := false, time.Duration(math.MaxInt64)
	for _, a := range slices.Backward(c.answers) { // the last ones are likely to count
		isTrue = isTrue || row.is(a) && (!stable || !x.isReplaced(c, a, s.started))
		youngest = min(youngest, s.started.Sub(a.arrived))
	}
	switch {
	case !isTrue:
		x.violate("true", "%v is served as found %v, status %v, balance of %s; %s", c,
			row.found, row.status, x.balanceTime(row.balance), x.history(c))
	case youngest > bound+slack:
		x.violate("not too old", "%v is served %v old, allowed are %v", c, youngest, bound)
	}
	x.worstAge = max(x.worstAge, youngest%math.MaxInt64)
	x.checkConstants(c, row, stable)
}

// is reports whether a row holds an answer's values.
func (c *scrapedCard) is(a recordedAnswer) bool {
	alike := func(x, y float64) bool { return math.IsNaN(x) == math.IsNaN(y) && !(math.Abs(x-y) > .5) }
	return (c.found == 1) == a.found && alike(c.status, a.status) && alike(c.balance, a.balance)
}

// checkConstants checks the values that are the same in every answer.
func (x *truth) checkConstants(c *recordedCard, row *scrapedCard, stable bool) {
	for text, value := range map[string]float64{c.ExpireTS: row.expiry, c.ActiveTS: row.activation} {
		at, err := time.ParseInLocation("2006-01-02T15:04:05", text, time.FixedZone("", 8*60*60))
		if err != nil {
			x.t.Errorf("the test is wrong: %v", err)
		}
		if !math.IsNaN(value) && math.Floor(value) != float64(at.Unix()) {
			x.violate("true", "%v has the time %v, want %v", c, value, at.Unix())
		}
	}
	if stable && row.infoGroup != "" && row.infoGroup != x.groups[c.group].Name {
		x.violate("true", "%v is in group %s, want %s", c, row.infoGroup, x.groups[c.group].Name)
	}
}

// checkRefused checks that a card is called refused only if the platform has given
// a reason for it, and has not answered since.
func (x *truth) checkRefused(s scrapeSpan, c *recordedCard, row *scrapedCard) {
	refused := row.has("refused")
	blamed := c.blamedNow() || !c.blamed.IsZero() && !c.answered.Before(s.started)
	switch {
	case refused && c.group == spare:
		x.violate("refused", "%v, which is not configured", c)
	case refused && !blamed:
		x.violate("refused", "%v, which was answered at %s and blamed at %s", c, x.clock(c.answered), x.clock(c.blamed))
	case !refused && c.refused && c.group != spare && s.settled && x.calmFor() > time.Hour:
		x.violate("refused", "%v is not called refused an hour into calm", c)
	}
	// A card is in quarantine for an hour at most, or for max_age.
	if refused && !c.refused && s.settled && x.calmFor() > time.Hour+2*x.longestInterval+2*x.sweep() {
		x.violate("refused", "%v is called refused %v into calm, and the platform does not refuse it", c, x.calmFor())
	}
}

// history describes the last answers about a card.
func (x *truth) history(c *recordedCard) string {
	var b strings.Builder
	b.WriteString("last answers:")
	for _, a := range c.answers[max(0, len(c.answers)-4):] {
		b.WriteString(" asked " + x.clock(a.asked) + " came " + x.clock(a.arrived))
		if a.live {
			b.WriteString(" live")
		}
		switch {
		case !a.found:
			b.WriteString(" unknown")
		case !a.sure:
			b.WriteString(" doubtful")
		}
		b.WriteString(";")
	}
	return b.String()
}

// balanceTime returns when the platform gave a balance.
func (x *truth) balanceTime(balance float64) string {
	if math.IsNaN(balance) {
		return "none"
	}
	return x.clock(x.epoch.Add(time.Duration(math.Round(balance/bytesPerMillisecond)) * time.Millisecond))
}
