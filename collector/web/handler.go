// Package web is the exporter's web server. It serves metrics, the configuration, reload,
// health checks and the pages, all below one prefix, and keeps other sites from having a
// browser change anything.
package web

import "net/http"

// Endpoints holds what Handler serves. Each field must be set, except as noted. The
// handlers are called concurrently.
type Endpoints struct {
	Paths   Paths
	Metrics http.Handler                                           // at the path for metrics
	Config  http.HandlerFunc                                       // at /config
	Reload  http.HandlerFunc                                       // at /-/reload
	Pages   func(handle func(method, path string, h http.Handler)) // registers the pages

	// Between these two, the exporter is ready. They must not depend on the
	// platform: a Kubernetes Service does not pass scrapes to a pod that is not
	// ready, and without scrapes the platform is never queried.
	Loaded, Ended <-chan struct{} // closed when all is loaded, and when the shutdown begins
}

// Handler returns a handler that serves e, all below the route prefix. It panics if the
// paths are not valid.
func Handler(e Endpoints) http.Handler {
	mux := http.NewServeMux()
	origin := sameOrigin(e.Paths.Origin)
	handle := func(method, path string, h http.Handler) {
		mux.Handle(method+" "+e.Paths.Prefix+path, origin.Handler(h))
	}
	e.Pages(handle)
	handle(http.MethodGet, e.Paths.Telemetry, e.Metrics)
	handle(http.MethodGet, "/config", e.Config)
	handle(http.MethodPost, "/-/reload", e.Reload)
	handle(http.MethodGet, healthy, http.HandlerFunc(serveHealthy))
	handle(http.MethodGet, "/-/ready", readiness(e.Ended))
	if e.Paths.Prefix != "" {
		home := http.RedirectHandler(e.Paths.Base+"/", http.StatusFound)
		mux.Handle("GET /{$}", home)
		mux.Handle("GET "+e.Paths.Prefix, home)
	}
	return readBody(untilLoaded(e.Loaded, e.Paths.Prefix+healthy, mux))
}

// sameOrigin turns away requests other than GET and HEAD that a page of another site makes
// a browser send. An origin that is trusted beside the server's own may be "".
func sameOrigin(trusted string) *http.CrossOriginProtection {
	protection := http.NewCrossOriginProtection()
	if trusted != "" {
		if err := protection.AddTrustedOrigin(trusted); err != nil {
			panic(err) // Flags.Validate has checked it
		}
	}
	return protection
}
