package pages

import (
	"context"
	"net/http"
	"runtime"
	"time"
)

const (
	// maxQuery limits what follows the ? of a URL, in bytes.
	maxQuery = 4096
	// maxText limits a text to search for, in bytes.
	maxText = 200

	maxExports   = 2  // at once; each lasts as long as its reader
	maxRefreshes = 40 // at once that wait for the platform

	// maxWait is how long a request waits for its turn.
	maxWait = 2 * time.Second
)

// csp has the browser load nothing but the stylesheet and the icon, send forms nowhere
// else, and show no page inside another.
const csp = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// protect sets the headers that protect a page, and turns away a query that is too long.
func (s *site) protect(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// With no-referrer, a browser would send the form of a card with Origin: null, and
		// over plain HTTP nothing else says that it is the exporter's own.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // shops' data stays in no cache
		if len(r.URL.RawQuery) > maxQuery {
			r.URL.RawQuery = ""
			s.message(w, r, http.StatusRequestURITooLong, s.printer(r).T("query too long"), "")
			return
		}
		h.Set("Vary", "Accept-Language")
		next(w, r)
	})
}

// sameOrigin turns away requests that a page of another site makes a browser send.
func (s *site) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if s.Paths.Origin != "" {
		if err := protection.AddTrustedOrigin(s.Paths.Origin); err != nil {
			panic(err) // Flags.Paths has checked it
		}
	}
	return protection.Handler(next)
}

// limiter is as many places as its capacity.
type limiter chan struct{}

// newSearchLimiter leaves half of the cores to scrapes.
func newSearchLimiter() limiter { return make(limiter, max(1, runtime.GOMAXPROCS(0)/2)) }

// enter waits for a place, and returns a function that gives it back; nil if there is
// none in time.
func (l limiter) enter(ctx context.Context) (leave func()) {
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case l <- struct{}{}:
		return func() { <-l }
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}

// enter waits for a place of a limiter. If there is none, it answers the request and
// returns nil.
func (s *site) enter(l limiter, w http.ResponseWriter, r *http.Request) (leave func()) {
	leave = l.enter(r.Context())
	if leave == nil {
		w.Header().Set("Retry-After", "5")
		s.message(w, r, http.StatusServiceUnavailable, s.printer(r).T("busy"), "")
	}
	return leave
}
