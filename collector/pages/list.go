package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// listBody is what the template cards shows.
type listBody struct {
	States    []problem.State
	Problems  []problem.Problem
	Groups    []string
	Chips     []chip
	Count     string
	Columns   []string // headings of what is known of cards
	Rows      []listRow
	More      string
	InLabels  string // the link to the same search in labels; "" if there is none
	CSV, JSON string // links
}

// listRow is one card.
type listRow struct {
	Card
	Level            level
	Heading, Link    string
	Known            []string // in the order of listBody.Columns
	Balance, Expires string   // "" if unknown
	Numbers          []string // its identifiers, the one that it is queried by first
}

// maxListColumns is how much of what is known of a card has room in a list; the card's page
// has all of it.
const maxListColumns = 4

func (s *site) serveCards(w http.ResponseWriter, r *http.Request) {
	q, ok := s.checkedQuery(w, r)
	if !ok {
		return
	}
	release := s.acquire(s.searches, w, r)
	if release == nil {
		return
	}
	found, err := s.Source.Search(r.Context(), q)
	release()
	if err != nil {
		panic(http.ErrAbortHandler) // the reader is gone, or has closed one direction only
	}
	if q.Text != "" && found.Total == 1 {
		http.Redirect(w, r, s.cardLink(found.Cards[0].ID), http.StatusSeeOther)
		return
	}
	p := s.newPage(r)
	columns := found.Columns[:min(len(found.Columns), maxListColumns)]
	b := listBody{
		States: problem.States(), Problems: problem.All(), Groups: found.Groups, Chips: p.chips(q), Count: p.count(found.Total),
		CSV: p.list("/cards.csv", q), JSON: p.list("/cards.json", q),
	}
	if q.Group != "" && !slices.Contains(b.Groups, q.Group) { // as of an old bookmark
		b.Groups = append(b.Groups, q.Group)
	}
	for _, c := range columns {
		b.Columns = append(b.Columns, p.heading(c))
	}
	for i := range found.Cards {
		b.Rows = append(b.Rows, s.row(p, columns, &found.Cards[i]))
	}
	if more := found.Total - len(found.Cards); more > 0 {
		b.More = p.T("and more", p.N(len(found.Cards)), p.N(more))
	}
	if q.Text != "" && !found.ByLabel {
		inLabels := q
		inLabels.Labels = true
		b.InLabels = p.list("/cards", inLabels)
	}
	p.Title, p.Body = b.Count, b
	if len(b.Chips) > 0 {
		var values []string
		for _, c := range b.Chips {
			values = append(values, c.Value)
		}
		p.Title = strings.Join(values, ", ") + " – " + b.Count
	}
	s.render(w, http.StatusOK, "cards", p)
}

// count says how many cards were found.
func (p printer) count(cards int) string {
	switch cards {
	case 0:
		return p.T("found none")
	case 1:
		return p.T("found one")
	default:
		return p.T("found", p.N(cards))
	}
}

// heading names a column in the page's language or, if its name means nothing here, as the
// card file does.
func (p printer) heading(c Column) string {
	switch text, known := texts["column "+c.Name]; {
	case known:
		return text[p.language]
	case c.Header != "":
		return c.Header
	default:
		return c.Name
	}
}

func (s *site) row(p page, columns []Column, c *Card) listRow {
	v := describe(c, p.now)
	row := listRow{Card: *c, Level: v.level, Heading: p.joined(heading(c)), Link: s.cardLink(c.ID), Numbers: c.numbers()}
	for _, column := range columns {
		row.Known = append(row.Known, c.Value(column.Name))
	}
	if a := c.Answer; a.known() && a.Served {
		if a.Balance != nil {
			row.Balance = p.Bytes(*a.Balance)
		}
		if a.Expires != 0 {
			row.Expires = p.Date(a.Expires.Time())
		}
	}
	return row
}

// numbers returns the identifiers of a card, the one that it is queried by first.
func (c *Card) numbers() []string {
	all := []string{c.ID}
	a := c.Answer
	if !a.known() {
		a = &Answer{Card: new(platform.Card)}
	}
	other := a.IMEI
	switch {
	case c.ByIMEI:
		other = a.ICCID
	case other == "":
		other = c.Expected
	}
	if other != "" {
		all = append(all, other)
	}
	return all
}

func (s *site) cardLink(id string) string {
	return s.Base + "/card?" + url.Values{"id": {id}}.Encode()
}
