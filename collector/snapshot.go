package collector

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"simcard_exporter/collector/exposition"
)

// scraped is a group at the end of a scrape.
type scraped struct {
	*group
	errs []error       // of the last refresh of each batch
	took time.Duration // until the last batch that was due had an answer, or the scrape ended
}

// errUnanswered is a batch that has not failed, but misses an answer.
var errUnanswered = errors.New("some cards have no answer yet")

// newSnapshot takes what groups serve to a scrape of f that began at start, and
// logs a line for each group that is not whole. It changes nothing.
func newSnapshot(f *fleet, groups []scraped, start time.Time, logger *slog.Logger) *exposition.Snapshot {
	s := &snapshot{fleet: f, start: start, now: wallClock()}
	for _, g := range groups {
		row := exposition.Group{
			Name: g.Name, Cards: g.cards, ConfiguredCards: g.configured,
			Batches: len(g.batches), RefreshDuration: g.took, Requests: g.requests.Load(),
		}
		var err error
		for i, b := range g.batches {
			if whole := s.addBatch(b, &row.Oldest); !whole || g.errs[i] != nil {
				row.BatchesFailed++
				err = cmp.Or(g.errs[i], err, errUnanswered)
			}
		}
		if err != nil {
			logger.Warn("scrape incomplete", "group", g.Name, "batches", row.Batches, "batches_failed", row.BatchesFailed, "err", err)
		}
		s.AddGroup(row)
	}
	return s.Snapshot(f.settings.LabelNames)
}

// snapshot is one in the making.
type snapshot struct {
	exposition.Builder
	fleet      *fleet
	start, now time.Time // of the scrape
}

// addBatch adds the cards of b, and lowers oldest to the time of their oldest
// answer. It reports whether every card outside quarantine is served.
func (s *snapshot) addBatch(b *batch, oldest *time.Time) (whole bool) {
	bound := b.group.MaxAge + b.group.StaleIfError
	whole = true
	for _, c := range b.cards {
		a, quarantined := c.answer.Load(), c.quarantined()
		if a != nil && !quarantined && (oldest.IsZero() || a.at.Before(*oldest)) {
			*oldest = a.at
		}
		// An answer from the future is of a clock that was set back.
		served := a != nil && !a.at.Before(s.start.Add(-bound)) && !a.at.After(s.now.Add(bound))
		if served || quarantined {
			s.addCard(c, a, served, quarantined)
		}
		whole = whole && (served || quarantined)
	}
	return whole
}

// addCard adds what is known of c. Group and labels are those of the first
// mention of either identifier in the configuration, whatever was answered. An
// answer that is too old to be served still names the card.
func (s *snapshot) addCard(c *card, a *answer, served, refused bool) {
	row := exposition.Card{Expected: c.expected, Refused: refused, Answered: served}
	switch {
	case a != nil && a.card != nil:
		row.IMEI, row.ICCID = a.card.IMEI, a.card.ICCID
	case c.batch.kind == byIMEI:
		row.IMEI = c.id
	default:
		row.ICCID = c.id
	}
	owner := c
	for _, id := range []*string{&row.IMEI, &row.ICCID} {
		if other := s.fleet.card(*id); other != nil {
			*id = other.id // the platform may change the case of letters
			if other.position < owner.position {
				owner = other
			}
		}
	}
	row.Group, row.Labels = owner.batch.group.Name, owner.labels
	var at time.Time
	if served {
		row.Known, at = a.card, a.at
	}
	s.AddCard(row, at)
}
