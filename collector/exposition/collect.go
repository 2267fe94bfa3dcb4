package exposition

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Describe implements [prometheus.Collector].
func (s *Snapshot) Describe(to chan<- *prometheus.Desc) {
	for _, t := range tables {
		for _, c := range t.collectors(s) {
			c.Describe(to)
		}
	}
}

// Collect implements [prometheus.Collector]. It only reads s.
func (s *Snapshot) Collect(to chan<- prometheus.Metric) {
	for _, t := range tables {
		for _, c := range t.collectors(s) {
			c.Collect(to)
		}
	}
}

func (t table[R]) collectors(s *Snapshot) (all []prometheus.Collector) {
	for i := range t.families {
		f := &t.families[i]
		desc := prometheus.V2.NewDesc(f.name, f.help, prometheus.UnconstrainedLabels(t.labelNames(s)), nil, prometheus.WithUnit(f.unit))
		all = append(all, collector[R]{t, f, s, desc})
	}
	return all
}

// collector collects one family. What has labels that are not UTF-8 is left out by the
// registry.
type collector[R any] struct {
	table    table[R]
	family   *family[R]
	snapshot *Snapshot
	desc     *prometheus.Desc
}

func (c collector[R]) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

func (c collector[R]) Collect(to chan<- prometheus.Metric) {
	values := make([]string, len(c.table.labelNames(c.snapshot)))
	rows := c.table.rows(c.snapshot)
	for i := range rows {
		if value, present := c.family.value(&rows[i]); present {
			c.table.values(&rows[i], values)
			to <- &metric{desc: c.desc, labels: prometheus.MakeLabelPairs(c.desc, values), value: value, counter: c.family.counter}
		}
	}
}

// metric is a constant metric. Unlike that of client_golang, it is a single allocation
// beside its labels.
type metric struct {
	desc    *prometheus.Desc
	labels  []*dto.LabelPair
	value   float64
	counter bool
	gauge   dto.Gauge
}

func (m *metric) Desc() *prometheus.Desc { return m.desc }

func (m *metric) Write(to *dto.Metric) error {
	to.Label = m.labels
	if m.counter {
		to.Counter = &dto.Counter{Value: &m.value}
		return nil
	}
	m.gauge.Value = &m.value
	to.Gauge = &m.gauge
	return nil
}
