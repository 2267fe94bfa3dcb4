package collector

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// defaultTimeout is for scrapers that do not say how long they wait.
	defaultTimeout = 10 * time.Second
	// fewCards are so few that the time to write them says little about more.
	fewCards = 1000
	// maxTimeout is longer than any scrape that Prometheus is set up for.
	maxTimeout = time.Hour
	// readTimeout is what the scraper has for reading the answer.
	readTimeout = time.Minute
)

// Handler returns a handler whose every request is a scrape. It serves the
// cards, and what is in registry beside them, its own promhttp_* included. With
// ?group=NAME it serves the cards of that group alone, with
// ?exclude_group=NAME all but the cards of that group; both may be repeated.
// Requests to the platform that outlive their scrape end with ctx. The offset
// is taken off the time that Prometheus grants, for the way back.
func (c *Collector) Handler(ctx context.Context, registry *prometheus.Registry, offset time.Duration) http.Handler {
	// promhttp's CoalesceGather is not for here: scrapes that overlap have
	// deadlines of their own. What they share is each batch's request.
	options := promhttp.HandlerOpts{
		ErrorLog:          slog.NewLogLogger(c.logger.Handler(), slog.LevelError),
		ErrorHandling:     promhttp.ContinueOnError,
		EnableOpenMetrics: true,
		Registry:          registry,
	}
	scrape := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		selection := Selection{Only: query["group"], Except: query["exclude_group"]}
		granted := budget(r.Header, offset)
		// The server's own limit need not be as long as a scrape may be. Where
		// there is none to extend, the error says so and does not matter.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(granted + readTimeout))
		// The scrape comes before all else is gathered, so that the
		// exporter's own metrics have counted it.
		snapshot, err := c.Scrape(ctx, c.deadline(granted, selection), selection)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		start := time.Now()
		served := prometheus.NewRegistry()
		served.MustRegister(snapshot)
		if len(selection.Only) == 0 {
			served.MustRegister(registry)
		}
		promhttp.HandlerFor(served, options).ServeHTTP(w, r)
		c.serving.Store(int64(time.Since(start)) / int64(max(len(snapshot.cards), fewCards)))
	})
	return promhttp.InstrumentMetricHandler(registry, scrape)
}

// deadline is when a scrape that begins now must stop asking. A large fleet
// takes seconds to be written, which are set aside; at least half of the time
// is left for asking.
func (c *Collector) deadline(granted time.Duration, selection Selection) time.Time {
	groups, _ := c.fleet.Load().pick(selection) // Scrape reports the error
	cards := 0
	for _, g := range groups {
		cards += g.cards
	}
	return time.Now().Add(max(granted-time.Duration(c.serving.Load()*int64(cards)), granted/2))
}

// budget returns how long a scrape may take: what Prometheus grants less
// offset, but at least half of what it grants.
func budget(header http.Header, offset time.Duration) time.Duration {
	seconds, err := strconv.ParseFloat(header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return defaultTimeout
	}
	granted := time.Duration(min(seconds, maxTimeout.Seconds()) * float64(time.Second))
	return max(granted-offset, granted/2, 1)
}
