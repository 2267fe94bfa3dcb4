package collector

import (
	"cmp"
	"context"
	"maps"
	"math/bits"
	"slices"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// Digest implements [pages.Source].
func (s *source) Digest(ctx context.Context) (pages.Digest, error) {
	find := s.finder(pages.Query{})
	parts := make(map[part]*urgent)
	cards := 0
	for c, state := range find.all(ctx) {
		cards++
		of, isTrouble := partOf(state, find.fleet.settings.Location)
		if !isTrouble {
			continue
		}
		if parts[of] == nil {
			parts[of] = new(urgent)
		}
		parts[of].add(c, state)
	}
	d := pages.Digest{Cards: cards}
	for _, of := range slices.SortedFunc(maps.Keys(parts), part.compare) {
		u := parts[of]
		d.Parts = append(d.Parts, pages.Part{State: of.state, Problem: of.problem, Week: of.week.Time(), Total: u.total, Cards: u.cards()})
	}
	return d, ctx.Err()
}

// part is what the cards of a part of the digest have in common.
type part struct {
	state   problem.State
	problem problem.Problem  // the worst, of cards that need attention
	week    platform.Instant // when the week begins in which they expire, of cards that are expiring
}

// partOf returns the part that a card is in. Each is in one at most.
func partOf(s cardState, zone *time.Location) (p part, isTrouble bool) {
	switch p.state = s.State; s.State {
	case problem.OK, problem.NotInUse:
		return p, false
	case problem.Attention:
		p.problem = problem.Problem(bits.TrailingZeros16(uint16(s.Problems)))
	}
	if p.problem == problem.Expiring {
		p.week = mondayOf(s.Known.Expires.Time().In(zone))
	}
	return p, true
}

// mondayOf returns when the week of a time begins, in its zone.
func mondayOf(t time.Time) platform.Instant {
	y, m, d := t.Date()
	return platform.InstantOf(time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location()))
}

func (p part) compare(q part) int {
	return cmp.Or(cmp.Compare(p.state, q.state), cmp.Compare(p.problem, q.problem), cmp.Compare(p.week, q.week))
}
