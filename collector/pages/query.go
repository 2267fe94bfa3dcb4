package pages

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"simcard_exporter/collector/problem"
)

// query returns the query of a request, whose times depend on the moment and the zone.
func query(r *http.Request, p printer) Query {
	v := r.URL.Query()
	q := Query{Text: typed(v.Get("q")), Labels: v.Get("in") == "labels", State: v.Get("state"), Problem: v.Get("problem"), Group: v.Get("group"), Expires: v.Get("expires")}
	q.From, q.Until = expiry(q.Expires, p.now.In(p.zone))
	return q
}

// typed returns a text without the invisible marks that come with a paste.
func typed(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text))
}

// days matches a number of days, or two with the first apart: 30d, 7d-14d.
var days = regexp.MustCompile(`^(?:([0-9]{1,4})d-)?([0-9]{1,4})d$`)

const oneDay = 24 * time.Hour

// expiry returns the times that a text such as 30d, 7d-14d or 2026-12 means; zero ones if
// it means nothing, or what no [platform.Instant] can be.
func expiry(text string, now time.Time) (from, until time.Time) {
	if month, err := time.ParseInLocation("2006-01", text, now.Location()); err == nil && month.Year() > 1970 && month.Year() < 2262 {
		return month, month.AddDate(0, 1, 0)
	}
	m := days.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, time.Time{}
	}
	first, _ := strconv.Atoi(m[1]) // 0 if there is none
	last, _ := strconv.Atoi(m[2])
	return now.Add(time.Duration(first) * oneDay), now.Add(time.Duration(last) * oneDay)
}

// expiryText says which cards expire in a time, such as 30d or 2026-12.
func (p printer) expiryText(text string) string {
	m := days.FindStringSubmatch(text)
	switch {
	case m == nil:
		return p.T("expires in month", text)
	case m[1] != "":
		return p.T("expires between", m[1], m[2])
	default:
		return p.T("expires within", m[2])
	}
}

// checkedQuery is query, but answers a request whose query is not valid.
func (s *site) checkedQuery(w http.ResponseWriter, r *http.Request) (q Query, ok bool) {
	p := s.printer(r)
	_, err := url.ParseQuery(r.URL.RawQuery)
	switch q = query(r, p); {
	case err != nil: // or what is left of it would find too many
		s.message(w, r, http.StatusBadRequest, p.T("bad query"), p.T("bad query hint"))
	case utf8.RuneCountInString(q.Text) > maxText:
		s.message(w, r, http.StatusBadRequest, p.T("query too long"), "")
	case q.State != "" && !slices.Contains(problem.States(), problem.StateOf(q.State)):
		s.message(w, r, http.StatusBadRequest, p.T("no such state"), "")
	case q.Problem != "" && problem.SetOf(q.Problem) == 0:
		s.message(w, r, http.StatusBadRequest, p.T("no such problem"), "")
	case q.Expires != "" && q.Until.IsZero():
		s.message(w, r, http.StatusBadRequest, p.T("no such expiry"), p.T("no such expiry hint"))
	default:
		return q, true
	}
	return q, false
}

// chip is a part of a query that can be removed.
type chip struct {
	Name, Value string
	Without     string // the link to the query without it
}

// chips returns the parts of a query, the words of its text apart.
func (p page) chips(q Query) (chips []chip) {
	add := func(name, value string, remove func(q *Query)) {
		rest := q
		remove(&rest)
		chips = append(chips, chip{name, value, p.list("/cards", rest)})
	}
	if q.Text != "" {
		name := p.T("search")
		if q.Labels {
			name = p.T("search in labels")
		}
		add(name, q.Text, func(q *Query) { q.Text, q.Labels = "", false })
	}
	if q.State != "" {
		add(p.T("state"), p.Caption(problem.StateOf(q.State)), func(q *Query) { q.State = "" })
	}
	for _, of := range problem.All() {
		if of.String() == q.Problem {
			add(p.T("problem"), p.Caption(of), func(q *Query) { q.Problem = "" })
		}
	}
	if q.Expires != "" {
		add(p.T("field expiry"), p.expiryText(q.Expires), func(q *Query) { q.Expires = "" })
	}
	if q.Group != "" {
		add(p.T("group"), q.Group, func(q *Query) { q.Group = "" })
	}
	return chips
}

// values returns the parameters of a query. What links and forms say of it is made of them.
func (q *Query) values() url.Values {
	v := make(url.Values)
	for name, value := range map[string]string{"q": q.Text, "state": q.State, "problem": q.Problem, "group": q.Group, "expires": q.Expires} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Labels {
		v.Set("in", "labels")
	}
	return v
}

// list returns a link to what a query finds, below the path of a list.
func (p page) list(path string, q Query) string {
	link := p.Base() + path
	if v := q.values(); len(v) > 0 {
		link += "?" + v.Encode()
	}
	return link
}

// parameter is one of a query.
type parameter struct{ Name, Value string }

// Kept returns the parameters of the page's query but for those that a form asks for.
func (p page) Kept(asked ...string) (kept []parameter) {
	v := p.Query.values()
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if !slices.Contains(asked, name) {
			kept = append(kept, parameter{name, v.Get(name)})
		}
	}
	return kept
}
