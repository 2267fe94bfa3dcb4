// Package pages serves the exporter's endpoints over HTTP: metrics, the configuration,
// reload, health checks, and pages for people: an overview, a search, and one page that
// says why a card has no value. The pages are read-only, apart from one button that
// queries a card. They need no script.
//
//	server.go      the server
//	endpoints.go   every path
//	paths.go       the command line's flags about them
//	source.go      what the pages show, which package collector knows
//	site.go        what all pages have in common
//	overview.go    the groups
//	list.go        a list of cards
//	export.go      the same as CSV or JSON
//	card.go        one card
//	verdict.go     how a card is, and why it has no value
//	printer.go     the same in words
//	texts.go       the words, in English and Chinese
//	protect.go     limits and headers, so that no page harms scrapes or users
package pages

import (
	"fmt"
	"net/http"
	"time"
)

const healthy = "/-/healthy"

// Endpoints holds what Handler serves. Each field must be set, except as noted. The
// handlers and functions are called concurrently.
type Endpoints struct {
	Name, Version string // of the exporter
	Paths         Paths

	Metrics http.Handler     // at the path for metrics
	Config  http.HandlerFunc // at /config
	Reload  http.HandlerFunc // at /-/reload

	// Between these two, the exporter is ready. They must not depend on the
	// platform: a Kubernetes Service does not pass scrapes to a pod that is not
	// ready, and without scrapes the platform is never queried.
	Loaded, Ended <-chan struct{} // closed when all is loaded, and when the shutdown begins

	Source      Source
	Interval    time.Duration             // between two scrapes, as the plan assumes
	Location    func() *time.Location     // in which the pages show times
	LastReload  func() (time.Time, error) // when the last reload ended, and why it failed
	Persistence func() (state Persistence, enabled bool)
}

// Persistence is what is known about the file in which answers survive a restart.
type Persistence struct {
	File  string
	Saved time.Time // the last time; zero if never
	Bytes int64     // its size then
	Err   error     // of the last attempt; nil if it was successful
}

// Handler returns a handler that serves e, all below the route prefix. It panics if the
// paths are not valid.
func Handler(e Endpoints) http.Handler {
	s := newSite(e)
	mux := http.NewServeMux()
	handle := func(method, path string, h http.Handler) { mux.Handle(method+" "+e.Paths.Prefix+path, h) }
	page := func(path string, h http.HandlerFunc) { handle(http.MethodGet, path, s.protect(h)) }
	page("/{$}", s.serveOverview)
	page("/cards", s.serveCards)
	page("/cards.csv", s.serveCSV)
	page("/cards.json", s.serveJSON)
	page("/card", s.serveCard)
	handle(http.MethodPost, "/card/refresh", s.sameOrigin(s.protect(s.serveRefresh)))
	page("/static/{file}", s.serveAsset)

	handle(http.MethodGet, e.Paths.Telemetry, e.Metrics)
	handle(http.MethodGet, "/config", e.Config)
	handle(http.MethodPost, "/-/reload", s.sameOrigin(e.Reload))
	handle(http.MethodGet, healthy, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Healthy") }))
	handle(http.MethodGet, "/-/ready", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if isClosed(e.Ended) {
			http.Error(w, "Shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "Ready")
	}))
	if e.Paths.Prefix != "" {
		home := http.RedirectHandler(e.Paths.Base+"/", http.StatusFound)
		mux.Handle("GET /{$}", home)
		mux.Handle("GET "+e.Paths.Prefix, home)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A scrape before all is loaded would take every card for gone.
		if r.URL.Path != e.Paths.Prefix+healthy && !isClosed(e.Loaded) {
			http.Error(w, "Loading", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
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
