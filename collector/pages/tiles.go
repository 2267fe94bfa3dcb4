package pages

import (
	"slices"

	"simcard_exporter/collector/problem"
)

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
			now.add(p.ofProblem(all, of))
		case of == problem.DataLow:
			soon.add(p.ofProblem(all, of))
		case of != problem.Expiring: // which the weeks are about
			rest.add(p.ofProblem(all, of))
		}
	}
	rest.add(tile{p.T("rows"), p.Base() + "/rows", warning, invalidRows})
	for _, of := range []problem.State{problem.NoAnswer, problem.OK, problem.NotInUse} {
		rest.add(p.ofState(all, of))
	}
	if cards := all.States[problem.OutOfService]; cards > 0 {
		now.Title = p.T("needed now", p.N(cards))
		now.All = p.Cards(problem.OutOfService.String(), "", "")
	}
	return []section{now, soon, rest}
}

// ofState returns how many cards of a group, or of all groups if it has no name, are in a state.
func (p page) ofState(g *Group, of problem.State) tile {
	return tile{p.Caption(of), p.Cards(of.String(), "", g.Name), levelOf(of), g.States[of]}
}

// ofProblem is ofState for a problem.
func (p page) ofProblem(g *Group, of problem.Problem) tile {
	return tile{p.Caption(of), p.Cards("", of.String(), g.Name), levelOf(of.State()), g.Problems[of]}
}

func (s *section) add(t tile) {
	if t.Cards == 0 {
		s.Zeros = append(s.Zeros, t)
	} else {
		s.Tiles = append(s.Tiles, t)
	}
}

// numbers returns the numbers of a group about cards.
func (p page) numbers(g *Group) []tile {
	return []tile{
		{p.T("cards"), p.Cards("", "", g.Name), good, g.Cards},
		p.ofState(g, problem.OutOfService), p.ofProblem(g, problem.Expiring), p.ofProblem(g, problem.DataLow),
		p.ofState(g, problem.NoAnswer), p.ofState(g, problem.NotInUse),
	}
}

// renewals returns how many cards of each group expire in each month, nil if none does.
func (p page) renewals(months []string, groups []Group, all *Group) []groupRow {
	if all.Months == [shownMonths]int{} {
		return nil
	}
	groups = slices.DeleteFunc(slices.Clone(groups), func(g Group) bool { return g.Months == [shownMonths]int{} })
	return rowsOf(groups, all, func(g *Group) (cells []tile) {
		for i, month := range months {
			cells = append(cells, tile{month, p.list("/cards", Query{Group: g.Name, Expires: month}), good, g.Months[i]})
		}
		return cells
	})
}

// rowsOf returns the cells of each group, and last of all groups together, if there are several.
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
