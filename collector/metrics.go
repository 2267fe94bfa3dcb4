package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"simcard_exporter/collector/szzkc"
)

// namespace is the prefix of the metrics about the exporter itself.
const namespace = "simcard_exporter"

// metrics are about the exporter itself. Every label value exists from the
// start, so that a rate over the first failure sees it.
type metrics struct {
	requestDuration   *prometheus.HistogramVec
	requestFailures   *prometheus.CounterVec
	retries           prometheus.Counter
	splits            prometheus.Counter
	requestsInFlight  prometheus.Gauge
	invalidFields     *prometheus.CounterVec
	unexpectedCards   prometheus.Counter
	platformAvailable prometheus.Gauge
	shardIndex        prometheus.Gauge
	shards            prometheus.Gauge
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	factory := promauto.With(registerer)
	m := &metrics{
		requestDuration: factory.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace,
			Name:      "request_duration_seconds",
			Help:      "Duration of requests to the platform, by whether they asked for live data.",
			Unit:      "seconds",
			Buckets:   []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30},
			// Native buckets beside the classic ones, for servers that scrape them.
			NativeHistogramBucketFactor:    1.1,
			NativeHistogramMaxBucketNumber: 100,
		}, []string{"live"}),
		requestFailures: factory.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace,
			Name:      "request_failures_total",
			Help:      "Failed requests to the platform, by reason.",
		}, []string{"reason"}),
		retries: factory.NewCounter(prometheus.CounterOpts{
			Namespace: namespace,
			Name:      "request_retries_total",
			Help:      "Requests to the platform that repeated a failed one.",
		}),
		splits: factory.NewCounter(prometheus.CounterOpts{
			Namespace: namespace,
			Name:      "batch_splits_total",
			Help:      "Batches, and parts of them, that were split in half to find the cards that spoil them.",
		}),
		requestsInFlight: factory.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace,
			Name:      "requests_in_flight",
			Help:      "Requests to the platform in flight.",
		}),
		invalidFields: factory.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace,
			Name:      "invalid_fields_total",
			Help:      "Fields of the platform's answers that were missing, empty or unreadable, by field.",
		}, []string{"field"}),
		unexpectedCards: factory.NewCounter(prometheus.CounterOpts{
			Namespace: namespace,
			Name:      "unexpected_cards_total",
			Help:      "Cards in the platform's answers that were not asked for, or were there already.",
		}),
		platformAvailable: factory.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace,
			Name:      "platform_available",
			Help:      "Whether the platform answers (1), or failed so often that it is only probed (0).",
		}),
		shardIndex: factory.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace,
			Name:      "shard_index",
			Help:      "Index of this shard, starting at 0.",
		}),
		shards: factory.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace,
			Name:      "shards",
			Help:      "Number of shards.",
		}),
	}
	m.requestDuration.WithLabelValues("false")
	m.requestDuration.WithLabelValues("true")
	for _, reason := range szzkc.Reasons() {
		m.requestFailures.WithLabelValues(string(reason))
	}
	for _, field := range szzkc.Fields() {
		m.invalidFields.WithLabelValues(field)
	}
	return m
}
