package collector

import (
	"slices"
	"time"
)

// isWhole reports whether a group must be up, whatever the weather: every card has
// an answer or is served as refused, and no request has failed since the start.
func (x *truth) isWhole(s scrapeSpan, page *scrapedPage, group int) bool {
	g := x.groups[group]
	for _, c := range x.order[group] {
		if page.cards[c.index].has("refused") {
			continue
		}
		last, ok := x.owed(c, s.started)
		if !ok || s.started.Sub(last.arrived) > g.MaxAge+g.StaleIfError-slack || c.failing > 0 {
			return false
		}
	}
	return true
}

// checkQuarantine checks that a card stays in quarantine until it is answered.
func (x *truth) checkQuarantine(page *scrapedPage, c *recordedCard) {
	refused := page.cards[c.index].has("refused")
	if !refused && c.inQuarantine() {
		x.violate("quarantine", "%v has been refused since %s, and is not any more; %s", c, x.clock(c.shown), x.history(c))
	}
	switch {
	case !refused:
		c.shown, c.lastAlone, c.alone = time.Time{}, time.Time{}, 0
	case c.shown.IsZero() || c.shown.Before(c.since):
		c.shown, c.lastAlone, c.alone = page.served, time.Time{}, 0
	}
}

// countAlone notes that a request brought no answer, if it is for one card in
// quarantine. It is certain in calm alone that this was not a probe. mu is held, here
// and below.
func (x *truth) countAlone(q *recordedQuery) {
	if c := q.cards[0]; len(q.cards) == 1 && c.inQuarantine() && q.arrived.After(c.shown) && x.isSettled() {
		c.lastAlone, c.alone = time.Now(), c.alone+1
	}
}

// checkCooldown checks that a card in quarantine is left alone for 10 minutes after the
// first of these requests, 20 after the second, and so on up to an hour.
func (x *truth) checkCooldown(q *recordedQuery) {
	c := q.cards[0]
	if len(q.cards) != 1 || !c.inQuarantine() || c.lastAlone.IsZero() {
		return
	}
	if cooldown := min(5*time.Minute<<min(c.alone, 4), time.Hour); time.Since(c.lastAlone) < cooldown-slack {
		x.violate("cooldown", "%v is asked for alone %v after request %d in quarantine, at %s; a cooldown of %v was due",
			c, time.Since(c.lastAlone), c.alone, x.clock(c.lastAlone), cooldown)
	}
}

// checkOldest checks that no card has an older last answer than its group says.
func (x *truth) checkOldest(page *scrapedPage, group int) {
	name := x.groups[group].Name
	oldest, ok := page.groups["simcard_group_oldest_answer_timestamp_seconds"][name]
	if !ok {
		return
	}
	at := time.Unix(0, int64(oldest*1e9))
	for _, c := range x.order[group] {
		if page.cards[c.index].has("refused") {
			continue
		}
		if _, ok := x.owed(c, time.Now()); !ok { // the exporter may have taken none
			continue
		}
		last := c.answers[len(c.answers)-1]
		if at.After(last.arrived.Add(slack / 100)) {
			x.violate("oldest", "group %s says %s, and %v had its last answer before; %s", name, x.clock(at), c, x.history(c))
			return
		}
	}
}

// checkAccount checks that every card of a group that is up has been asked for since
// the account changed.
func (x *truth) checkAccount(page *scrapedPage, group int) {
	for _, c := range x.order[group] {
		last := len(c.answers) - 1
		if !page.cards[c.index].has("refused") && last >= 0 && c.answers[last].asked.Before(x.account) {
			x.violate("account", "%v was not asked for since it changed, at %s; %s", c, x.clock(x.account), x.history(c))
			return
		}
	}
}

// checkSaving checks what the exporter says about its file.
func (x *truth) checkSaving(s scrapeSpan, page *scrapedPage) {
	p := x.process
	saved, there := page.other[lastSave]
	failures, both := page.other[loadFailures]
	if there != p.saves || both != p.saves {
		x.violate("saved", "a time is served: %v, with a file: %v", there, p.saves)
	}
	if !p.saves {
		return
	}
	least := p.savedAt
	if s.started.Sub(p.started) > p.longest {
		least = s.started.Add(-p.longest)
	}
	if !least.IsZero() && saved < float64(least.UnixNano())/1e9-slack.Seconds()/100 {
		x.violate("saved", "at %s, and must have been at %s or later", x.clock(time.Unix(0, int64(saved*1e9))), x.clock(least))
	}
	if failures != p.loadFailures {
		x.violate("saved", "%v files were not loaded since the start, want %v", failures, p.loadFailures)
	}
}

// checkDue checks the first request for some cards since a start. It must be for a
// batch with a card that is due, whatever came out of the file.
func (x *truth) checkDue(q *recordedQuery) {
	asked := func(c *recordedCard) bool { return c.asked }
	due := func(c *recordedCard) bool {
		last, ok := x.owed(c, q.arrived)
		return !ok || last.asked.Before(x.account) || q.arrived.Sub(last.arrived) > x.groups[c.group].MaxAge-slack
	}
	switch {
	case len(q.cards) == 1 && !q.cards[0].blamedNow(): // the others of its batch may follow, due or not
		for _, c := range x.cards {
			c.asked = c.asked || c.group == q.cards[0].group
		}
	case len(q.cards) > 1 && !slices.ContainsFunc(q.cards, asked) && !slices.ContainsFunc(q.cards, due) &&
		time.Since(x.rearranged) > 2*time.Minute: // not for a batch of an earlier configuration
		x.violate("due", "%d cards are asked for since the start at %s, and none is due; the first is %v; %s",
			len(q.cards), x.clock(x.process.started), q.cards[0], x.history(q.cards[0]))
	}
	for _, c := range q.cards {
		c.asked = true
	}
}

// countFailure notes that a request brought no answer, or not for all of its cards.
// From the tenth in a row, batches may fail without a request.
func (x *truth) countFailure(q *recordedQuery) {
	for _, c := range q.cards {
		c.failing = 2
	}
	if x.unanswered++; x.unanswered >= 10 {
		for _, c := range x.cards {
			c.failing = 2
		}
	}
}

// countAnswer notes that a request was answered for all of its cards. The refresh of
// the batch may not have ended yet, but has before the next.
func (x *truth) countAnswer(q *recordedQuery) {
	for _, c := range q.cards {
		c.failing = max(c.failing-1, 0)
	}
	if len(q.cards) > 1 { // a card in quarantine does not count
		x.unanswered = 0
	}
}

// spreadFailures notes that a reload has moved cards between batches, and with them
// perhaps a failure.
func (x *truth) spreadFailures() {
	failing := func(c *recordedCard) bool { return c.failing > 0 }
	if !slices.ContainsFunc(x.cards, failing) {
		return
	}
	for _, c := range x.cards {
		c.failing = 2
	}
}
