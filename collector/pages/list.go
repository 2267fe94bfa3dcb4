package pages

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"simcard_exporter/collector/problem"
)

// query returns the query of a request.
func query(r *http.Request) Query {
	v := r.URL.Query()
	return Query{Text: searchText(v.Get("q")), Labels: v.Get("in") == "labels", State: v.Get("state"), Problem: v.Get("problem"), Group: v.Get("group")}
}

// A number as people paste and type it: in groups, with one letter at most, as an ICCID
// has, or without any spaces.
var (
	groupedNumber = regexp.MustCompile(`^[0-9 ]*[A-Za-z]?[0-9 ]*$`)
	plainNumber   = regexp.MustCompile(`^[0-9]+$`)
)

// searchText returns the text to search for. Of a number, it removes what is no part of
// it: spaces, full width, and the invisible marks that come with a paste.
func searchText(typed string) string {
	typed = strings.TrimSpace(typed)
	number := width.Narrow.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, typed))
	whole := strings.ReplaceAll(number, " ", "")
	if plainNumber.MatchString(number) || groupedNumber.MatchString(number) && len(whole) >= 8 {
		return whole
	}
	return typed
}

// checkedQuery is query, but answers a request whose query is not valid.
func (s *site) checkedQuery(w http.ResponseWriter, r *http.Request) (q Query, ok bool) {
	q = query(r)
	switch p := s.printer(r); {
	case utf8.RuneCountInString(q.Text) > maxText:
		s.message(w, r, http.StatusBadRequest, p.T("query too long"), "")
	case q.State != "" && !slices.Contains(problem.States(), problem.StateOf(q.State)):
		s.message(w, r, http.StatusBadRequest, p.T("no such state"), "")
	case q.Problem != "" && problem.SetOf(q.Problem) == 0:
		s.message(w, r, http.StatusBadRequest, p.T("no such problem"), "")
	default:
		return q, true
	}
	return q, false
}

// listBody is what the template cards shows.
type listBody struct {
	States    []problem.State
	Problems  []problem.Problem
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
	release := s.acquire(s.searches, w, r)
	if release == nil {
		return
	}
	found, err := s.Source.Search(r.Context(), q)
	release()
	if err != nil {
		panic(http.ErrAbortHandler) // the reader is gone, or has closed one direction only
	}
	p := s.newPage(r)
	b := listBody{States: problem.States(), Problems: problem.All(), Groups: found.Groups, CSV: p.list("/cards.csv", q), JSON: p.list("/cards.json", q)}
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
	v := describe(c, p.now)
	row := listRow{Card: *c, Level: v.level, Verdict: p.sentence(v.lines[0]), Link: s.cardLink(c.ID)}
	switch a := c.Answer; {
	case !a.known():
	case c.ByIMEI:
		row.OtherID = a.ICCID
	default:
		row.OtherID = a.IMEI
	}
	return row
}

func (s *site) cardLink(id string) string {
	return s.Base + "/card?" + url.Values{"id": {id}}.Encode()
}
