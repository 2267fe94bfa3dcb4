package collector

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/web/turns"
)

const (
	// defaultTimeout is for scrapers that do not say how long they wait.
	defaultTimeout = 10 * time.Second
	// maxTimeout bounds a scrape, since only so many are served in parallel.
	maxTimeout = 2 * time.Minute
	// writeTime is reserved for writing each card.
	writeTime = 10 * time.Microsecond
	// turnTimeout is how much longer than its deadline a scrape may wait for a turn to write.
	turnTimeout = 5 * time.Second
	// maxRows is how many rows of cards there are at once, all responses together.
	maxRows = 1_000_000
	// fixedRows is what a response costs beside its rows, for compression above all.
	fixedRows = 5_000
	// largeScrape is vmagent's default limit in bytes, before compression. What is larger
	// it drops, and says so only in its own metrics.
	largeScrape = 16 << 20
)

// handler serves scrapes.
type handler struct {
	*Collector
	registry prometheus.Gatherer
	offset   time.Duration
	fail     func(cause string, err error)
	slots    *semaphore.Weighted // of the scrapes that wait for the platform; nil without a limit
	rejected *rate.Sometimes     // log that there are no slots
	turns    *turns.Turns        // of the responses that are written, by their rows
	names    *nameLog
}

// Handler returns a handler for which every GET request is a scrape. It serves
// the cards and the metrics of registry, and registers its own, promhttp_*, with
// scrapes. With ?group=NAME it serves nothing but that group's cards, with
// ?exclude_group=NAME all but that group's cards, with ?name[]=NAME that metric alone; all
// may be repeated. The offset is a safety margin, subtracted from Prometheus's scrape
// timeout. More than maxRequests scrapes that wait for the platform are turned away; 0 is
// no limit.
func (c *Collector) Handler(registry prometheus.Gatherer, scrapes prometheus.Registerer, offset time.Duration, maxRequests int) http.Handler {
	failures := newHandlerErrors(scrapes)
	h := &handler{
		Collector: c, registry: registry, offset: offset,
		fail: func(cause string, err error) {
			failures.WithLabelValues(cause).Inc()
			c.logger.Error("serve metrics", "cause", cause, "err", err)
		},
		rejected: &rate.Sometimes{Interval: time.Minute},
		turns:    turns.New(maxRows),
		names:    &nameLog{logger: c.logger, registry: registry, seen: make(map[string]bool)},
	}
	if maxRequests > 0 {
		h.slots = semaphore.NewWeighted(int64(maxRequests))
	}
	return promhttp.InstrumentMetricHandler(scrapes, exposition.Compress(h))
}

// ServeHTTP serves a scrape. What cannot be served whole is broken off.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	selection, err := parseSelection(r.URL.RawQuery)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	groups, err := h.fleet.Load().pick(selection)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.Method == http.MethodHead {
		return // nobody would read what is queried
	}
	h.names.look(r.URL.Query()["name[]"])
	// The scrape comes before the registry is gathered, so that the exporter's own metrics
	// include it.
	snapshot, turn, err := h.collect(w, r, groups, selection)
	if turn != nil {
		defer turn.Done()
	}
	switch {
	case r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // the client is gone, or has closed one direction only
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "5")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	case err != nil: // a group that a load has removed meanwhile
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var others prometheus.Gatherer
	if len(selection.Only) == 0 {
		others = h.registry
	}
	size, err := snapshot.Serve(turn, r, others, h.fail)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if size > largeScrape {
		h.large.Do(func() {
			h.logger.Warn("scrape is larger than 16 MiB, vmagent's default limit: raise max_scrape_size in its job, or give each group a job of its own", "bytes", size)
		})
	}
	h.release(snapshot)
}

// errBusy means that a scrape is turned away.
var errBusy = errors.New("too many scrapes at once, try again later")

// collect waits for the platform, in a slot, and for a turn to write to w, which the caller
// must end even if there is an error.
func (h *handler) collect(w http.ResponseWriter, r *http.Request, groups []*group, selection Selection) (s *exposition.Snapshot, turn *turns.Turn, err error) {
	if h.slots != nil {
		if !h.slots.TryAcquire(1) {
			h.rejected.Do(func() { h.logger.Warn("scrape rejected: --web.max-requests are waiting for the platform") })
			return nil, nil, errBusy
		}
		defer h.slots.Release(1)
	}
	cards := 0
	for _, g := range groups {
		cards += g.shardCards
	}
	deadline := time.Now().Add(timeout(r.Header, h.offset, cards))
	ctx, cancel := context.WithDeadline(r.Context(), deadline.Add(turnTimeout))
	defer cancel()
	// A scrape may take longer than the server's write timeout; the turn sets its own. The
	// error, from a writer without one, does not matter.
	_ = http.NewResponseController(w).SetWriteDeadline(deadline.Add(2 * turnTimeout))
	s, err = h.scrape(r.Context(), deadline, selection, func() error {
		if turn != nil { // the scrape began again, after a load
			return nil
		}
		if turn, err = h.turns.Take(ctx, w, int64(cards+fixedRows)); err != nil {
			return errBusy
		}
		return nil
	})
	return s, turn, err
}

// newHandlerErrors returns promhttp's counter of errors, for a handler that is not
// promhttp's.
func newHandlerErrors(registry prometheus.Registerer) *prometheus.CounterVec {
	failures := promauto.With(registry).NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_errors_total",
		Help: "Total number of internal errors encountered by the promhttp metric handler.",
	}, []string{"cause"})
	failures.WithLabelValues("gathering")
	failures.WithLabelValues("encoding")
	return failures
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
