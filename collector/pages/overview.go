package pages

import (
	"cmp"
	"net/http"
	"slices"

	"simcard_exporter/collector/problem"
)

// Done returns how many batches are neither queued nor in progress.
func (g Group) Done() int { return g.Batches - g.Waiting }

// Number returns the number of the shard, from 1.
func (s Shard) Number() int { return s.Index + 1 }

// overviewBody is what the template overview shows.
type overviewBody struct {
	Overview
	Notices           []string
	AsOf              string
	Sections          []section
	Columns           []string // headings of the numbers of groups
	GroupRows         []groupRow
	Months            []string
	Renewals          []groupRow
	PlannedNote       string
	Reload            string
	ReloadError       error
	Persistence       string
	PersistenceFailed bool
}

func (s *site) serveOverview(w http.ResponseWriter, r *http.Request) {
	release := s.acquire(s.searches, w, r)
	if release == nil {
		return
	}
	overview := s.Source.Overview()
	release()
	p := s.newPage(r)
	b := overviewBody{Overview: overview, Notices: s.notices(p.printer, overview), AsOf: p.asOf(overview)}
	b.Groups = slices.Clone(overview.Groups)
	slices.SortStableFunc(b.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.States[problem.OutOfService], a.States[problem.OutOfService]),
			cmp.Compare(b.States[problem.Attention], a.States[problem.Attention]), cmp.Compare(b.States[problem.NoAnswer], a.States[problem.NoAnswer]))
	})
	all := total(b.Groups)
	b.Sections = p.sections(&all, s.invalidRows())
	for _, of := range p.numbers(&all) {
		b.Columns = append(b.Columns, of.Caption)
	}
	b.GroupRows = rowsOf(b.Groups, &all, p.numbers)
	b.Months = NewCalendar(overview.At.In(p.zone)).monthNames()
	b.Renewals = p.renewals(b.Months, b.Groups, &all)
	b.PlannedNote = p.T("planned note", span(s.Interval), p.zone.String())
	at, err := s.LastReload()
	if b.Reload, b.ReloadError = p.T("reload ok", ago(at)), err; err != nil {
		b.Reload = p.T("reload failed", ago(at))
	}
	b.Persistence, b.PersistenceFailed = s.persistence(p.printer)
	p.Title, p.Reloads, p.Body = p.T("overview"), 60, b
	s.render(w, http.StatusOK, "overview", p)
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
		text += p.T("clause") + p.T("persistence failed", p.T("quoted", state.Err.Error()))
	}
	return text, state.Err != nil
}
