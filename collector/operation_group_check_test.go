package collector

import (
	"math"
	"time"
)

// checkGroups checks the metrics of the groups against those of their cards.
func (x *truth) checkGroups(s scrapeSpan, page *scrapedPage) {
	for i, g := range x.groups {
		up, ok := page.groups["simcard_up"][g.Name]
		if !ok || up != 0 && up != 1 {
			x.violate("up", "group %s: up is %v (%v)", g.Name, up, ok)
		}
		failed := page.groups["simcard_group_batches_failed"][g.Name]
		served := float64(len(x.order[i])) - page.groups["no_answer"][g.Name]
		if (up == 1) != (failed == 0 && served > 0) {
			x.violate("up", "group %s: up is %v with %v batches failed and %v cards served", g.Name, up, failed, served)
		}
		switch {
		case up == 1:
		case s.settled && time.Since(x.doubtful[i]) < g.MaxAge+2*x.longestInterval+2*x.sweep():
			// The batch has failed, and is not due before max_age: all its cards have answers.
		case s.settled:
			x.violate("up", "group %s is not up %v into calm", g.Name, x.calmFor())
		case x.isWhole(s, page, i):
			x.violate("up", "group %s is not up with an answer for every card, and no failure since the start at %s", g.Name, x.clock(x.process.started))
		}
		for metric, want := range map[string]int{
			"simcard_group_cards":            len(x.order[i]),
			"simcard_group_configured_cards": len(x.order[i]),
			"simcard_group_batches":          x.batches(i),
		} {
			if got := page.groups[metric][g.Name]; got != float64(want) {
				x.violate("group", "%s of %s is %v, want %d", metric, g.Name, got, want)
			}
		}
		x.checkCards(s, page, g.Name, x.order[i], up == 1)
		x.checkOldest(page, i)
		if up == 1 && page.early {
			x.checkAccount(page, i)
		}
	}
}

// checkCards checks that a group that is up serves every card that is not refused,
// that each has the problems that its values say, and that the counts are of these.
func (x *truth) checkCards(s scrapeSpan, page *scrapedPage, group string, cards []*recordedCard, up bool) {
	counts := map[string]int{
		"suspended": 0, "expired": 0, "gone": 0, "out_of_data": 0, "expiring": 0, "data_low": 0, "unknown": 0, "moved": 0, "refused": 0,
		"out_of_service": 0, "attention": 0, "no_answer": 0, "ok": 0, "not_in_use": 0,
	}
	sum := 0.
	for _, c := range cards {
		row := &page.cards[c.index]
		for problem := range row.problems {
			counts[problem]++
		}
		counts[row.state()]++
		if !math.IsNaN(row.balance) {
			sum += row.balance
		}
		x.checkProblems(s, page, c, row)
		if !row.served() && !row.has("refused") && up {
			x.violate("up", "group %s is up without %v; %s", group, c, x.history(c))
		}
	}
	x.mostRefused = max(x.mostRefused, counts["refused"])
	for count, want := range counts {
		if got, ok := page.groups[count][group]; !ok || got != float64(want) {
			x.violate("states", "%v cards of group %s are %s (%v), and %d are served so", got, group, count, ok, want)
		}
	}
	if got := page.groups["simcard_group_balance_bytes"][group]; math.Abs(got-sum) > 1 {
		x.violate("balance", "the balances of group %s are %v, and %v are served", group, got, sum)
	}
}

// state returns the state that a card with these problems is in. No card of the operation is
// out of use.
func (c *scrapedCard) state() string {
	switch {
	case c.has("suspended") || c.has("expired") || c.has("gone") || c.has("out_of_data"):
		return "out_of_service"
	case len(c.problems) > 0:
		return "attention"
	case !c.served():
		return "no_answer"
	default:
		return "ok"
	}
}

// checkProblems checks that a card has the problems that its values say, and their facts.
func (x *truth) checkProblems(s scrapeSpan, page *scrapedPage, c *recordedCard, row *scrapedCard) {
	expires := time.Unix(int64(row.expiry), 0)
	dated, soon := !math.IsNaN(row.expiry), s.started.Add(testLimits.ExpiringWithin)
	for problem, is := range map[string]struct {
		so   bool
		fact float64
	}{
		"suspended":   {row.status == 0, 1},
		"out_of_data": {row.balance == 0, 0},
		"data_low":    {row.balance > 0 && row.balance < testLimits.LowBalance, row.balance},
		"expired":     {dated && !expires.After(s.started), row.expiry},
		"expiring":    {dated && expires.After(page.served) && !expires.After(soon), row.expiry},
	} {
		if dated && expires.After(s.started) && !expires.After(page.served) && is.fact == row.expiry {
			continue // during the scrape
		}
		if fact, has := row.problems[problem]; has != is.so || has && fact != is.fact {
			x.violate("problems", "%v is %s: %v, fact %v; want %v, %v", c, problem, has, fact, is.so, is.fact)
		}
	}
	if row.has("gone") && row.has("unknown") || row.served() && row.found == 0 && !row.has("gone") && !row.has("unknown") {
		x.violate("problems", "%v has the problems %v", c, row.problems)
	}
	_, known := c.newest(s.started, func(a recordedAnswer) bool { return a.found && !a.asked.Before(c.since) })
	if row.has("unknown") && known {
		x.violate("problems", "%v is unknown, and was known before; %s", c, x.history(c))
	}
}

