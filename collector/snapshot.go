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
	s := &exposition.Snapshot{LabelNames: f.settings.LabelNames}
	rows := &rows{fleet: f, index: make(map[[2]string]int, len(f.cards)), start: start, now: wallClock()}
	for _, g := range groups {
		row := exposition.Group{
			Name: g.Name, Cards: g.cards, ConfiguredCards: g.configured,
			Batches: len(g.batches), RefreshDuration: g.took, Requests: g.requests.Load(),
		}
		var err error
		for i, b := range g.batches {
			whole := rows.addBatch(b, &row.Oldest)
			if g.errs[i] != nil || !whole {
				row.BatchesFailed++
				err = cmp.Or(g.errs[i], err, errUnanswered)
			}
		}
		if row.BatchesFailed > 0 {
			logger.Warn("scrape incomplete", "group", g.Name, "batches", row.Batches, "batches_failed", row.BatchesFailed, "err", err)
		}
		s.Groups = append(s.Groups, row)
	}
	s.Cards = rows.cards
	s.Sort()
	return s
}

// rows are cards by the labels that they are exposed with.
type rows struct {
	fleet *fleet
	start time.Time // of the scrape
	now   time.Time
	cards []exposition.Card
	at    []time.Time       // of the answers of cards
	index map[[2]string]int // into both, by IMEI and ICCID
}

// addBatch adds the cards of b, and lowers oldest to the time of their oldest
// answer. It reports whether every card outside quarantine is served.
func (r *rows) addBatch(b *batch, oldest *time.Time) (whole bool) {
	bound := b.group.MaxAge + b.group.StaleIfError
	whole = true
	for _, c := range b.cards {
		a, quarantined := c.answer.Load(), c.quarantined()
		if a != nil && !quarantined && (oldest.IsZero() || a.at.Before(*oldest)) {
			*oldest = a.at
		}
		// An answer from the future is of a clock that was set back.
		served := a != nil && !a.at.Before(r.start.Add(-bound)) && !a.at.After(r.now.Add(bound))
		if served || quarantined {
			r.add(c, a, served, quarantined)
		}
		whole = whole && (served || quarantined)
	}
	return whole
}

// add adds what is known of c. Group and labels are those of the first mention
// of either identifier in the configuration, whatever was answered. An answer a
// that is too old to be served still names the card.
func (r *rows) add(c *card, a *answer, served, refused bool) {
	row := exposition.Card{Expected: c.expected, Refused: refused}
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
		if other := r.fleet.card(*id); other != nil {
			*id = other.id // the platform may change the case of letters
			if other.position < owner.position {
				owner = other
			}
		}
	}
	row.Group, row.Labels = owner.batch.group.Name, owner.labels
	var at time.Time
	if served {
		row.Answered, row.Known, at = true, a.card, a.at
	}
	r.merge(row, at)
}

// merge appends row. If there is one with the same labels, reached by another
// way, found beats unknown, and then the younger answer wins.
func (r *rows) merge(row exposition.Card, at time.Time) {
	key := [2]string{row.IMEI, row.ICCID}
	i, there := r.index[key]
	if !there {
		r.index[key] = len(r.cards)
		r.cards, r.at = append(r.cards, row), append(r.at, at)
		return
	}
	first := &r.cards[i]
	first.Expected = cmp.Or(first.Expected, row.Expected)
	first.Refused = first.Refused || row.Refused
	found, younger := row.Known != nil, at.After(r.at[i])
	if row.Answered && (found && first.Known == nil || found == (first.Known != nil) && younger) {
		first.Answered, first.Known, r.at[i] = true, row.Known, at
	}
}
