package collector

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"simcard_exporter/collector/exposition"
)

// errUnanswered is why a batch counts as failed if its last refresh did not fail.
var errUnanswered = errors.New("some cards have no answer, or none that is young enough to be served")

// newSnapshot returns what a scrape of f that began at start serves, and logs a line
// for each group with failed batches. It changes neither f nor groups.
func newSnapshot(f *fleet, groups []*groupScrape, start time.Time, logger *slog.Logger) *exposition.Snapshot {
	s := &snapshotBuilder{fleet: f, start: start, now: wallClock()}
	for _, g := range groups {
		row := exposition.Group{
			Name: g.Name, Cards: g.shardCards, ConfiguredCards: g.configuredCards,
			Batches: len(g.batches), RefreshDuration: g.waited, Requests: g.requests.Load(),
		}
		var err error
		for i, b := range g.batches {
			if complete := s.addBatch(b, &row.Oldest); !complete || g.errs[i] != nil {
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

// snapshotBuilder builds the snapshot of one scrape.
type snapshotBuilder struct {
	exposition.Builder
	fleet *fleet
	start time.Time // of the scrape
	now   time.Time // end of the scrape
}

// addBatch adds the cards of b, and lowers oldest to the time of their oldest
// answer outside quarantine. It reports whether every card is served or in
// quarantine.
func (s *snapshotBuilder) addBatch(b *batch, oldest *time.Time) (complete bool) {
	maxServedAge := b.group.MaxAge + b.group.StaleIfError
	complete = true
	for _, c := range b.cards {
		a, quarantined := c.answer.Load(), c.quarantined()
		if a != nil && !quarantined && (oldest.IsZero() || a.at.Before(*oldest)) {
			*oldest = a.at
		}
		// If the clock was set back, an answer is from the future. It may be as
		// far from now as one from the past.
		served := a != nil && !a.at.Before(s.start.Add(-maxServedAge)) && !a.at.After(s.now.Add(maxServedAge))
		if served || quarantined {
			s.addCard(c, a, served, quarantined)
		}
		complete = complete && (served || quarantined)
	}
	return complete
}

// addCard adds what is known about c. The identifiers are those of its answer, even
// if that is too old to be served. Group and labels are those of the first mention of
// either identifier in the configuration.
func (s *snapshotBuilder) addCard(c *card, a *answer, served, quarantined bool) {
	row := exposition.Card{Expected: c.expected, Refused: quarantined, Answered: served}
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