// checkCalm checks that in calm weather all answers are fresh: two sweeps after a
// scrape has found a card due, it is answered.
func (x *truth) checkCalm(page *scrapedPage) {
	now := time.Now()
	for _, c := range x.cards {
		if c.group == spare || c.blamedNow() || c.refused {
			continue
		}
		bound := x.groups[c.group].MaxAge + 2*x.longestInterval + 2*x.sweep() + slack
		if !c.isFresh(bound) {
			x.violate("fresh", "%v is not, %v into calm; %s", c, x.calmFor(), x.history(c))
		}
		if !c.due.IsZero() && now.Sub(c.due) > 2*x.sweep()+slack {
			x.violate("wait", "%v has been due since %s, a sweep takes at most %v; %s", c, x.clock(c.due), x.sweep(), x.history(c))
			c.due = time.Time{}
		}
	}
	for _, series := range platformAvailables {
		if available, ok := page.other[series]; !ok || available != 1 {
			x.violate("available", "%s is %v (%v) in calm", series, available, ok)
		}
	}
}

// endWait ends the wait of a card that is being asked for.
func (x *truth) endWait(c *recordedCard) {
	if c.due.IsZero() {
		return
	}
	wait := time.Since(c.due)
	c.due = time.Time{}
	x.longestWait = max(x.longestWait, wait)
	if wait > 2*x.sweep()+slack {
		x.violate("wait", "%v waited %v, a sweep takes at most %v; %s", c, wait, x.sweep(), x.history(c))
	}
}

// checkOwnMetrics checks what the exporter says about itself.
func (x *truth) checkOwnMetrics(s scrapeSpan, page *scrapedPage) {
	total := 0.
	for _, n := range page.groups["simcard_group_requests_total"] {
		total += n
	}
	// Requests in flight may have been counted or not.
	ended, arrived := s.ended-x.process.ended, x.arrivals-x.process.arrived
	if total < float64(ended) || total > float64(arrived) {
		x.violate("requests", "simcard_group_requests_total is %v in all; since the start the platform had answered %d before and has been asked %d", total, ended, arrived)
	}
	for i, w := range x.ways {
		if available, ok := page.other[platformAvailables[i]]; !w.open.IsZero() && w.open.Before(s.started) && (!ok || available != 0) {
			x.violate("available", "%s is %v (%v), and the breaker must be open since %s", platformAvailables[i], available, ok, x.clock(w.open))
		}
	}
}

// checkConcurrency checks how many requests were in flight at once, by the
// platform's clock. A request that ends at the instant in which another begins is
// not counted: a client that gives up may begin the next one before the platform
// notices.
func (x *truth) checkConcurrency() {
	now := time.Now()
	for ; x.checked < len(x.queries) && x.queries[x.checked].arrived.Before(now); x.checked++ {
		at, running := x.queries[x.checked].arrived, 0
		for _, q := range x.queries {
			if !q.arrived.After(at) && (q.ended.IsZero() || q.ended.After(at)) {
				running++
			}
		}
		x.mostAtOnce = max(x.mostAtOnce, running)
		if running > x.settings.Concurrency {
			x.violate("concurrency", "%d requests at once at %s, %d are allowed", running, x.clock(at), x.settings.Concurrency)
		}
	}
	old := 0
	for old < x.checked && !x.queries[old].ended.IsZero() && now.Sub(x.queries[old].ended) > time.Minute {
		old++
	}
	x.queries, x.checked = x.queries[old:], x.checked-old
}

// isQuiet reports whether all is well, nothing is due and nothing is running.
func (x *truth) isQuiet() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.isSettled() {
		return false
	}
	for _, c := range x.cards {
		if c.asking > 0 {
			return false
		}
		if c.group == spare || c.blamedNow() {
			continue
		}
		last, ok := x.owed(c, time.Now().Add(1))
		if !ok || last.asked.Before(x.account) || time.Since(last.arrived) > x.groups[c.group].MaxAge-slack {
			return false
		}
	}
	return true
}

// requests returns how many requests there were.
func (x *truth) requests() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.arrivals
}

// requestsForSeveral returns how many requests for more than one card began at a
// moment.
func (x *truth) requestsForSeveral(at time.Time) (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, q := range x.queries {
		if q.arrived.Equal(at) && len(q.cards) > 1 {
			n++
		}
	}
	return n
}
