package exposition

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// The names of labels, besides those of the user.
var (
	groupLabels = []string{"group"}
	stateLabels = []string{"group", "state"}
	cardLabels  = []string{"imei", "iccid"}
	infoLabels  = []string{"imei", "iccid", "service_number", "group"}
)

// descs describe the series of all families.
type descs struct {
	group []*prometheus.Desc // as groupFamilies
	card  []*prometheus.Desc // as cardFamilies
	state *prometheus.Desc
	info  *prometheus.Desc
}

func newDescs(labelNames []string) descs {
	d := descs{state: desc(&stateFamily, stateLabels), info: desc(&infoFamily, append(infoLabels, labelNames...))}
	for i := range groupFamilies {
		d.group = append(d.group, desc(&groupFamilies[i], groupLabels))
	}
	for i := range cardFamilies {
		d.card = append(d.card, desc(&cardFamilies[i], cardLabels))
	}
	return d
}

func desc[R any](f *family[R], labels []string) *prometheus.Desc {
	return prometheus.V2.NewDesc(f.name, f.help, prometheus.UnconstrainedLabels(labels), nil, prometheus.WithUnit(f.unit))
}

// Describe implements [prometheus.Collector].
func (s *Snapshot) Describe(to chan<- *prometheus.Desc) {
	d := newDescs(s.LabelNames)
	for _, desc := range append(append(d.group, d.card...), d.state, d.info) {
		to <- desc
	}
}

// Collect implements [prometheus.Collector]. It only reads s. What has labels that are
// not UTF-8 is left out, here or by the registry.
func (s *Snapshot) Collect(metrics chan<- prometheus.Metric) {
	d := newDescs(s.LabelNames)
	send := func(desc *prometheus.Desc, valueType prometheus.ValueType, value float64, labels ...string) {
		if metric, err := prometheus.NewConstMetric(desc, valueType, value, labels...); err == nil {
			metrics <- metric
		}
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		for j, f := range groupFamilies {
			if value, present := f.value(g); present {
				valueType := prometheus.GaugeValue
				if f.counter {
					valueType = prometheus.CounterValue
				}
				send(d.group[j], valueType, value, g.Name)
			}
		}
	}
	for _, r := range s.stateRows() {
		send(d.state, prometheus.GaugeValue, float64(r.cards), r.group, r.state.String())
	}
	for i := range s.Cards {
		c := &s.Cards[i]
		labels := prometheus.MakeLabelPairs(d.card[0], []string{c.IMEI, c.ICCID})
		for j, f := range cardFamilies {
			if value, present := f.value(c); present {
				metrics <- newGauge(d.card[j], labels, value)
			}
		}
		info := append([]string{c.IMEI, c.ICCID, c.serviceNumber(), c.Group}, c.Labels...)
		metrics <- newGauge(d.info, prometheus.MakeLabelPairs(d.info, info), 1)
	}
}

// gauge is a constant gauge. Unlike the constant metric of client_golang, it shares
// its label pairs with the other gauges of its card and allocates nothing in Write.
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
