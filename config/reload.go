package config

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Reloader holds the running configuration and replaces it whole, or not at
// all. It is safe for concurrent use.
type Reloader struct {
	logger *slog.Logger
	file   *File
	apply  func(running, cfg *Config) error

	seed      maphash.Seed
	reloading chan struct{} // holds a value during a reload, so that there is one at a time
	loaded    *loaded       // the running configuration; for the reload in progress
	running   atomic.Pointer[Config]
	last      atomic.Pointer[outcome]

	mu   sync.Mutex // protects next, and what it points to until its turn comes
	next *reload    // what waits for its turn; nil if nothing does

	successful    prometheus.Gauge
	lastSucceeded prometheus.Gauge
}

// NewReloader returns a Reloader without a running configuration. A reload loads
// file and calls apply to replace the running configuration, nil at first; if apply
// returns an error, it must not have changed anything. The metrics about reloads
// are registered with registerer.
func NewReloader(logger *slog.Logger, registerer prometheus.Registerer, file *File, apply func(running, cfg *Config) error) *Reloader {
	factory := promauto.With(registerer)
	r := &Reloader{
		logger:    logger,
		file:      file,
		apply:     apply,
		seed:      maphash.MakeSeed(),
		loaded:    &loaded{},
		reloading: make(chan struct{}, 1),
		successful: factory.NewGauge(prometheus.GaugeOpts{
			Name: "simcard_exporter_config_last_reload_successful",
			Help: "Whether the last load of the configuration was successful (1) or not (0).",
		}),
		lastSucceeded: factory.NewGauge(prometheus.GaugeOpts{
			Name: "simcard_exporter_config_last_reload_success_timestamp_seconds",
			Help: "Unix time of the last successful load of the configuration.",
			Unit: "seconds",
		}),
	}
	r.last.Store(&outcome{})
	return r
}

// outcome is what came of a reload.
type outcome struct {
	at  time.Time // when it ended
	err error     // nil if it was successful
}

// Last returns when the last reload ended, and why it failed, nil if it did not; the
// zero time before the first.
func (r *Reloader) Last() (time.Time, error) {
	last := r.last.Load()
	return last.at, last.err
}

// Running returns the running configuration, without its cards; nil before the first
// successful reload.
func (r *Reloader) Running() *Config { return r.running.Load() }

// reload is one reload that any number of callers wait for.
type reload struct {
	callers int
	done    chan struct{} // closed when err is set
	err     error
}

// Reload loads the configuration and applies it. If that fails, the running
// configuration stays. A panic is returned as an error.
//
// During a reload, those who call Reload share the next one: the one in progress may have
// read a file that was changed since. If all of them leave before it begins, it is dropped.
// When ctx is done, Reload returns its error at once.
func (r *Reloader) Reload(ctx context.Context) error {
	r.mu.Lock()
	if r.next == nil {
		r.next = &reload{done: make(chan struct{})}
		go r.run(r.next)
	}
	next := r.next
	next.callers++
	r.mu.Unlock()
	select {
	case <-next.done:
		return next.err
	case <-ctx.Done():
		r.mu.Lock()
		defer r.mu.Unlock()
		next.callers--
		return ctx.Err()
	}
}

// run waits for the turn of next, and reloads.
func (r *Reloader) run(next *reload) {
	r.reloading <- struct{}{}
	defer func() { <-r.reloading }()
	r.mu.Lock()
	r.next = nil
	wanted := next.callers > 0
	r.mu.Unlock()
	if wanted {
		next.err = r.load()
	}
	close(next.done)
}

func (r *Reloader) load() (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.logger.Error("reload panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
		if err != nil {
			r.successful.Set(0)
			if r.Running() != nil {
				r.logger.Error("reload kept the last configuration", "err", err)
			}
		}
		r.last.Store(&outcome{time.Now(), err})
	}()
	cfg, err := r.file.Load()
	if err != nil {
		return err
	}
	next := r.newLoaded(cfg)
	if err := r.checkLoss(cfg, next); err != nil {
		return err
	}
	if err := r.apply(r.Running(), cfg); err != nil {
		return err
	}
	r.running.Store(cfg.withoutCards())
	r.successful.Set(1)
	r.lastSucceeded.SetToCurrentTime()
	for _, row := range cfg.LeftOut {
		r.logger.Warn("row left out", "row", row)
	}
	for _, warning := range cfg.Warnings {
		r.logger.Warn("configuration warning", "warning", warning)
	}
	r.logLoaded(cfg, next)
	return nil
}

// Run reloads at each signal, such as SIGHUP, until ctx is done. If interval is
// above 0, it also looks for changes that often, and reloads when two looks in a
// row find the same change: at the first, a file may be half written.
func (r *Reloader) Run(ctx context.Context, signals <-chan os.Signal, interval time.Duration) {
	var looks <-chan time.Time
	if interval > 0 {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		looks = ticker.C
	}
	last := ""
	for {
		select {
		case <-signals:
			_ = r.Reload(ctx) // which has logged its error
		case <-looks:
			checksum, changed := r.file.Look()
			if changed && checksum == last {
				_ = r.Reload(ctx)
			}
			last = checksum
		case <-ctx.Done():
			return
		}
	}
}

// answerTimeout is how long a client may take to read the answer to its reload.
const answerTimeout = 10 * time.Second

// ServeReload reloads the configuration. If that fails, the response is a 500 with
// the error. A reload may take longer than the server allows for a response.
func (r *Reloader) ServeReload(w http.ResponseWriter, req *http.Request) {
	controller := http.NewResponseController(w)
	// An error, from a writer without deadlines, does not matter.
	_ = controller.SetWriteDeadline(time.Time{})
	err := r.Reload(req.Context())
	if req.Context().Err() != nil {
		panic(http.ErrAbortHandler) // or one that has closed its direction would get a 200
	}
	_ = controller.SetWriteDeadline(time.Now().Add(answerTimeout))
	if err != nil {
		http.Error(w, fmt.Sprintf("the last good configuration stays in use:\n%v", err), http.StatusInternalServerError)
	}
}

// ServeConfig shows the running configuration with its secrets masked.
func (r *Reloader) ServeConfig(w http.ResponseWriter, _ *http.Request) {
	text, err := r.Running().Masked()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(text)
}
