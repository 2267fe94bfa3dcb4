package collector

import (
	"cmp"
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
	asked   int           // requests that it takes to ask for all cards
	failed  int           // of these, those without a fresh answer
	oldest  time.Time     // of the last answers of its cards; zero if there are none
	refresh time.Duration // until the last batch that was due had an answer, or was given up
	refused []string      // cards that the platform refuses
	err     error         // of one of the failed batches
}

// cardRow is a card that there is an answer for.
type cardRow struct {
	*answer
	by          kind
	imei, iccid string
	expected    string // IMEI of the device that the card should sit in, if known
	group       string
	labels      []string
}

// newSnapshot takes what the groups of rows serve to a scrape that began at
// start.
func newSnapshot(rows []groupRow, labelNames []string, start time.Time) *Snapshot {
	n := 0
	for _, row := range rows {
		n += row.cards
	}
	s := &Snapshot{
		groups: rows,
		info:   infoDesc(labelNames),
		cards:  make([]cardRow, 0, n),
	}
	index := make(map[string]int, n)
	for i := range rows {
		row := &rows[i]
		for _, b := range row.batches {
			s.serve(row, b, index, start)
		}
	}
	// In the order of the exposition, the cards are sorted once here and not
	// again for each metric.
	slices.SortFunc(s.cards, func(a, b cardRow) int {
		return cmp.Or(strings.Compare(a.iccid, b.iccid), strings.Compare(a.imei, b.imei))
	})
	return s
}

// serve adds what there is of b. Cards are found again by index.
func (s *Snapshot) serve(row *groupRow, b *batch, index map[string]int, start time.Time) {
	parts, horizon := b.serve(row.since(start))
	row.asked += len(parts)
	served := horizon
	if old := start.Add(-row.StaleIfError); old.Before(served) {
		served = old
	}
	for _, p := range parts {
		if p.oldest().Before(horizon) {
			row.failed++
		}
		for _, m := range p.members {
			if p.alone {
				row.refused = append(row.refused, m.id)
			}
			a := m.answer.Load()
			if a == nil {
				continue
			}
			if row.oldest.IsZero() || a.at.Before(row.oldest) {
				row.oldest = a.at
			}
			if !a.at.Before(served) {
				s.add(index, newCardRow(row.Name, b.kind, m, a))
			}
		}
	}
}

func newCardRow(group string, k kind, m member, a *answer) cardRow {
	row := cardRow{answer: a, by: k, expected: m.expected, group: group, labels: m.labels}
	switch {
	case row.state == found:
		row.imei, row.iccid = row.card.IMEI, row.card.ICCID
	case k == byIMEI:
		row.imei = m.id
	default:
		row.iccid = m.id
	}
	return row
}

// add appends row. If the card is there already, reached by another way, the
// younger answer wins; group and labels stay those of the first way, so that
// the series do not change from scrape to scrape. A card is its ICCID, unless
// that is not known, or the platform gives it for two IMEIs that were asked for.
func (s *Snapshot) add(index map[string]int, row cardRow) {
	if row.state == unreadable {
		return
	}
	key := strings.ToUpper(row.iccid)
	if key == "" {
		key = "imei " + row.imei
	}
	i, there := index[key]
	if there && row.by == byIMEI && s.cards[i].by == byIMEI && row.imei != s.cards[i].imei {
		key += " " + row.imei
		i, there = index[key]
	}
	if !there {
		index[key] = len(s.cards)
		s.cards = append(s.cards, row)
		return
	}
	first := &s.cards[i]
	first.expected = cmp.Or(first.expected, row.expected)
	if row.at.After(first.at) {
		first.answer, first.imei, first.iccid = row.answer, row.imei, row.iccid
	}
}

// maxLogged bounds how many refused cards a log line names.
const maxLogged = 20

// log writes a line for each group that is not whole.
func (s *Snapshot) log(logger *slog.Logger) {
	for _, g := range s.groups {
		if g.failed == 0 {
			continue
		}
		args := []any{"group", g.Name, "batches", g.asked, "batches_failed", g.failed, "err", g.err}
		if n := len(g.refused); n > 0 {
			args = append(args, "cards_refused", n, "refused", strings.Join(g.refused[:min(n, maxLogged)], ","))
		}
		logger.Warn("scrape incomplete", args...)
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
		labels := prometheus.MakeLabelPairs(groupMetrics[0].desc, []string{g.Name})
		for _, m := range groupMetrics {
			if value, ok := m.value(g); ok {
				metrics <- newGauge(m.desc, labels, value)
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
		info := append([]string{c.imei, c.iccid, c.card.ServiceNumber, c.group}, c.labels...)
		metrics <- newGauge(s.info, prometheus.MakeLabelPairs(s.info, info), 1)
	}
}
