// Package web is the exporter's web server. It serves metrics, the configuration, reload,
// health checks and the pages, all below one prefix, and keeps other sites from having a
// browser change anything.
package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Endpoints holds what Handler serves. Each field must be set, except as noted. The
// handlers are called concurrently.
type Endpoints struct {
	Paths   Paths
	Metrics http.Handler // at the path for metrics

	// Without pages, all of these are nil.
	Config http.HandlerFunc // at /config
	Reload http.HandlerFunc // at /-/reload
	// Pages registers the pages, and returns what answers a request that another site has a
	// browser send, and one for another host.
	Pages func(handle func(method, path string, h http.Handler)) (otherSite, otherHost http.Handler)

	// Between these two, the exporter is ready. They must not depend on the
	// platform: a Kubernetes Service does not pass scrapes to a pod that is not
	// ready, and without scrapes the platform is never queried.
	Loaded, Ended <-chan struct{} // closed when all is loaded, and when the shutdown begins
}

// Handler returns a handler that serves e, all below the route prefix. It panics if the
// paths are not valid.
func Handler(e Endpoints) http.Handler {
	mux := http.NewServeMux()
	handle := func(method, path string, h http.Handler) {
		mux.Handle(strings.TrimSpace(method+" "+e.Paths.Prefix+path), h)
	}
	handle(http.MethodGet, e.Paths.Telemetry, e.Metrics)
	handle(http.MethodGet, healthy, http.HandlerFunc(serveHealthy))
	handle(http.MethodGet, ready, readiness(e.Ended))
	if e.Pages != nil {
		e.registerPages(handle)
		if e.Paths.Prefix != "" {
			home := http.RedirectHandler(e.Paths.Base+"/", http.StatusFound)
			mux.Handle("GET /{$}", home)
			mux.Handle("GET "+e.Paths.Prefix, home)
		}
	}
	return resetAborted(readBody(private(untilLoaded(e.Loaded, e.Paths.Prefix+healthy, mux))))
}

// registerPages registers what people use, protected from other sites.
func (e Endpoints) registerPages(handle func(method, path string, h http.Handler)) {
	origin := sameOrigin(e.Paths.Origin)
	var otherSite, otherHost http.Handler // of the pages, which are registered by then
	protected := func(method, path string, h http.Handler) {
		handle(method, path, sameHost(e.Paths.Origin, origin.Handler(h), func(w http.ResponseWriter, r *http.Request) { otherHost.ServeHTTP(w, r) }))
	}
	otherSite, otherHost = e.Pages(protected)
	origin.SetDenyHandler(otherSite)
	protected(http.MethodGet, "/config", e.Config)
	protected(http.MethodPost, "/-/reload", e.Reload)
}

// private keeps what is served out of caches, unless h says otherwise, and has browsers
// believe what it says it is.
func private(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
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

// sameHost passes requests for another host than that of origin, if that is not "", to other: the
// page of another site, whose name leads to the exporter's address for a moment, counts as
// the exporter's own in a browser. No site has an IP address or localhost for its name.
func sameHost(origin string, h http.Handler, other http.HandlerFunc) http.Handler {
	if origin == "" {
		return h
	}
	external, err := url.Parse(origin)
	if err != nil {
		panic(err) // Flags.Validate has checked it
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := (&url.URL{Host: r.Host}).Hostname()
		_, err := netip.ParseAddr(host)
		if err != nil && !strings.EqualFold(host, "localhost") && !strings.EqualFold(host, external.Hostname()) {
			other(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
