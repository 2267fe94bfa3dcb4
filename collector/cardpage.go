package collector

import (
	"strings"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/platform"
)

// Card implements [pages.Source].
func (s *source) Card(id string) (pages.Card, bool) {
	f := s.collector.fleet.Load()
	c := f.find(id)
	if c == nil {
		return pages.Card{}, false
	}
	now := wallClock()
	p := c.page(c.stateAt(now))
	p.Attempts = f.refresher.attempts(c)
	if due := c.nextQuery(); due.After(now) && (c.quarantined() || !c.batch.stale(now)) {
		p.NextDue = due
	}
	return p, true
}

// find returns the card that is queried by an identifier or, if there is none, the first
// one that is listed with it or that the platform reports with it, if only as its service
// number, or once did; nil if there is none either.
func (f *fleet) find(id string) *card {
	if c := f.card(id); c != nil || id == "" {
		return c
	}
	var gone *card // which another may have taken the place of
	for c := range f.all() {
		switch {
		case !c.isNamed(id):
		case c.last() == nil || c.last().card() != nil:
			return c
		case gone == nil:
			gone = c
		}
	}
	return gone
}

// isNamed reports whether c is listed with an identifier, or was last reported with it.
func (c *card) isNamed(id string) bool {
	a := c.last()
	return c.expected == id || strings.EqualFold(c.reported(), id) || a != nil && a.item != nil && a.item.ServiceNumber == id
}

// nextQuery returns when a scrape queries c again; a time long past if it has no answer.
func (c *card) nextQuery() time.Time {
	q, a := c.quarantine.Load(), c.last()
	switch {
	case q.quarantined():
		return q.until
	case a == nil || a.otherAccount:
		return time.Unix(0, 0)
	default:
		return a.came.Time().Add(c.batch.group.MaxAge)
	}
}

// addTrouble adds what keeps c from being answered, if anything does.
func (r *refresher) addTrouble(c *card, p *pages.Card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := c.batch
	p.PlatformDown, p.LiveDown = r.way(b.group).breaker.Open(), r.ways[true].breaker.Open()
	p.BatchError, p.Refreshing = words(r.failure(b, wallClock())), b.refresh != nil
}

// attempts returns the last requests for the batch of c, the latest first.
func (r *refresher) attempts(c *card) (all []pages.Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range c.batch.history {
		all = append(all, pages.Attempt{
			At: a.at.Time(), Duration: a.duration, Cards: len(a.queried), This: a.queriedCard(c),
			Answered: a.answered, Outcome: pages.Outcomes()[a.outcome], Words: a.words, Purpose: pages.Purposes()[a.purpose],
		})
	}
	return all
}

// reported returns the identifier that the platform reports beside the one that c is
// queried by; "" if there is none.
func (c *card) reported() string {
	a := c.last()
	if a == nil || a.item == nil {
		return ""
	}
	return c.beside(a.item)
}

// page returns what there is to show of c, whose state at one moment is s.
func (c *card) page(s cardState) pages.Card {
	b, g := c.batch, c.batch.group
	f := g.fleet
	p := pages.Card{
		ID: c.id, ByIMEI: b.kind == byIMEI, Expected: c.expected,
		Group: g.Name, Live: g.Live, MaxAge: g.MaxAge, ServedFor: g.MaxAge + g.StaleIfError,
		Shard: f.settings.Shard.page(), Batch: b.number, Batches: len(g.batches), BatchCards: len(b.cards),
		State: s.State, Problems: s.Problems, NotInUse: s.first.notInUse(), Scraped: platform.Instant(g.scraped.Load()).Time(),
	}
	for _, column := range f.columns {
		if value, isLabel := column.valueOf(c); value != "" {
			p.Labels = append(p.Labels, pages.Label{Name: column.Name, Value: value, Header: column.Header, Contact: !isLabel})
		}
	}
	if at := f.places[c.position]; at != 0 && f.settings.PlaceText != nil {
		p.Place = f.settings.PlaceText(at)
	}
	for _, mention := range []*card{c, s.first, s.second} {
		if mention == nil || p.Refusal != nil {
			continue
		}
		if q := mention.quarantine.Load(); q.quarantined() {
			p.Refusal = &pages.Refusal{Since: q.since, Until: q.until, Refused: q.outcome == refused, Unreadable: q.outcome == incomplete, Words: q.words}
		}
	}
	if a := s.answer; a != nil {
		p.Answer = &pages.Answer{
			At: s.came.Time(), About: a.about.Time(), Since: a.statusSince(),
			Served: s.served, Stale: !s.fresh, Card: a.card(), Invalid: a.invalid(),
		}
	}
	f.refresher.addTrouble(c, &p)
	return p
}

func (s Shard) page() pages.Shard { return pages.Shard{Index: s.Index, Count: max(s.Count, 1)} }
