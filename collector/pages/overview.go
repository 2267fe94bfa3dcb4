package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

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

// section is a part of the overview.
type section struct {
	Title string
	All   string // the link to all that the title counts; "" if it counts none
	None  string // what to say if there are no tiles
	Level level  // of None
	Tiles []tile
	Zeros []tile // of which there is no card
}

// tile is how many cards of all groups have something in common.
type tile struct {
	Caption, Link string
	Level         level
	Cards         int
}

// groupRow is what the numbers of a group are, each a link to its list.
type groupRow struct {
	Name  string // "" for all groups together
	Group        // the zero value for all groups together
	Cells []tile
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
	b.Columns, b.GroupRows = p.groupRows(b.Groups, &all)
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

// total returns the numbers of all groups together.
func total(groups []Group) (all Group) {
	for _, g := range groups {
		all.Cards += g.Cards
		all.AddAll(g.Counts)
		for i := range g.Weeks {
			all.Weeks[i] += g.Weeks[i]
		}
		for i := range g.Months {
			all.Months[i] += g.Months[i]
		}
	}
	return all
}

// asOf says when the cards were counted, and of when their data is.
func (p printer) asOf(o Overview) string {
	var oldest, newest time.Time
	for _, g := range o.Groups {
		if !g.OldestData.IsZero() && (oldest.IsZero() || g.OldestData.Before(oldest)) {
			oldest = g.OldestData
		}
		if g.NewestData.After(newest) {
			newest = g.NewestData
		}
	}
	switch {
	case oldest.IsZero():
		return p.T("as of", moment(o.At))
	case newest.Sub(oldest) < time.Minute:
		return p.T("as of with data", moment(o.At), moment(newest))
	default:
		return p.T("as of with range", moment(o.At), moment(oldest), moment(newest))
	}
}

// invalidRows returns how many rows of all card files are left out.
func (s *site) invalidRows() (rows int) {
	for _, g := range s.Rows() {
		rows += g.Invalid
	}
	return rows
}

// sections returns what the overview says of all cards, the most urgent first, and of rows that
// are left out.
func (p page) sections(all *Group, invalidRows int) []section {
	stateTile := func(of problem.State) tile {
		return tile{p.Caption(of), p.Cards(of.String(), "", ""), levelOf(of), all.States[of]}
	}
	problemTile := func(of problem.Problem) tile {
		return tile{p.Caption(of), p.Cards("", of.String(), ""), levelOf(of.State()), all.Problems[of]}
	}
	now := section{Title: p.Caption(problem.OutOfService), None: p.T("needed now none"), Level: good}
	soon := section{Title: p.T("soon"), None: p.T("soon none"), Level: good}
	if unanswered := all.States[problem.NoAnswer]; unanswered > 0 { // of which nobody can say that all is well
		now.None, now.Level = p.T("none known", p.N(unanswered)), warning
		soon.None, soon.Level = now.None, warning
	}
	for i, cards := range all.Weeks {
		query := weekQuery(i)
		soon.add(tile{p.T("expire", p.expiryText(query)), p.list("/cards", Query{Expires: query}), warning, cards})
	}
	rest := section{Title: p.T("the rest")}
	for _, of := range problem.All() {
		switch {
		case of.State() == problem.OutOfService:
			now.add(problemTile(of))
		case of == problem.DataLow:
			soon.add(problemTile(of))
		case of != problem.Expiring: // which the weeks are about
			rest.add(problemTile(of))
		}
	}
	rest.add(tile{p.T("rows"), p.Base() + "/rows", warning, invalidRows})
	for _, of := range []problem.State{problem.NoAnswer, problem.OK, problem.NotInUse} {
		rest.add(stateTile(of))
	}
	if cards := all.States[problem.OutOfService]; cards > 0 {
		now.Title = p.T("needed now", p.N(cards))
		now.All = p.Cards(problem.OutOfService.String(), "", "")
	}
	return []section{now, soon, rest}
}

func (s *section) add(t tile) {
	if t.Cards == 0 {
		s.Zeros = append(s.Zeros, t)
	} else {
		s.Tiles = append(s.Tiles, t)
	}
}

// groupRows returns the numbers of groups about cards; of all groups together last, if there
// are several.
func (p page) groupRows(groups []Group, all *Group) (columns []string, rows []groupRow) {
	shown := []Query{{State: problem.OutOfService.String()}, {Problem: problem.Expiring.String()}, {Problem: problem.DataLow.String()}, {State: problem.NoAnswer.String()}, {State: problem.NotInUse.String()}}
	columns = []string{p.T("cards"), p.Caption(problem.OutOfService), p.Caption(problem.Expiring), p.Caption(problem.DataLow), p.Caption(problem.NoAnswer), p.Caption(problem.NotInUse)}
	return columns, rowsOf(groups, all, func(g *Group) (cells []tile) {
		cells = append(cells, tile{columns[0], p.Cards("", "", g.Name), "", g.Cards})
		for i, q := range shown {
			q.Group = g.Name
			cell := tile{columns[1+i], p.list("/cards", q), "", 0}
			if q.State != "" {
				of := problem.StateOf(q.State)
				cell.Cards, cell.Level = g.States[of], levelOf(of)
			} else {
				cell.Cards, cell.Level = g.Problems[shownProblem(q.Problem)], warning
			}
			cells = append(cells, cell)
		}
		return cells
	})
}

func shownProblem(name string) problem.Problem {
	return problem.All()[slices.IndexFunc(problem.All(), func(p problem.Problem) bool { return p.String() == name })]
}

// renewals returns how many cards of each group expire in each month, nil if none does.
func (p page) renewals(months []string, groups []Group, all *Group) []groupRow {
	if all.Months == [shownMonths]int{} {
		return nil
	}
	groups = slices.DeleteFunc(slices.Clone(groups), func(g Group) bool { return g.Months == [shownMonths]int{} })
	return rowsOf(groups, all, func(g *Group) (cells []tile) {
		for i, month := range months {
			cells = append(cells, tile{month, p.list("/cards", Query{Group: g.Name, Expires: month}), "", g.Months[i]})
		}
		return cells
	})
}

func rowsOf(groups []Group, all *Group, cells func(g *Group) []tile) (rows []groupRow) {
	for i := range groups {
		rows = append(rows, groupRow{groups[i].Name, groups[i], cells(&groups[i])})
	}
	if len(groups) > 1 {
		rows = append(rows, groupRow{"", Group{}, cells(all)})
	}
	return rows
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
		notices = append(notices, p.T(key, moment(d.Since), failure(d.Cause)))
	}
	var last time.Time
	var many []string
	for _, g := range o.Groups {
		if g.Scraped.After(last) {
			last = g.Scraped
		}
		if g.ManyExpire() {
			many = append(many, g.Name)
		}
	}
	if many != nil {
		notices = append(notices, p.T("many expire", strings.Join(many, p.T("list"))))
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
