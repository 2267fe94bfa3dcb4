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
	batches int           // requests that it takes to ask for all cards
	failed  int           // of these, those without a fresh answer
	oldest  time.Time     // of the last answers of its batches; zero if there are none
	refresh time.Duration // until the last batch that was due had an answer, or was given up
	err     error         // of one of the failed batches
}

// cardRow is a card that there is an answer for.
type cardRow struct {
	*answer
	imei, iccid string
	expected    string // IMEI of the device that the card should sit in, if known
	group       string
	labels      []string
}

// newSnapshot takes what groups serve to a scrape that began at start.
func newSnapshot(groups []*group, labelNames []string, start time.Time, outcomes []outcome) *Snapshot {
	s := &Snapshot{info: infoDesc(labelNames)}
	results := make(map[*group]outcome)
	for _, o := range outcomes {
		last := results[o.batch.group]
		last.elapsed = max(last.elapsed, o.elapsed)
		if last.err == nil {
			last.err = o.err
		}
		results[o.batch.group] = last
	}
	n := 0
	for _, g := range groups {
		n += g.cards
	}
	s.cards = make([]cardRow, 0, n)
	rows := make(map[[2]string]int, n) // index into s.cards, by IMEI and ICCID
	for _, g := range groups {
		row := groupRow{group: g, refresh: results[g].elapsed, err: results[g].err}
		for _, b := range g.batches {
			parts, stale, horizon := b.serve(g.since(start))
			row.batches += len(parts)
			row.failed += stale
			if old := start.Add(-g.StaleIfError); old.Before(horizon) {
				horizon = old
			}
			for _, p := range parts {
				if at := p.oldest(); !at.IsZero() && (row.oldest.IsZero() || at.Before(row.oldest)) {
					row.oldest = at
				}
				for _, m := range p.members {
					if a := m.answer.Load(); a != nil && !a.at.Before(horizon) {
						s.add(rows, newCardRow(b, m, a))
					}
				}
			}
		}
		s.groups = append(s.groups, row)
	}
	// In the order of the exposition, the cards are sorted once here and not
	// again for each metric.
	slices.SortFunc(s.cards, func(a, b cardRow) int {
		return cmp.Or(strings.Compare(a.iccid, b.iccid), strings.Compare(a.imei, b.imei))
	})
	return s
}

func newCardRow(b *batch, m member, a *answer) cardRow {
	row := cardRow{answer: a, expected: m.expected, group: b.group.Name, labels: m.labels}
	switch {
	case row.state == found:
		row.imei, row.iccid = row.card.IMEI, row.card.ICCID
	case b.kind == byIMEI:
		row.imei = m.id
	default:
		row.iccid = m.id
	}
	return row
}

// add appends row. If the card is there already, reached by another way, the
// younger answer wins; group and labels stay those of the first way, so that
// the series do not change from scrape to scrape.
func (s *Snapshot) add(rows map[[2]string]int, row cardRow) {
	if row.state == unreadable {
		return
	}
	key := [2]string{row.imei, strings.ToUpper(row.iccid)}
	i, there := rows[key]
	if !there {
		rows[key] = len(s.cards)
		s.cards = append(s.cards, row)
		return
	}
	first := &s.cards[i]
	first.expected = cmp.Or(first.expected, row.expected)
	if row.at.After(first.at) {
		first.answer, first.imei, first.iccid = row.answer, row.imei, row.iccid
	}
}

// log writes a line for each group that is not whole.
func (s *Snapshot) log(logger *slog.Logger) {
	for _, g := range s.groups {
		if g.failed > 0 {
			logger.Warn("scrape incomplete", "group", g.Name,
				"batches", g.batches, "batches_failed", g.failed, "err", g.err)
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
