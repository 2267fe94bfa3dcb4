// Package pages serves pages for people: an overview, a search, one page that says why a card
// has no value, the rows of card files that are no cards, and a report for chat robots. They
// are read-only, apart from one button that queries a card, and need no script.
//
// What they show comes from a [Source]. describe decides what to say of a card, and a printer
// says it, in English or Chinese. Every page passes site.protect, and what costs much waits
// in site.acquire for its turn, so that no page harms users or scrapes.
package pages

import (
	"net/http"
	"time"

	"simcard_exporter/collector/persistence"
)

// Options hold what the pages need. Each field must be set, except as noted. The functions
// are called concurrently.
type Options struct {
	Name, Version string // of the exporter
	Source        Source

	Origin    string // scheme and host of the URL that people use; "" if that is unknown
	Base      string // that links begin with, "" or /a/b
	Telemetry string // path for metrics, behind Base
	Grafana   string // URL without a slash at the end; "" if there is none

	Interval    time.Duration             // between two scrapes, as the plan assumes
	Location    func() *time.Location     // in which the pages show times
	LastReload  func() (time.Time, error) // when the last reload ended, and why it failed
	Rows        func() []GroupRows        // of all groups
	Persistence func() persistence.State
}

// Register passes each page to handle, which must turn away a POST from another site and, with an
// Origin, a request for another host. What it returns answers these. Without a method, a page is
// for all that have no other page.
func (o Options) Register(handle func(method, path string, h http.Handler)) (otherSite, otherHost http.Handler) {
	s := newSite(o)
	page := func(path string, h http.HandlerFunc) { handle(http.MethodGet, path, s.protect(h)) }
	page("/{$}", s.serveOverview)
	page("/cards", s.serveCards)
	page("/cards.csv", s.serveCSV)
	page("/cards.json", s.serveJSON)
	page("/card", s.serveCard)
	page("/rows", s.serveRows)
	page("/digest", s.serveDigest)
	page("/static/{file}", s.serveAsset)
	handle(http.MethodPost, "/card/refresh", s.protect(s.serveRefresh))
	handle("", "/{path...}", s.protect(s.serveMissing))
	return s.protect(s.serveOtherSite), s.protect(s.serveOtherHost)
}
