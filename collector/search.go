package collector

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/problem"
)

// Search implements [pages.Source].
func (s *source) Search(ctx context.Context, q pages.Query) (pages.Found, error) {
	find := s.finder(ctx, q)
	top, total := find.top(ctx)
	if ctx.Err() != nil {
		return pages.Found{}, ctx.Err()
	}
	found := pages.Found{Total: total, ByLabel: find.byLabel}
	for _, g := range find.fleet.groups {
		found.Groups = append(found.Groups, g.Name)
	}
	for _, t := range top {
		found.Cards = append(found.Cards, t.card.page(t.state))
	}
	return found, nil
}

// All implements [pages.Source].
func (s *source) All(ctx context.Context, q pages.Query) ([]string, iter.Seq[pages.Card]) {
	find := s.finder(ctx, q)
	return find.fleet.settings.LabelNames, func(yield func(pages.Card) bool) {
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
	state   problem.State // that they are in, unless query.State is ""
	problem problem.Set   // of the problem that they have, unless query.Problem is ""
	byLabel bool          // by a part of a label's value; otherwise by the end of an identifier
	lower   string        // the text in lower case, if that differs from other cases; "" if not
}

// maxIdentifier is the length of the longest identifier, an ICCID.
const maxIdentifier = 20

func newFinder(f *fleet, q pages.Query) *finder {
	find := &finder{fleet: f, query: q, now: wallClock(), state: problem.StateOf(q.State), problem: problem.SetOf(q.Problem)}
	find.byLabel = q.Labels || len(q.Text) > maxIdentifier || strings.ContainsFunc(q.Text, notAlphanumeric)
	if lower := strings.ToLower(q.Text); lower != strings.ToUpper(q.Text) {
		find.lower = lower
	}
	return find
}

func notAlphanumeric(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// finder returns a finder, by labels if the text is the end of no identifier.
func (s *source) finder(ctx context.Context, q pages.Query) *finder {
	find := newFinder(s.collector.fleet.Load(), q)
	for range find.all(ctx) {
		return find
	}
	find.byLabel = find.byLabel || q.Text != ""
	return find
}

// checkEvery is the number of batches after which a search looks whether anybody still
// waits for it.
const checkEvery = 256

// all yields the cards that are found, in the order of the fleet, until ctx is done.
func (find *finder) all(ctx context.Context) iter.Seq2[*card, cardState] {
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
	if !find.matches(c) {
		return s, false
	}
	s = c.stateAt(find.now)
	q := find.query
	return s, (q.State == "" || s.State == find.state) && (q.Problem == "" || s.Problems&find.problem != 0)
}

func (find *finder) matches(c *card) bool {
	text := find.query.Text
	switch {
	case text == "":
		return true
	case find.byLabel:
		return slices.ContainsFunc(c.labels, func(value string) bool {
			return strings.Contains(value, text) || find.lower != "" && strings.Contains(strings.ToLower(value), find.lower)
		})
	default:
		return endsIn(c.id, text) || endsIn(c.expected, text) || endsIn(c.reported(), text)
	}
}

// endsIn reports whether an identifier ends in text, in any case of its letters.
func endsIn(identifier, text string) bool {
	return len(identifier) >= len(text) && strings.EqualFold(identifier[len(identifier)-len(text):], text)
}

// ranked is a card in the list of the most urgent ones.
type ranked struct {
	card    *card
	state   cardState
	urgency urgency
}

// top returns the most urgent of the cards that are found, and how many there are.
func (find *finder) top(ctx context.Context) (top []ranked, total int) {
	full := false // top begins with MaxRows cards in order
	rank := func() {
		full = len(top) >= pages.MaxRows
		slices.SortFunc(top, func(a, b ranked) int { return a.urgency.compare(b.urgency) })
		top = top[:min(len(top), pages.MaxRows)]
	}
	for c, s := range find.all(ctx) {
		u := s.urgency(total)
		total++
		if full && u.compare(top[pages.MaxRows-1].urgency) > 0 {
			continue
		}
		if top = append(top, ranked{c, s, u}); len(top) == 2*pages.MaxRows {
			rank()
		}
	}
	rank()
	return top, total
}
