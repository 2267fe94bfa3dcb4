package collector

import (
	"cmp"
	"math"
	"slices"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// urgency ranks a card in a list; the most urgent is the lowest.
type urgency struct {
	class    int
	expires  platform.Instant // the last of all if that is unknown
	position int              // among the cards of the list
}

func (s *cardState) urgency(position int) urgency {
	u := urgency{class: 2 * int(s.State), expires: math.MaxInt64, position: position}
	if k := s.Known; s.State == problem.OK && k != nil && (k.Status == nil || k.Balance == nil) { // unreadable
		u.class--
	}
	if expires := s.expires(); expires != 0 {
		u.expires = expires
	}
	return u
}

func (u urgency) compare(v urgency) int {
	return cmp.Or(cmp.Compare(u.class, v.class), cmp.Compare(u.expires, v.expires), cmp.Compare(u.position, v.position))
}

// urgent keeps the most urgent of any number of cards. The zero value has none.
type urgent struct {
	total int
	top   []ranked // at most twice pages.MaxRows
}

// ranked is a card among the most urgent ones.
type ranked struct {
	card    *card
	state   cardState
	urgency urgency
}

func (u *urgent) add(c *card, s cardState) {
	of := s.urgency(u.total)
	isRanked := u.total >= 2*pages.MaxRows // then top begins with pages.MaxRows cards in order
	u.total++
	if isRanked && of.compare(u.top[pages.MaxRows-1].urgency) > 0 {
		return
	}
	if u.top = append(u.top, ranked{c, s, of}); len(u.top) == 2*pages.MaxRows {
		u.rank()
	}
}

func (u *urgent) rank() {
	slices.SortFunc(u.top, func(a, b ranked) int { return a.urgency.compare(b.urgency) })
	u.top = u.top[:min(len(u.top), pages.MaxRows)]
}

// cards returns the cards that are kept, the most urgent first.
func (u *urgent) cards() (cards []pages.Card) {
	u.rank()
	for _, r := range u.top {
		cards = append(cards, r.card.page(r.state))
	}
	return cards
}
