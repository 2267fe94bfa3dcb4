package collector

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// errUnanswered is why a batch counts as failed if its last refresh did not fail.
var errUnanswered = errors.New("some cards have no answer, or none that is young enough to be served")

// newSnapshot returns what a scrape of f that began at start serves, and logs what is wrong
// with groups. A snapshot that is not needed any more can be released.
func (c *Collector) newSnapshot(f *fleet, groups []*groupScrape, start time.Time) *exposition.Snapshot {
	s := &snapshotBuilder{Snapshot: exposition.Snapshot{LabelNames: f.settings.LabelNames}, start: start, now: wallClock()}
	if rows, ok := c.rows.Get().(*[]exposition.Card); ok {
		s.Cards = (*rows)[:0]
	}
	cards := 0
	for _, g := range groups {
		cards += g.shardCards
	}
	s.Cards = slices.Grow(s.Cards, cards)
	if len(f.kinds) > 1 {
		s.alone = make([]bool, len(f.cards))
	}
	for _, g := range groups {
		row := exposition.Group{
			Name: g.Name, Cards: g.shardCards, ConfiguredCards: g.configuredCards, InvalidRows: g.InvalidRows,
			Batches: len(g.batches), Waited: g.waited, Requests: g.requests.Load(),
		}
		var err error
		for i, b := range g.batches {
			if complete := s.addBatch(b, &row); !complete || g.errs[i] != nil {
				row.BatchesFailed++
				err = cmp.Or(g.errs[i], err, errUnanswered)
			}
		}
		g.incomplete.log(c.logger, &row, err, start)
		if row.ManyExpire() && g.warned.CompareAndSwap(false, true) {
			c.logger.Warn("more than a quarter of the cards are expiring: expiring_within does not fit them, as when they are paid by the month",
				"group", g.Name, "expiring", row.Problems[problem.Expiring], "cards", row.Cards, "expiring_within", g.ExpiringWithin)
		}
		s.Groups = append(s.Groups, row)
	}
	return &s.Snapshot
}

// release keeps the rows of a snapshot for the next: those of 100,000 cards take
// 10 MB, and would be most of the garbage that there is. What a larger fleet needed,
// before a load, is not kept.
func (c *Collector) release(s *exposition.Snapshot) {
	if configured := len(c.fleet.Load().cards); cap(s.Cards) > 2*configured+1000 {
		return
	}
	clear(s.Cards) // which refer to answers
	c.rows.Put(&s.Cards)
}

// snapshotBuilder builds the snapshot of one scrape.
type snapshotBuilder struct {
	exposition.Snapshot
	start time.Time      // of the scrape
	now   time.Time      // end of the scrape
	pairs map[*card]view // of cards with two mentions, which both must see the same
	alone []bool         // by position, cards that were added with one mention; empty if all are listed by one kind
}

// view returns what is known about c.
func (s *snapshotBuilder) view(c *card) view {
	v, seen := s.pairs[c]
	if !seen {
		if v = c.view(s.now); v.second != nil {
			if s.pairs == nil {
				s.pairs = make(map[*card]view)
			}
			s.pairs[v.first], s.pairs[v.second] = v, v
		}
	}
	return v
}

// addBatch adds the cards of b, counts them in row, and lowers the times of row to those of
// the oldest answer and the oldest data outside quarantine. It reports whether every card is
// served or in quarantine, and none beyond the bound. A card with two mentions is added for
// the first one, and counted for both; its balance, once in a group.
func (s *snapshotBuilder) addBatch(b *batch, row *exposition.Group) (complete bool) {
	complete = true
	for _, c := range b.cards {
		v, q := s.view(c), c.quarantine.Load()
		if v.answer != nil && !q.refused() {
			row.OldestAnswer, row.OldestData = earliest(row.OldestAnswer, v.came), earliest(row.OldestData, v.answer.about)
		}
		served := b.group.serves(v.came, s.start, s.now)
		card := v.row(served, s.now)
		row.Add(card.State, card.Problems)
		if served {
			row.Served++
		}
		if card.Known != nil && card.Known.Balance != nil && (v.first == c || v.first.batch.group != b.group) {
			row.Balance, row.Balances = row.Balance+*card.Known.Balance, row.Balances+1
		}
		// An answer may name the other mention after that was added.
		if v.first == c && (v.second == nil || !s.alone[v.second.position]) && (served || v.refused()) {
			s.Cards = append(s.Cards, card)
			if len(s.alone) > 0 {
				s.alone[c.position] = v.second == nil
			}
		}
		complete = complete && (q.refused() || served && !q.quarantined())
	}
	return complete
}

// earliest returns the earlier of two times, of which 0 is none.
func earliest(a, b platform.Instant) platform.Instant {
	if a == 0 || b == 0 {
		return a + b
	}
	return min(a, b)
}

// serves reports whether a card whose last answer came at a time is served by a scrape
// from start to now. If the clock was set back, an answer is from the future. It may be as
// far from now as one from the past.
func (g *group) serves(came platform.Instant, start, now time.Time) bool {
	maxAge := g.MaxAge + g.StaleIfError
	return came != 0 && came >= platform.InstantOf(start.Add(-maxAge)) && came <= platform.InstantOf(now.Add(maxAge))
}

// row returns what a scrape that ends now says of a card. The identifiers are those that the
// platform last gave, even if that is too long ago to be served.
func (v view) row(served bool, now time.Time) exposition.Card {
	g := v.first.batch.group
	row := exposition.Card{Group: g.Name, Labels: v.first.labels}
	judged := problem.Card{
		Limits: g.Limits, NotInUse: v.first.notInUse(), Refused: v.refused(), Served: served, Now: platform.InstantOf(now),
	}
	if a := v.answer; a != nil {
		if a.item != nil {
			row.IMEI, row.ICCID = a.item.IMEI, a.item.ICCID
		}
		if served {
			row.Known = a.card()
		}
		judged.Item, judged.Invalid, judged.WasKnown, judged.WasDated = row.Known, a.invalid(), a.item != nil, v.wasDated
	}
	for _, c := range []*card{v.first, v.second} {
		if c == nil {
			continue
		}
		if c.batch.kind == byIMEI {
			row.IMEI = c.id
		} else {
			row.ICCID = c.id
		}
		judged.Expected = cmp.Or(judged.Expected, c.expected)
	}
	judged.IMEI = row.IMEI
	row.State, row.Problems = problem.Judge(&judged)
	return row
}

// refused reports whether a mention of the card is shown as in quarantine.
func (v view) refused() bool {
	return v.first.quarantine.Load().refused() || v.second != nil && v.second.quarantine.Load().refused()
}
