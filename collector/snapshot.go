package collector

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Snapshot is what one scrape serves. It is a prometheus.Collector that has
// everything at hand, and never emits the same series twice.
type Snapshot struct {
	groups []groupRow
	cards  []cardRow
	info   *prometheus.Desc
}

// groupRow is a group at the end of a scrape.
type groupRow struct {
	*group
	errs    []error       // of the last refresh of each batch
	refresh time.Duration // until the last batch that was due had an answer, or the scrape ended
	failed  int           // batches whose last refresh failed, or that miss an answer
	oldest  time.Time     // of the last answers of its cards outside quarantine; zero if there are none
	err     error         // of one of the failed batches
}

// cardRow is a card that there is something to say about.
type cardRow struct {
	*answer            // nil if there is none that may be served
	imei, iccid string // as the platform has them, or the one that is configured
	expected    string // IMEI of the device that the card should sit in, if known
	refused     bool
	owner       *card // whose group and labels are the card's
}

// errUnanswered is a batch that has not failed, but misses an answer.
var errUnanswered = errors.New("some cards have no answer yet")

// newSnapshot takes what the groups of rows serve to a scrape that began at
// start. It changes nothing.
func newSnapshot(f *fleet, rows []groupRow, start time.Time) *Snapshot {
	s := &Snapshot{groups: rows, info: infoDesc(f.settings.LabelNames)}
	n := 0
	for _, row := range rows {
		n += row.cards
	}
	s.cards = make([]cardRow, 0, n)
	index := make(map[[2]string]int, n)
	now := wallClock()
	for i := range rows {
		row := &rows[i]
		bound := row.MaxAge + row.StaleIfError
		for j, b := range row.batches {
			err := row.errs[j]
			for _, c := range b.cards {
				a, quarantined := c.answer.Load(), c.quarantined()
				// An answer from the future is of a clock that was set back.
				served := a != nil && !a.at.Before(start.Add(-bound)) && !a.at.After(now.Add(bound))
				if !served && !quarantined {
					err = cmp.Or(err, errUnanswered)
				}
				if a != nil && !quarantined && (row.oldest.IsZero() || a.at.Before(row.oldest)) {
					row.oldest = a.at
				}
				if !served {
					a = nil
				}
				if served || quarantined {
					s.add(index, f.row(c, a, quarantined))
				}
			}
			if err != nil {
				row.failed++
				row.err = err
			}
		}
	}
	// In the order of the exposition, the cards are sorted once here and not
	// again for each metric.
	slices.SortFunc(s.cards, func(a, b cardRow) int {
		return cmp.Or(strings.Compare(a.iccid, b.iccid), strings.Compare(a.imei, b.imei))
	})
	return s
}

// row says what is known of c. Group and labels are those of the first mention
// of either identifier in the configuration, whatever was answered.
func (f *fleet) row(c *card, a *answer, refused bool) cardRow {
	row := cardRow{answer: a, expected: c.expected, refused: refused, owner: c}
	switch {
	case row.found():
		row.imei, row.iccid = a.card.IMEI, a.card.ICCID
	case c.batch.kind == byIMEI:
		row.imei = c.id
	default:
		row.iccid = c.id
	}
	for _, id := range []*string{&row.imei, &row.iccid} {
		if other := f.card(*id); other != nil {
			*id = other.id // the platform may change the case of letters
			if other.position < row.owner.position {
				row.owner = other
			}
		}
	}
	return row
}

// found reports whether the platform knows the card.
func (c cardRow) found() bool { return c.answer != nil && c.card != nil }

// add appends row. If there is one with the same labels, reached by another way,
// they are merged: found beats unknown, then the younger answer wins.
func (s *Snapshot) add(index map[[2]string]int, row cardRow) {
	key := [2]string{row.imei, row.iccid}
	i, there := index[key]
	if !there {
		index[key] = len(s.cards)
		s.cards = append(s.cards, row)
		return
	}
	first := &s.cards[i]
	first.expected = cmp.Or(first.expected, row.expected)
	first.refused = first.refused || row.refused
	switch {
	case row.answer == nil:
	case first.answer == nil, row.found() && !first.found(), row.found() == first.found() && row.at.After(first.at):
		first.answer = row.answer
	}
}

// log writes a line for each group that is not whole.
func (s *Snapshot) log(logger *slog.Logger) {
	for _, g := range s.groups {
		if g.failed > 0 {
			logger.Warn("scrape incomplete", "group", g.Name, "batches", len(g.batches), "batches_failed", g.failed, "err", g.err)
		}
	}
}

// Describe implements prometheus.Collector.
func (s *Snapshot) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range groupMetrics {
		descs <- m.desc
	}
	for _, m := range cardMetrics {
		descs <- m.desc
	}
	descs <- s.info
}

// Collect implements prometheus.Collector.
func (s *Snapshot) Collect(metrics chan<- prometheus.Metric) {
	for _, g := range s.groups {
		for _, m := range groupMetrics {
			if value, ok := m.value(g); ok {
				metrics <- prometheus.MustNewConstMetric(m.desc, m.kind, value, g.Name)
			}
		}
	}
	for _, c := range s.cards {
		labels := prometheus.MakeLabelPairs(cardMetrics[0].desc, []string{c.imei, c.iccid})
		for _, m := range cardMetrics {
			if value, ok := m.value(c); ok {
				metrics <- newGauge(m.desc, labels, value)
			}
		}
		info := append([]string{c.imei, c.iccid, c.serviceNumber(), c.owner.batch.group.Name}, c.owner.labels...)
		metrics <- newGauge(s.info, prometheus.MakeLabelPairs(s.info, info), 1)
	}
}
