package pages

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// maxQuery limits what follows the ? of a URL, in bytes.
	maxQuery = 4096
	// maxText limits a text to search for, in characters.
	maxText = 400

	maxDownloads = 2  // at once; one whose reader stops makes way
	maxRefreshes = 40 // at once that wait for the platform

	// maxWait is how long a request waits for its turn.
	maxWait = 2 * time.Second
)

// csp has the browser load nothing but the stylesheet and the icon, send forms nowhere
// else, and show no page inside another.
const csp = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// visible shows the marks that turn the direction of a text, which could make a shop's name
// show the digits behind it backwards.
var visible = strings.NewReplacer(func() (pairs []string) {
	for _, mark := range "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" {
		pairs = append(pairs, string(mark), fmt.Sprintf(`\u%04x`, mark))
	}
	return pairs
}()...)

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
			r.URL.RawQuery = "" // which is not worth parsing
			s.message(w, r, http.StatusRequestURITooLong, s.printer(r).T("query too long"), "")
			return
		}
		h.Set("Vary", "Accept-Language, Cookie")
		s.keepLanguage(w, r)
		next(w, r)
	})
}

// maxSearches is how many searches run at once; it leaves half of the cores to scrapes.
func maxSearches() int64 { return int64(max(1, runtime.GOMAXPROCS(0)/2)) }

// acquire waits for its turn by a semaphore, and returns a function that ends it. If the
// turn does not come in time, acquire answers the request and returns nil.
func (s *site) acquire(turns *semaphore.Weighted, w http.ResponseWriter, r *http.Request) (release func()) {
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	if err := turns.Acquire(ctx, 1); err != nil {
		s.busy(w, r)
		return nil
	}
	return func() { turns.Release(1) }
}

// busy answers a request whose turn has not come.
func (s *site) busy(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "5")
	s.message(w, r, http.StatusServiceUnavailable, s.printer(r).T("busy"), "")
}
