// Package exposition turns rows of cards and groups into metrics. It knows
// nothing of how the rows came about.
package exposition

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/szzkc"
)

// Snapshot is what one scrape serves. It is a prometheus.Collector that has
// everything at hand. No two of its rows have the same labels.
type Snapshot struct {
	Groups     []Group
	Cards      []Card
	LabelNames []string // of Card.Labels
}

// Group is a group at the end of a scrape.
type Group struct {
	Name            string
	Cards           int           // of this shard
	ConfiguredCards int           // of all shards
	Batches         int           // requests needed to query the group
	BatchesFailed   int           // whose last refresh failed, or that miss an answer
	Oldest          time.Time     // of the last answers; zero if there are none
	RefreshDuration time.Duration // that the scrape waited for
	Requests        int64         // sent since the start
}

// Card is a card that there is something to say about.
type Card struct {
	IMEI, ICCID string // as the platform has them, or the one that is configured
	Expected    string // IMEI of the device that the card should sit in, if known
	Group       string
	Labels      []string    // in the order of Snapshot.LabelNames
	Refused     bool        // while the platform answers for others
	Answered    bool        // there is an answer that may be served
	Known       *szzkc.Card // the answer; nil if the platform does not know the card
}

// sort orders the cards as they are exposed, once and not again for each metric.
func (s *Snapshot) sort() {
	slices.SortFunc(s.Cards, func(a, b Card) int {
		return cmp.Or(strings.Compare(a.ICCID, b.ICCID), strings.Compare(a.IMEI, b.IMEI))
	})
}

// Describe implements prometheus.Collector.
func (s *Snapshot) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range groupMetrics {
		descs <- m.desc
	}
	for _, m := range cardMetrics {
		descs <- m.desc
	}
	descs <- infoDesc(s.LabelNames)
}

// Collect implements prometheus.Collector.
func (s *Snapshot) Collect(metrics chan<- prometheus.Metric) {
	for _, g := range s.Groups {
		for _, m := range groupMetrics {
			if value, ok := m.value(g); ok {
				metrics <- prometheus.MustNewConstMetric(m.desc, m.kind, value, g.Name)
			}
		}
	}
	infoDesc := infoDesc(s.LabelNames)
	for _, c := range s.Cards {
		labels := prometheus.MakeLabelPairs(cardMetrics[0].desc, []string{c.IMEI, c.ICCID})
		for _, m := range cardMetrics {
			if value, ok := m.value(c); ok {
				metrics <- newGauge(m.desc, labels, value)
			}
		}
		info := append([]string{c.IMEI, c.ICCID, c.serviceNumber(), c.Group}, c.Labels...)
		metrics <- newGauge(infoDesc, prometheus.MakeLabelPairs(infoDesc, info), 1)
	}
}

func (c Card) serviceNumber() string {
	if c.Known == nil {
		return ""
	}
	return c.Known.ServiceNumber
}
