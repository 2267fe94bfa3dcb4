// Package exposition turns rows of groups and cards into Prometheus metrics. Where
// the rows come from is the caller's concern.
//
// A [Builder] collects the rows of one scrape and returns them as a [Snapshot],
// which a Prometheus registry can gather.
package exposition

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/szzkc"
)

// Snapshot holds the rows of one scrape and exposes them as a
// prometheus.Collector. No two groups may have the same name, and no two cards
// the same IMEI and ICCID. The zero value exposes nothing. A Snapshot that nobody
// changes is safe for concurrent use.
type Snapshot struct {
	Groups     []Group
	Cards      []Card
	LabelNames []string // of every Card.Labels
}

// Group is the state of one group at the end of a scrape.
type Group struct {
	Name            string
	Cards           int           // cards of this shard
	ConfiguredCards int           // cards of all shards
	Batches         int           // requests needed to query the group
	BatchesFailed   int           // batches whose last refresh failed, or that lack an answer for a card
	Oldest          time.Time     // when the oldest of the cards' latest answers came; zero without any
	RefreshDuration time.Duration // how long the scrape waited for the group
	Requests        int64         // requests sent since the process started
}

// Card is one card that was answered or is refused. With neither Answered nor
// Refused, it exposes its simcard_info only.
type Card struct {
	IMEI, ICCID string      // as last answered; before that, only the one configured
	Expected    string      // IMEI of the device that should hold the card; "" if not configured
	Group       string      // name of the group whose configuration names the card first
	Labels      []string    // values, in the order of Snapshot.LabelNames
	Refused     bool        // quarantined: refused, failing or unreadable, while others are answered
	Answered    bool        // an answer is young enough to be served
	Known       *szzkc.Card // the card in that answer; nil if the platform does not know it
}

// sort orders the cards by ICCID, then IMEI: the order in which a registry sorts
// the series of a metric. It is done once here and cheap for each metric there.
func (s *Snapshot) sort() {
	slices.SortFunc(s.Cards, func(a, b Card) int {
		return cmp.Or(strings.Compare(a.ICCID, b.ICCID), strings.Compare(a.IMEI, b.IMEI))
	})
}

// Describe implements [prometheus.Collector].
func (s *Snapshot) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range groupMetrics {
		descs <- m.desc
	}
	for _, m := range cardMetrics {
		descs <- m.desc
	}
	descs <- infoDesc(s.LabelNames)
}

// Collect implements [prometheus.Collector]. It only reads s and sends no errors.
func (s *Snapshot) Collect(metrics chan<- prometheus.Metric) {
	for _, g := range s.Groups {
		for _, m := range groupMetrics {
			if value, ok := m.value(g); ok {
				metrics <- prometheus.MustNewConstMetric(m.desc, m.valueType, value, g.Name)
			}
		}
	}
	info := infoDesc(s.LabelNames)
	for _, c := range s.Cards {
		labels := prometheus.MakeLabelPairs(cardMetrics[0].desc, []string{c.IMEI, c.ICCID})
		for _, m := range cardMetrics {
			if value, ok := m.value(c); ok {
				metrics <- newGauge(m.desc, labels, value)
			}
		}
		infoLabels := append([]string{c.IMEI, c.ICCID, c.serviceNumber(), c.Group}, c.Labels...)
		metrics <- newGauge(info, prometheus.MakeLabelPairs(info, infoLabels), 1)
	}
}

func (c Card) serviceNumber() string {
	if c.Known == nil {
		return ""
	}
	return c.Known.ServiceNumber
}
