package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// query returns the query of a request.
func query(r *http.Request) Query {
	v := r.URL.Query()
	text := strings.TrimSpace(v.Get("q"))
	// People paste numbers in groups of four.
	if digits := strings.ReplaceAll(text, " ", ""); len(digits) >= 8 && !strings.ContainsFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) }) {
		text = digits
	}
	return Query{Text: text, Labels: v.Get("in") == "labels", State: State(v.Get("state")), Group: v.Get("group")}
}

// checkedQuery is query, but answers a request whose query is not valid.
func (s *site) checkedQuery(w http.ResponseWriter, r *http.Request) (q Query, ok bool) {
	q = query(r)
	switch p := s.printer(r); {
	case len(q.Text) > maxText:
		s.message(w, r, http.StatusBadRequest, p.T("query too long"), "")
	case q.State != "" && !slices.Contains(States(), q.State):
		s.message(w, r, http.StatusBadRequest, p.T("no such state"), "")
	default:
		return q, true
	}
	return q, false
}

// listBody is what the template cards shows.
type listBody struct {
	AllStates []State
	Groups    []string
	Count     string
	Rows      []listRow
	More      string
	InLabels  string // the link to the same search in labels; "" if there is none
	CSV, JSON string // links
}

// listRow is one card.
type listRow struct {
	Card
	Level         level
	Verdict, Link string
	OtherID       string // that the platform reports
}

func (s *site) serveCards(w http.ResponseWriter, r *http.Request) {
	q, ok := s.checkedQuery(w, r)
	if !ok {
		return
	}
	leave := s.enter(s.searches, w, r)
	if leave == nil {
		return
	}
	found, err := s.Source.Search(r.Context(), q)
	leave()
	if err != nil {
		return // the reader is gone
	}
	p := s.newPage(r)
	b := listBody{AllStates: States(), Groups: found.Groups, CSV: p.list("/cards.csv", q), JSON: p.list("/cards.json", q)}
	switch found.Total {
	case 0:
		b.Count = p.T("found none")
	case 1:
		b.Count = p.T("found one")
	default:
		b.Count = p.T("found", found.Total)
	}
	for i := range found.Cards {
		b.Rows = append(b.Rows, s.row(p, &found.Cards[i]))
	}
	if more := found.Total - len(found.Cards); more > 0 {
		b.More = p.T("and more", len(found.Cards), more)
	}
	if q.Text != "" && !found.ByLabel {
		inLabels := q
		inLabels.Labels = true
		b.InLabels = p.list("/cards", inLabels)
	}
	p.Body = b
	s.render(w, http.StatusOK, "cards", p)
}

func (s *site) row(p page, c *Card) listRow {
	v := judge(c, p.now)
	row := listRow{Card: *c, Level: v.level, Verdict: p.sentence(v.lines[0]), Link: s.cardLink(c.ID)}
	if a := c.Answer; a != nil && c.ByIMEI {
		row.OtherID = a.ICCID
	} else if a != nil {
		row.OtherID = a.IMEI
	}
	return row
}

func (s *site) cardLink(id string) string {
	return s.Paths.Base + "/card?" + url.Values{"id": {id}}.Encode()
}
