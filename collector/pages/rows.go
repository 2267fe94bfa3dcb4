package pages

import (
	"maps"
	"net/http"
	"slices"

	"simcard_exporter/config/cards"
)

// GroupRows says what became of the rows of a group's card files that are no cards.
type GroupRows struct {
	Group string
	cards.Rows
}

// maxRowsShown is how many rows the page of rows shows at most.
const maxRowsShown = 1000

// rowsBody is what the template rows shows.
type rowsBody struct {
	Rows   []shownRow
	More   string
	Others []string // what else became of rows, in sentences
}

// shownRow is a row of a card file that is left out.
type shownRow struct{ Group, File, Sheet, Place, Reason, Do string }

// serveRows serves what is wrong with the rows that are left out.
func (s *site) serveRows(w http.ResponseWriter, r *http.Request) {
	p, all := s.newPage(r), s.Rows()
	b, invalid := rowsBody{}, 0
	for i := range all {
		g := &all[i]
		invalid += g.Invalid
		for _, row := range g.First[:min(len(g.First), maxRowsShown-len(b.Rows))] {
			b.Rows = append(b.Rows, p.shownRow(g.Group, &row))
		}
		b.Others = append(b.Others, p.otherRows(g)...)
	}
	p.Title = p.T("rows found", invalid)
	if more := invalid - len(b.Rows); more > 0 {
		b.More = p.T("rows more", len(b.Rows), more)
	}
	p.Body = b
	s.render(w, http.StatusOK, "rows", p)
}

func (p printer) shownRow(group string, row *cards.InvalidRow) shownRow {
	shown := shownRow{group, row.File, row.Sheet, row.Cell, p.remark(row.Reason), p.remark(row.Do)}
	if shown.Place == "" {
		shown.Place = p.T("rows line", row.Line)
	}
	return shown
}

func (p printer) remark(text cards.Text) string {
	return [languages]string{text.English, text.Chinese}[p.language]
}

// otherRows says what became of the rows of a group that are no mistakes.
func (p printer) otherRows(g *GroupRows) (said []string) {
	for _, of := range []struct {
		rows int
		key  string
	}{{g.Unidentified, "rows unidentified"}, {g.Repeated, "rows repeated"}, {g.Unread, "rows unread"}} {
		if of.rows > 0 {
			said = append(said, p.T(of.key, g.Group, of.rows))
		}
	}
	for _, value := range slices.Sorted(maps.Keys(g.NotInUse)) {
		said = append(said, p.T("rows not in use", g.Group, g.NotInUse[value], value))
	}
	return said
}
