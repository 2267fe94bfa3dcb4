package pages

import (
	"net/http"
	"time"

	"simcard_exporter/collector/exposition"
)

// Done returns how many batches are neither queued nor in progress.
func (g Group) Done() int { return g.Batches - g.Waiting }

// In returns how many of the group's cards are in a state.
func (g Group) In(s State) int { return g.States[exposition.StateOf(string(s))] }

// Number returns the number of the shard, from 1.
func (s Shard) Number() int { return s.Index + 1 }

// overviewBody is what the template overview shows.
type overviewBody struct {
	Overview
	Notices           []string
	States            []stateTile
	PlannedNote       string
	Reload            string
	ReloadError       error
	Persistence       string
	PersistenceFailed bool
}

// stateTile is how many cards of all groups are in a state.
type stateTile struct {
	State State
	Level level
	Cards int
}

func (s *site) serveOverview(w http.ResponseWriter, r *http.Request) {
	release := s.acquire(s.searches, w, r)
	if release == nil {
		return
	}
	overview := s.Source.Overview()
	release()
	p := s.newPage(r)
	b := overviewBody{Overview: overview, Notices: s.notices(p.printer, overview)}
	for _, state := range States() {
		tile := stateTile{State: state, Level: levelOf(state)}
		for _, g := range overview.Groups {
			tile.Cards += g.In(state)
		}
		b.States = append(b.States, tile)
	}
	b.PlannedNote = p.T("planned note", span(s.Interval), p.zone.String())
	at, err := s.LastReload()
	if b.Reload, b.ReloadError = p.T("reload ok", ago(at)), err; err != nil {
		b.Reload = p.T("reload failed", ago(at))
	}
	b.Persistence, b.PersistenceFailed = s.persistence(p.printer)
	p.Body = b
	s.render(w, http.StatusOK, "overview", p)
}

func levelOf(state State) level {
	switch state {
	case OutOfService, Suspended, Expired, OutOfData:
		return bad
	case OK:
		return good
	default:
		return warning
	}
}

// notices says what concerns all cards.
func (s *site) notices(p printer, o Overview) (notices []string) {
	for _, d := range o.Down {
		key := "platform down"
		if d.Live {
			key = "platform down live"
		}
		notices = append(notices, p.T(key, moment(d.Since), d.Cause))
	}
	var last time.Time
	for _, g := range o.Groups {
		if g.Scraped.After(last) {
			last = g.Scraped
		}
	}
	switch {
	case last.IsZero():
		notices = append(notices, p.T("no scrape", s.Telemetry))
	case p.now.Sub(last) > freshScrape:
		notices = append(notices, p.T("no scrape since", moment(last)))
	}
	return notices
}

// persistence says where answers are saved, and whether that fails.
func (s *site) persistence(p printer) (text string, failed bool) {
	state := s.Persistence()
	if state.File == "" {
		return p.T("persistence off"), false
	}
	if state.Saved.IsZero() {
		text = p.T("persistence never", state.File)
	} else {
		text = p.T("persistence saved", state.File, ago(state.Saved), amount(state.Bytes))
	}
	if state.Err != nil {
		text += p.T("clause") + p.T("persistence failed", state.Err.Error())
	}
	return text, state.Err != nil
}
