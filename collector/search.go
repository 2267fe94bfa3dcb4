package collector

import (
	"context"
	"iter"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// Search implements [pages.Source].
func (s *source) Search(ctx context.Context, q pages.Query) (pages.Found, error) {
	find := s.finder(q)
	var found urgent
	for c, s := range find.all(ctx) {
		found.add(c, s)
	}
	if ctx.Err() != nil {
		return pages.Found{}, ctx.Err()
	}
	page := pages.Found{Cards: found.cards(), Total: found.total, ByLabel: find.byLabel && q.Text != "", Columns: find.fleet.pageColumns()}
	for _, g := range find.fleet.groups {
		page.Groups = append(page.Groups, g.Name)
	}
	return page, nil
}

// All implements [pages.Source].
func (s *source) All(ctx context.Context, q pages.Query) ([]pages.Column, iter.Seq[pages.Card]) {
	find := s.finder(q)
	return find.fleet.pageColumns(), func(yield func(pages.Card) bool) {
		for c, s := range find.all(ctx) {
			if !yield(c.page(s)) {
				return
			}
		}
	}
}

// finder finds the cards of a query at one moment.
type finder struct {
	fleet   *fleet
	query   pages.Query
	now     time.Time
	state   problem.State    // that they are in, unless query.State is ""
	problem problem.Set      // of the problem that they have, unless query.Problem is ""
	from    platform.Instant // the card expires then or later, but before the end; no end is any
	end     platform.Instant

	readings []reading // of the text
	reading            // the one that all has come to
}

func (s *source) finder(q pages.Query) *finder {
	return &finder{
		fleet: s.collector.fleet.Load(), query: q, now: wallClock(), state: problem.StateOf(q.State), problem: problem.SetOf(q.Problem),
		from: platform.InstantOf(q.From), end: platform.InstantOf(q.Until), readings: newReadings(q.Text, q.Labels),
	}
}

// all yields the cards that the first reading of the text finds that finds any, in the order of
// the fleet, until ctx is done.
func (find *finder) all(ctx context.Context) iter.Seq2[*card, cardState] {
	return func(yield func(*card, cardState) bool) {
		for _, find.reading = range find.readings {
			found := false
			for c, s := range find.byReading(ctx) {
				if found = true; !yield(c, s) {
					return
				}
			}
			if found {
				return
			}
		}
	}
}

// checkEvery is the number of batches after which a search looks whether anybody still
// waits for it.
const checkEvery = 256

// byReading yields the cards that the reading finds.
func (find *finder) byReading(ctx context.Context) iter.Seq2[*card, cardState] {
	return func(yield func(*card, cardState) bool) {
		for _, g := range find.fleet.groups {
			if find.query.Group != "" && g.Name != find.query.Group {
				continue
			}
			for n, b := range g.batches {
				if n%checkEvery == 0 && ctx.Err() != nil {
					return
				}
				for _, c := range b.cards {
					if s, found := find.card(c); found && !yield(c, s) {
						return
					}
				}
			}
		}
	}
}

// card reports whether a card is found, and how it is.
func (find *finder) card(c *card) (s cardState, found bool) {
	if find.query.Text != "" && !find.matches(c) {
		return s, false
	}
	s = c.stateAt(find.now)
	q := find.query
	return s, (q.State == "" || s.State == find.state) && (q.Problem == "" || s.Problems&find.problem != 0) && (find.end == 0 || find.expires(&s))
}

// expires reports whether a card expires in the time in question. One that is not in use
// needs no renewal.
func (find *finder) expires(s *cardState) bool {
	return s.expires() >= find.from && s.expires() < find.end && s.expires() != 0 && (s.State != problem.NotInUse || find.query.State != "")
}
