package collector

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"simcard_exporter/collector/exposition"
)

const (
	// defaultTimeout is for scrapers that do not say how long they wait.
	defaultTimeout = 10 * time.Second
	// maxTimeout bounds a scrape, since only so many are served in parallel.
	maxTimeout = 2 * time.Minute
	// writeTime is reserved for writing each card.
	writeTime = 10 * time.Microsecond
	// readTimeout is how long a scraper may take to read the response.
	readTimeout = time.Minute
	// largeScrape is vmagent's default limit in bytes, before compression. What is larger
	// it drops, and says so only in its own metrics.
	largeScrape = 16 << 20
)

// Handler returns a handler for which every GET request is a scrape. It serves
// the cards and the metrics of registry, and registers its own, promhttp_*, with
// scrapes. With ?group=NAME it serves nothing but that group's cards, with
// ?exclude_group=NAME all but that group's cards; both may be repeated. The offset is
// a safety margin, subtracted from Prometheus's scrape timeout.
func (c *Collector) Handler(registry prometheus.Gatherer, scrapes prometheus.Registerer, offset time.Duration) http.Handler {
	errors := newHandlerErrors(scrapes)
	fail := func(cause string, err error) {
		errors.WithLabelValues(cause).Inc()
		c.logger.Error("serve metrics", "cause", cause, "err", err)
	}
	scrape := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		selection := Selection{Only: query["group"], Except: query["exclude_group"]}
		groups, err := c.fleet.Load().pick(selection)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if r.Method == http.MethodHead {
			return // nobody would read what is queried
		}
		cards := 0
		for _, g := range groups {
			cards += g.shardCards
		}
		deadline := time.Now().Add(timeout(r.Header, offset, cards))
		// A scrape may take longer than the server's write timeout. The error, from
		// a writer without one, does not matter.
		_ = http.NewResponseController(w).SetWriteDeadline(deadline.Add(readTimeout))
		// The scrape comes before registry is gathered, so that the exporter's
		// own metrics include it.
		snapshot, err := c.Scrape(r.Context(), deadline, selection)
		if r.Context().Err() != nil {
			return // the client is gone
		}
		if err != nil { // a group that a load has removed meanwhile
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var others prometheus.Gatherer
		if len(selection.Only) == 0 {
			others = registry
		}
		if size := snapshot.Serve(w, r, others, fail); size > largeScrape {
			c.large.Do(func() {
				c.logger.Warn("scrape is larger than 16 MiB, vmagent's default limit: raise max_scrape_size in its job, or give each group a job of its own", "bytes", size)
			})
		}
		c.release(snapshot)
	})
	return promhttp.InstrumentMetricHandler(scrapes, exposition.Compress(scrape))
}

// newHandlerErrors returns promhttp's counter of errors, for a handler that is not
// promhttp's.
func newHandlerErrors(registry prometheus.Registerer) *prometheus.CounterVec {
	errors := promauto.With(registry).NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_errors_total",
		Help: "Total number of internal errors encountered by the promhttp metric handler.",
	}, []string{"cause"})
	errors.WithLabelValues("gathering")
	errors.WithLabelValues("encoding")
	return errors
}

// timeout returns how long a scrape may wait: Prometheus's scrape timeout less the
// offset and the time to write the cards, but at least half of the scrape timeout.
func timeout(header http.Header, offset time.Duration, cards int) time.Duration {
	seconds, err := strconv.ParseFloat(header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		seconds, offset = defaultTimeout.Seconds(), 0
	}
	scrapeTimeout := time.Duration(min(seconds, maxTimeout.Seconds()) * float64(time.Second))
	return max(scrapeTimeout-offset-time.Duration(cards)*writeTime, scrapeTimeout/2, 1)
}
