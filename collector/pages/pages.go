// Package pages serves pages for people: an overview, a search, and one page that says why
// a card has no value. They are read-only, apart from one button that queries a card, and
// need no script.
//
//	site.go        what all pages have in common
//	source.go      what the pages show, which package collector knows
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
	"net/http"
	"time"

	"simcard_exporter/collector/persistence"
)

// Options hold what the pages need. Each field must be set, except as noted. The functions
// are called concurrently.
type Options struct {
	Name, Version string // of the exporter
	Source        Source

	Base      string // that links begin with, "" or /a/b
	Telemetry string // path for metrics, behind Base
	Grafana   string // URL without a slash at the end; "" if there is none

	Interval    time.Duration             // between two scrapes, as the plan assumes
	Location    func() *time.Location     // in which the pages show times
	LastReload  func() (time.Time, error) // when the last reload ended, and why it failed
	Persistence func() persistence.State
}

// Register passes each page to handle, which must turn away a POST from another site.
func (o Options) Register(handle func(method, path string, h http.Handler)) {
	s := newSite(o)
	page := func(path string, h http.HandlerFunc) { handle(http.MethodGet, path, s.protect(h)) }
	page("/{$}", s.serveOverview)
	page("/cards", s.serveCards)
	page("/cards.csv", s.serveCSV)
	page("/cards.json", s.serveJSON)
	page("/card", s.serveCard)
	page("/static/{file}", s.serveAsset)
	handle(http.MethodPost, "/card/refresh", s.protect(s.serveRefresh))
}
