package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A metric is one row: name, help, unit, and its value if there is one. The
// unit is OpenMetrics' and ends the name.

var groupMetrics = []struct {
	desc  *prometheus.Desc
	value func(groupRow) (float64, bool)
}{
	{groupDesc("simcard_up", "Whether every batch of the group has an answer that is as fresh as asked for (1) or not (0).", ""),
		func(g groupRow) (float64, bool) { return boolean(g.failed == 0), true }},
	{groupDesc("simcard_group_cards", "Cards of the group that are this instance's to ask for.", ""),
		func(g groupRow) (float64, bool) { return float64(g.cards), true }},
	{groupDesc("simcard_group_configured_cards", "Cards that are configured in the group, those of all shards.", ""),
		func(g groupRow) (float64, bool) { return float64(g.configured), true }},
	{groupDesc("simcard_group_batches", "Batches that the cards of the group are asked for in.", ""),
		func(g groupRow) (float64, bool) { return float64(g.asked), true }},
	{groupDesc("simcard_group_batches_failed", "Batches of the group that have no answer that is as fresh as asked for.", ""),
		func(g groupRow) (float64, bool) { return float64(g.failed), true }},
	{groupDesc("simcard_group_oldest_answer_timestamp_seconds", "Unix time of the oldest of the last answers of the group's batches.", "seconds"),
		func(g groupRow) (float64, bool) { return timestamp(g.oldest) }},
	{groupDesc("simcard_group_refresh_duration_seconds", "How long this scrape waited for the group's batches.", "seconds"),
		func(g groupRow) (float64, bool) { return g.refresh.Seconds(), true }},
}

var cardMetrics = []struct {
	desc  *prometheus.Desc
	value func(cardRow) (float64, bool)
}{
	{cardDesc("simcard_status", "Status of the card as the platform says: 1 in service, 0 suspended.", ""),
		func(c cardRow) (float64, bool) { return optional(c.card.Status) }},
	{cardDesc("simcard_balance_bytes", "What is left of this calendar month's data.", "bytes"),
		func(c cardRow) (float64, bool) { return optional(c.card.Balance) }},
	{cardDesc("simcard_expiry_timestamp_seconds", "Unix time at which the card expires.", "seconds"),
		func(c cardRow) (float64, bool) { return timestamp(c.card.Expires) }},
	{cardDesc("simcard_activation_timestamp_seconds", "Unix time at which the card was activated.", "seconds"),
		func(c cardRow) (float64, bool) { return timestamp(c.card.Activated) }},
	{cardDesc("simcard_found", "Whether the platform knows the card (1) or answered without it (0).", ""),
		func(c cardRow) (float64, bool) { return boolean(c.state == found), true }},
	{cardDesc("simcard_device_match", "Whether the card sits in the device that it is expected in (1) or in another (0).", ""),
		func(c cardRow) (float64, bool) {
			return boolean(c.imei == c.expected), c.state == found && c.imei != "" && c.expected != ""
		}},
}

func groupDesc(name, help, unit string) *prometheus.Desc {
	return desc(name, help, unit, "group")
}

func cardDesc(name, help, unit string) *prometheus.Desc {
	return desc(name, help, unit, "imei", "iccid")
}

func infoDesc(labelNames []string) *prometheus.Desc {
	return desc("simcard_info", "Always 1; the labels say what is known of the card.", "",
		append([]string{"imei", "iccid", "service_number", "group"}, labelNames...)...)
}

func desc(name, help, unit string, labels ...string) *prometheus.Desc {
	return prometheus.V2.NewDesc(name, help, prometheus.UnconstrainedLabels(labels), nil, prometheus.WithUnit(unit))
}

// gauge is a gauge of one scrape. A scrape of a large fleet makes hundreds of
// thousands, so unlike prometheus' constant metric it shares its label pairs
// with the other gauges of the same card and allocates nothing when written.
type gauge struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair
	value  float64
	dto    dto.Gauge
}

func newGauge(desc *prometheus.Desc, labels []*dto.LabelPair, value float64) *gauge {
	g := &gauge{desc: desc, labels: labels, value: value}
	g.dto.Value = &g.value
	return g
}

func (g *gauge) Desc() *prometheus.Desc { return g.desc }

func (g *gauge) Write(m *dto.Metric) error {
	m.Label = g.labels
	m.Gauge = &g.dto
	return nil
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func optional[T int | float64](value *T) (float64, bool) {
	if value == nil {
		return 0, false
	}
	return float64(*value), true
}

func timestamp(t time.Time) (float64, bool) {
	if t.IsZero() {
		return 0, false
	}
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9, true
}
