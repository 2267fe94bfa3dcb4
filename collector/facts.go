package collector

import (
	"context"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/szzkc"
)

// Card implements [pages.Source].
func (s *source) Card(id string) (pages.Card, bool) {
	r := s.collector.refresher.Load()
	c := r.fleet.Load().find(id)
	if c == nil {
		return pages.Card{}, false
	}
	l := c.look(wallClock())
	p := c.page(&l)
	p.PlatformDown = r.breaker.Open()
	r.addAttempts(c, &p)
	return p, true
}

// find returns the card that is queried by an identifier or, if there is none, the
// first one that the platform reports with it; nil if there is none either.
func (f *fleet) find(id string) *card {
	if c := f.card(id); c != nil || id == "" {
		return c
	}
	find := newFinder(f, pages.Query{Text: id})
	if find.byLabel {
		return nil
	}
	for c := range find.all(context.Background()) {
		if r := c.reported(); len(r) == len(id) && endsIn(r, id) {
			return c
		}
	}
	return nil
}

// addAttempts adds what is known about the requests for c.
func (r *refresher) addAttempts(c *card, p *pages.Card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := c.batch
	p.BatchError, p.Refreshing = words(b.err), b.refresh != nil
	bit := b.bit(c)
	for _, a := range b.history.last() {
		p.Attempts = append(p.Attempts, pages.Attempt{
			At: a.at.Time(), Duration: a.duration, Cards: a.cards(), This: a.asked&bit != 0,
			Answered: int(a.answered), Outcome: a.outcome.page(), Words: a.words,
		})
	}
}

// page returns what a look shows of c.
func (c *card) page(l *look) pages.Card {
	b, g := c.batch, c.batch.group
	f := g.fleet
	p := pages.Card{
		ID: c.id, ByIMEI: b.kind == byIMEI, Expected: c.expected,
		Group: g.Name, Live: g.Live, MaxAge: g.MaxAge, ServedFor: g.MaxAge + g.StaleIfError,
		Shard: f.settings.Shard.page(), Batch: b.number, Batches: len(g.batches), BatchCards: len(b.cards),
		States: l.allStates(), Scraped: g.lastScraped(),
	}
	for i, value := range c.labels {
		if value != "" {
			p.Labels = append(p.Labels, pages.Label{Name: f.settings.LabelNames[i], Value: value})
		}
	}
	if at := f.places[c.position]; at != 0 && f.settings.PlaceText != nil {
		p.Place = f.settings.PlaceText(at)
	}
	if due := c.due(); due.After(l.now) {
		p.NextDue = due
	}
	if t := c.trouble.Load(); t.quarantined() {
		p.Refusal = &pages.Refusal{Since: t.since, Until: t.until, Refused: t.outcome == refused, Unreadable: t.outcome == incomplete, Words: t.words}
	}
	p.Answer = l.page()
	return p
}

// page returns the answer of a look, nil if there is none.
func (l *look) page() *pages.Answer {
	if l.answer == nil {
		return nil
	}
	a := &pages.Answer{At: l.answer.at, Served: l.row.Answered, Stale: !l.fresh}
	item := l.answer.card
	if item == nil {
		return a
	}
	a.Known = true
	a.IMEI, a.ICCID, a.ServiceNumber = item.IMEI, item.ICCID, item.ServiceNumber
	a.Status, a.Balance = item.Status, item.Balance
	a.Activated, a.Expires = item.Activated.Time(), item.Expires.Time()
	for _, field := range l.answer.invalid() {
		a.Invalid = append(a.Invalid, pages.Label{Name: field.Field, Value: field.Text})
	}
	return a
}

func (s Shard) page() pages.Shard { return pages.Shard{Index: s.Index, Count: max(s.Count, 1)} }

func (o outcome) page() pages.Outcome {
	switch o {
	case answered:
		return pages.OutcomeAnswered
	case incomplete:
		return pages.OutcomeIncomplete
	case refused:
		return pages.OutcomeRefused
	default:
		return pages.OutcomeFailed
	}
}

// lastScraped returns when a scrape of the group last began; the zero time if none did.
func (t *traffic) lastScraped() time.Time {
	return szzkc.Instant(t.scraped.Load()).Time()
}
