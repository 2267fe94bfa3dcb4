package web

import (
	"fmt"
	"net/http"
)

const healthy = "/-/healthy"

func serveHealthy(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Healthy") }

// readiness returns a handler for which the exporter is ready until ended is closed.
func readiness(ended <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if isClosed(ended) {
			http.Error(w, "Shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "Ready")
	}
}

// untilLoaded answers 503 for all paths but one until loaded is closed: a scrape before
// all is loaded would take every card for gone.
func untilLoaded(loaded <-chan struct{}, except string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != except && !isClosed(loaded) {
			http.Error(w, "Loading", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
