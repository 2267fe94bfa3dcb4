package exposition

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"simcard_exporter/collector/szzkc"
)

// groupMetrics has a row for each metric of a group: name, help, unit, type and
// value. The unit, if any, is the last part of the name, as OpenMetrics wants it.
// Without a value, the series is absent.
var groupMetrics = []struct {
	desc      *prometheus.Desc
	valueType prometheus.ValueType
	value     func(Group) (float64, bool)
}{
	{groupDesc("simcard_up", "Whether the last refresh of every batch of the group was answered, and every card that is not quarantined has a value (1), or not (0).", ""), prometheus.GaugeValue,
		func(g Group) (float64, bool) { return boolean(g.BatchesFailed == 0), true }},
	{groupDesc("simcard_group_cards", "Cards of the group that belong to this shard.", ""), prometheus.GaugeValue,
		func(g Group) (float64, bool) { return float64(g.Cards), true }},
	{groupDesc("simcard_group_configured_cards", "Cards of the group, those of all shards.", ""), prometheus.GaugeValue,
		func(g Group) (float64, bool) { return float64(g.ConfiguredCards), true }},
	{groupDesc("simcard_group_batches", "Requests needed to query the group.", ""), prometheus.GaugeValue,
		func(g Group) (float64, bool) { return float64(g.Batches), true }},
	{groupDesc("simcard_group_batches_failed", "Batches of the group whose last refresh failed, or in which a card that is not quarantined has no value.", ""), prometheus.GaugeValue,
		func(g Group) (float64, bool) { return float64(g.BatchesFailed), true }},
	{groupDesc("simcard_group_oldest_answer_timestamp_seconds", "Unix time of the oldest of the last answers about the group's cards.", "seconds"), prometheus.GaugeValue,
		func(g Group) (float64, bool) { return timestamp(g.Oldest) }},
	{groupDesc("simcard_group_refresh_duration_seconds", "How long this scrape waited for the group's batches.", "seconds"), prometheus.GaugeValue,
		func(g Group) (float64, bool) { return g.RefreshDuration.Seconds(), true }},
	{groupDesc("simcard_group_requests_total", "Requests sent to the platform for the group.", ""), prometheus.CounterValue,
		func(g Group) (float64, bool) { return float64(g.Requests), true }},
}

// cached ends the help of each metric whose value comes from an answer.
const cached = " Cached for at most max_age plus stale_if_error of the card's group."

// cardMetrics has a row for each metric of a card. All are gauges.
var cardMetrics = []struct {
	desc  *prometheus.Desc
	value func(Card) (float64, bool)
}{
	{cardDesc("simcard_status", "Status of the card as the platform says: 1 in service, 0 suspended."+cached, ""),
		ofKnown(func(c *szzkc.Card) (float64, bool) { return optional(c.Status) })},
	{cardDesc("simcard_balance_bytes", "What is left of this calendar month's data."+cached, "bytes"),
		ofKnown(func(c *szzkc.Card) (float64, bool) { return optional(c.Balance) })},
	{cardDesc("simcard_expiry_timestamp_seconds", "Unix time at which the card expires."+cached, "seconds"),
		ofKnown(func(c *szzkc.Card) (float64, bool) { return timestamp(c.Expires) })},
	{cardDesc("simcard_activation_timestamp_seconds", "Unix time at which the card was activated."+cached, "seconds"),
		ofKnown(func(c *szzkc.Card) (float64, bool) { return timestamp(c.Activated) })},
	{cardDesc("simcard_found", "Whether the platform knows the card (1) or answered without it (0)."+cached, ""),
		func(c Card) (float64, bool) { return boolean(c.Known != nil), c.Answered }},
	{cardDesc("simcard_device_match", "Whether the card sits in the device that it is expected in (1) or in another (0)."+cached, ""),
		func(c Card) (float64, bool) {
			return boolean(c.IMEI == c.Expected), c.Known != nil && c.IMEI != "" && c.Expected != ""
		}},
	{cardDesc("simcard_refused", "Always 1, for a card that the platform refuses while it answers for others.", ""),
		func(c Card) (float64, bool) { return 1, c.Refused }},
}

// ofKnown returns the value function of a metric that only known cards have.
func ofKnown(value func(*szzkc.Card) (float64, bool)) func(Card) (float64, bool) {
	return func(c Card) (float64, bool) {
		if c.Known == nil {
			return 0, false
		}
		return value(c.Known)
	}
}

func groupDesc(name, help, unit string) *prometheus.Desc {
	return desc(name, help, unit, "group")
}

func cardDesc(name, help, unit string) *prometheus.Desc {
	return desc(name, help, unit, "imei", "iccid")
}

func infoDesc(labelNames []string) *prometheus.Desc {
	return desc("simcard_info", "Always 1; the labels are what is known of the card.", "",
		append([]string{"imei", "iccid", "service_number", "group"}, labelNames...)...)
}

func desc(name, help, unit string, labels ...string) *prometheus.Desc {
	return prometheus.V2.NewDesc(name, help, prometheus.UnconstrainedLabels(labels), nil, prometheus.WithUnit(unit))
}

// gauge is a constant gauge. A scrape of a large fleet creates hundreds of
// thousands. Unlike the constant metric of client_golang, a gauge shares its label
// pairs with the other gauges of its card and allocates nothing in Write.
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
