package config

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Reloader holds the running configuration and replaces it whole, or not at
// all. It is safe for concurrent use.
type Reloader struct {
	logger *slog.Logger
	load   func() (*Config, error)
	apply  func(running, cfg *Config) error

	mu      sync.Mutex // held during a reload, so that there is one at a time
	running atomic.Pointer[Config]

	successful    prometheus.Gauge
	lastSucceeded prometheus.Gauge
}

// NewReloader returns a Reloader without a running configuration. A reload
// loads a configuration and applies it in place of the running one, which is
// nil at first; if apply returns an error it must have changed nothing. The
// metrics about reloads go to registerer.
func NewReloader(logger *slog.Logger, registerer prometheus.Registerer, load func() (*Config, error), apply func(running, cfg *Config) error) *Reloader {
	factory := promauto.With(registerer)
	return &Reloader{
		logger: logger,
		load:   load,
		apply:  apply,
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
}

// Running returns the running configuration; nil before the first reload that
// succeeded.
func (r *Reloader) Running() *Config { return r.running.Load() }

// Reload loads the configuration and applies it. After an error the running
// configuration is what it was.
func (r *Reloader) Reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	cfg, err := r.load()
	if err == nil {
		err = r.apply(r.Running(), cfg)
	}
	if err != nil {
		r.successful.Set(0)
		return err
	}
	r.running.Store(cfg)
	r.successful.Set(1)
	r.lastSucceeded.SetToCurrentTime()
	for _, warning := range cfg.Warnings {
		r.logger.Warn("configuration warning", "warning", warning)
	}
	r.logger.Info("configuration loaded", "groups", len(cfg.Groups))
	return nil
}

// Run reloads at each signal, such as SIGHUP, until ctx is done.
func (r *Reloader) Run(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-signals:
			_ = r.reloadLogged()
		case <-ctx.Done():
			return
		}
	}
}

func (r *Reloader) reloadLogged() error {
	err := r.Reload()
	if err != nil {
		r.logger.Error("reload kept the last configuration", "err", err)
	}
	return err
}

// ServeReload reloads. A reload that fails is a 500 with the error.
func (r *Reloader) ServeReload(w http.ResponseWriter, _ *http.Request) {
	if err := r.reloadLogged(); err != nil {
		http.Error(w, fmt.Sprintf("the last configuration stays:\n%v", err), http.StatusInternalServerError)
	}
}

// ServeConfig shows the running configuration, secrets masked.
func (r *Reloader) ServeConfig(w http.ResponseWriter, _ *http.Request) {
	text, err := r.Running().Masked()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(text)
}
