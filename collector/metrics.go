package collector

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"simcard_exporter/collector/platform"
)

// namespace is the prefix of the metrics about the exporter itself.
const namespace = "simcard_exporter"

// metrics are about the exporter itself. Every label value exists from the start:
// otherwise rate() would miss the first failure.
type metrics struct {
	requestDuration                      *prometheus.HistogramVec
	requestFailures, invalidFields       *prometheus.CounterVec
	retries, splits, unexpectedCards     prometheus.Counter
	requestsInFlight, shardIndex, shards prometheus.Gauge
	platformAvailable                    *prometheus.GaugeVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	factory := promauto.With(registerer)
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}
	}
	gauge := func(name, help string) prometheus.Gauge {
		return factory.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	}
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
		requestFailures:  factory.NewCounterVec(counter("request_failures_total", "Failed requests to the platform, by reason."), []string{"reason"}),
		invalidFields:    factory.NewCounterVec(counter("invalid_fields_total", "Fields of the platform's answers that were missing, empty or unreadable, by field."), []string{"field"}),
		retries:          factory.NewCounter(counter("request_retries_total", "Requests to the platform that repeated a failed one.")),
		splits:           factory.NewCounter(counter("batch_splits_total", "Batches, and parts of them, that were split in half to find the cards that spoil them.")),
		unexpectedCards:  factory.NewCounter(counter("unexpected_cards_total", "Cards in the platform's answers that were not asked for, or were there already.")),
		requestsInFlight: gauge("requests_in_flight", "Requests to the platform in flight."),
		platformAvailable: factory.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "platform_available",
			Help: "Whether the platform answers (1), or failed so often that it is only probed (0), by whether it is asked for live data. Absent if no group is asked so."}, []string{"live"}),
		shardIndex: gauge("shard_index", "Index of this shard, starting at 0."),
		shards:     gauge("shards", "Number of shards."),
	}
	m.requestDuration.WithLabelValues("false")
	m.requestDuration.WithLabelValues("true")
	for _, reason := range platform.Reasons() {
		m.requestFailures.WithLabelValues(string(reason))
	}
	for _, field := range platform.Fields() {
		m.invalidFields.WithLabelValues(field)
	}
	return m
}

// available sets whether the platform answers (1) or not (0) as it is asked in one way,
// if it is.
func (m *metrics) available(live, asked bool, value float64) {
	label := strconv.FormatBool(live)
	m.platformAvailable.WithLabelValues(label).Set(value)
	if !asked {
		m.platformAvailable.DeleteLabelValues(label)
	}
}

// count counts what is wrong with the result of a request.
func (m *metrics) count(res result, answer platform.Answer) {
	var failure *platform.Error
	if errors.As(res.err, &failure) {
		m.requestFailures.WithLabelValues(string(failure.Reason)).Inc()
	}
	for _, field := range answer.Invalid {
		m.invalidFields.WithLabelValues(field.Field).Inc()
	}
	m.unexpectedCards.Add(float64(res.Unexpected))
}
