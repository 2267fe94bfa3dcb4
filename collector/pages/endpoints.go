// Package pages serves the exporter's endpoints over HTTP: metrics, a landing page,
// the configuration, reload and health checks.
package pages

import (
	"fmt"
	"net/http"

	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
)

const healthy = "/-/healthy"

// Endpoints holds what Handler serves. Each field must be set. The handlers and Ready
// are called concurrently.
type Endpoints struct {
	Name, Description string // of the exporter

	Metrics http.Handler     // at /metrics
	Config  http.HandlerFunc // at /config
	Reload  http.HandlerFunc // at /-/reload

	// Between these two, the exporter is ready. They must not depend on the
	// platform: a Kubernetes Service does not pass scrapes to a pod that is not
	// ready, and without scrapes the platform is never queried.
	Loaded, Ended <-chan struct{} // closed when all is loaded, and when the shutdown begins
}

// Handler returns a handler that serves e. An error means that the landing page could
// not be built.
func Handler(e Endpoints) (http.Handler, error) {
	landing, err := web.NewLandingPage(web.LandingConfig{
		Name:        e.Name,
		Description: e.Description,
		Version:     version.Info(),
		Profiling:   "false",
		Links: []web.LandingLinks{
			{Address: "/metrics", Text: "Metrics"},
			{Address: "/config", Text: "Configuration", Description: "secrets masked"},
			{Address: healthy, Text: "Healthy"},
			{Address: "/-/ready", Text: "Ready"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("create landing page: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", landing)
	mux.Handle("GET /metrics", e.Metrics)
	mux.HandleFunc("GET /config", e.Config)
	mux.HandleFunc("POST /-/reload", e.Reload)
	mux.HandleFunc("GET "+healthy, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Healthy") })
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if isClosed(e.Ended) {
			http.Error(w, "Shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "Ready")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A scrape before all is loaded would take every card for gone.
		if r.URL.Path != healthy && !isClosed(e.Loaded) {
			http.Error(w, "Loading", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
