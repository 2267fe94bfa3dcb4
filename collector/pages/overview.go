package pages

import (
	"net/http"
	"time"

	"simcard_exporter/collector/problem"
)

// Done returns how many batches are neither queued nor in progress.
func (g Group) Done() int { return g.Batches - g.Waiting }

// NoAnswer returns how many of the group's cards have nothing to serve.
func (g Group) NoAnswer() int { return g.States[problem.NoAnswer] }

// Number returns the number of the shard, from 1.
func (s Shard) Number() int { return s.Index + 1 }

// overviewBody is what the template overview shows.
type overviewBody struct {
	Overview
	Notices           []string
	States, Problems  []tile
	PlannedNote       string
	Reload            string
	ReloadError       error
	Persistence       string
	PersistenceFailed bool
}

// tile is how many cards of all groups have something in common.
type tile struct {
	Caption, Link string
	Level         level
	Cards         int
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
	var all problem.Counts
	for _, g := range overview.Groups {
		all.AddAll(g.Counts)
	}
	for _, state := range problem.States() {
		b.States = append(b.States, tile{p.Caption(state), p.Cards(state.String(), "", ""), levelOf(state), all.States[state]})
	}
	for _, wrong := range problem.All() {
		b.Problems = append(b.Problems, tile{p.Caption(wrong), p.Cards("", wrong.String(), ""), levelOf(wrong.State()), all.Problems[wrong]})
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

func levelOf(state problem.State) level {
	switch state {
	case problem.OutOfService:
		return bad
	case problem.Attention, problem.NoAnswer:
		return warning
	default:
		return good
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
	for _, g := range o.Groups {
		if g.ManyExpire() {
			notices = append(notices, p.T("many expire", g.Name))
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
