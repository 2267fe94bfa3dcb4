package pages

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	filterForm = regexp.MustCompile(`(?s)<form class="filter".*?</form>`)
	searchForm = regexp.MustCompile(`(?s)<form class="search".*?</form>`)
	inputs     = regexp.MustCompile(`<input[^>]*name="([^"]*)" value="([^"]*)"`)
	selected   = regexp.MustCompile(`(?s)<select name="([^"]*)">(?:[^<]|<option|</option>)*?<option(?: value="([^"]*)")? selected>([^<]*)`)
)

// sent returns what a browser sends if a form of a page is sent as it is.
func sent(page string, form *regexp.Regexp) url.Values {
	v := make(url.Values)
	text := form.FindString(page)
	for _, m := range inputs.FindAllStringSubmatch(text, -1) {
		v.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	for _, m := range selected.FindAllStringSubmatch(text, -1) {
		value := m[2]
		if value == "" {
			value = m[3]
		}
		v.Add(m[1], html.UnescapeString(value))
	}
	return v
}

// TestFormsKeepTheQuery: what a list was limited to stays when something is added to it, but a
// new text to search for is not only for labels.
func TestFormsKeepTheQuery(t *testing.T) {
	for _, of := range []string{
		"q=3314&in=labels&state=ok&problem=moved&group=h&expires=2026-12", "q=%22%3E&group=g", "in=labels&q=1", "group=nowhere", "expires=30d&state=ok",
	} {
		want, err := url.ParseQuery(of)
		if err != nil {
			t.Fatal(err)
		}
		page := serve(t, newHandler(&fixed{}), http.MethodGet, "/cards?"+of).Body.String()
		if got := sent(page, filterForm); !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("the form of filters sends %q, want %q", got.Encode(), want.Encode())
		}
		want.Set("q", want.Get("q"))
		want.Del("in")
		if got := sent(page, searchForm); !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("the form of the search sends %q, want %q", got.Encode(), want.Encode())
		}
	}
}

var chipLinks = regexp.MustCompile(`<li><a href="/cards([^"]*)" title="Remove this filter">`)

// TestChips: each chip of a list leads to the same list without what the chip names, and all
// else.
func TestChips(t *testing.T) {
	const query = "expires=2026-12&group=h&in=labels&problem=moved&q=3314&state=ok"
	page := serve(t, newHandler(&fixed{}), http.MethodGet, "/cards?"+query).Body.String()
	links := chipLinks.FindAllStringSubmatch(page, -1)
	for i, without := range [][]string{{"q", "in"}, {"state"}, {"problem"}, {"expires"}, {"group"}} {
		want, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range without {
			want.Del(name)
		}
		if len(links) != 5 || html.UnescapeString(links[i][1]) != "?"+want.Encode() {
			t.Errorf("without %v: got %v, want %s", without, links, want.Encode())
		}
	}
}

// TestBadQueries: a query that means nothing, or another thing, is turned away by lists and
// downloads, and finds no other cards.
func TestBadQueries(t *testing.T) {
	for _, query := range []string{
		"expires=soon", "expires=2026-13", "expires=1969-12", "expires=0001-01", "expires=2611-06", "expires=9999-12", "expires=d", "expires=-1d", "expires=7d-", "expires=99999d",
		"state=odd", "problem=odd", "problem=Moved", "q=100%", "q=%zz&group=g", "group=a;b", "q=" + strings.Repeat("1", maxText+1),
	} {
		for _, path := range []string{"/cards", "/cards.csv", "/cards.json"} {
			if got := serve(t, newHandler(&fixed{}), http.MethodGet, path+"?"+query); got.Code != http.StatusBadRequest {
				t.Errorf("%s?%.40s: %d", path, query, got.Code)
			}
			page := serve(t, newHandler(&fixed{}), http.MethodGet, path+"?"+query, "Accept", "text/html").Body.String()
			if again := sent(page, searchForm); again.Encode() != "q=" {
				t.Errorf("%s?%.40s: the form sends %s again", path, query, again.Encode())
			}
		}
	}
	for _, query := range []string{"expires=2026-12", "expires=1971-01", "expires=0d", "expires=9999d", "expires=14d-7d", "q=100%25", "group=nowhere", "lang=odd", "q=" + strings.Repeat("店", maxText)} {
		if got := serve(t, newHandler(&fixed{}), http.MethodGet, "/cards?"+query); got.Code != http.StatusOK {
			t.Errorf("%.40s: %d", query, got.Code)
		}
	}
}
