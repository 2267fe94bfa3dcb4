package collector

import (
	"cmp"
	"errors"
	"time"

	"simcard_exporter/collector/exposition"
)

// errUnanswered is why a batch counts as failed if its last refresh did not fail.
var errUnanswered = errors.New("some cards have no answer, or none that is young enough to be served")

// newSnapshot returns what a scrape of f that began at start serves, and logs a line
// for each group with failed batches. It changes neither f nor groups. A snapshot that
// is not needed any more can be released.
func (c *Collector) newSnapshot(f *fleet, groups []*groupScrape, start time.Time) *exposition.Snapshot {
	s := &snapshotBuilder{fleet: f, start: start, now: wallClock()}
	if rows, ok := c.rows.Get().(*[]exposition.Card); ok {
		s.Reuse(*rows)
	}
	cards := 0
	for _, g := range groups {
		cards += g.shardCards
	}
	s.Grow(cards)
	for _, g := range groups {
		row := exposition.Group{
			Name: g.Name, Cards: g.shardCards, ConfiguredCards: g.configuredCards,
			Batches: len(g.batches), RefreshDuration: g.waited, Requests: g.requests.Load(),
		}
		var err error
		for i, b := range g.batches {
			if complete := s.addBatch(b, &row); !complete || g.errs[i] != nil {
				row.BatchesFailed++
				err = cmp.Or(g.errs[i], err, errUnanswered)
			}
		}
		if err != nil {
			c.logger.Warn("scrape incomplete", "group", g.Name, "batches", row.Batches, "batches_failed", row.BatchesFailed, "err", err)
		}
		s.AddGroup(row)
	}
	return s.Snapshot(f.settings.LabelNames)
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
	exposition.Builder
	fleet *fleet
	start time.Time // of the scrape
	now   time.Time // end of the scrape
}

// addBatch adds the cards of b, counts their states in row, and lowers row.Oldest to
// the time of their oldest answer outside quarantine. It reports whether every card
// is served or in quarantine, and none beyond the bound.
func (s *snapshotBuilder) addBatch(b *batch, row *exposition.Group) (complete bool) {
	complete = true
	for _, c := range b.cards {
		a, q := c.answer.Load(), c.quarantine.Load()
		quarantined := q.refused()
		if a != nil && !quarantined && (row.Oldest.IsZero() || a.at.Before(row.Oldest)) {
			row.Oldest = a.at
		}
		served := b.group.serves(a, s.start, s.now)
		card := c.row(a, served, quarantined)
		row.States.Add(card.States(s.now))
		if served || quarantined {
			s.addCard(c, card, a)
		}
		complete = complete && (quarantined || served && !q.quarantined())
	}
	return complete
}

// serves reports whether an answer, which may be nil, is young enough for a scrape from
// start to now. If the clock was set back, an answer is from the future. It may be as far
// from now as one from the past.
func (g *group) serves(a *answer, start, now time.Time) bool {
	maxAge := g.MaxAge + g.StaleIfError
	return a != nil && !a.at.Before(start.Add(-maxAge)) && !a.at.After(now.Add(maxAge))
}

// row is what is known about c. The identifiers are those of its answer, even if that
// is too old to be served.
func (c *card) row(a *answer, served, quarantined bool) exposition.Card {
	row := exposition.Card{Expected: c.expected, Refused: quarantined, Answered: served}
	switch {
	case a != nil && a.card != nil:
		row.IMEI, row.ICCID = a.card.IMEI, a.card.ICCID
	case c.batch.kind == byIMEI:
		row.IMEI = c.id
	default:
		row.ICCID = c.id
	}
	if served {
		row.Known = a.card
	}
	return row
}

// addCard adds the row of c. Group and labels are those of the first mention of
// either identifier in the configuration. Only if both are configured, as two cards,
// another row may have the same.
func (s *snapshotBuilder) addCard(c *card, row exposition.Card, a *answer) {
	owner, repeated := c, false
	for _, id := range []*string{&row.IMEI, &row.ICCID} {
		other := s.fleet.card(*id)
		if other == nil {
			continue
		}
		*id = other.id // the platform may change the case of letters
		repeated = repeated || other != c
		if other.position < owner.position {
			owner = other
		}
	}
	row.Group, row.Labels = owner.batch.group.Name, owner.labels
	if !repeated {
		s.AddCard(row)
		return
	}
	var at time.Time
	if row.Answered {
		at = a.at
	}
	s.MergeCard(row, at)
}
