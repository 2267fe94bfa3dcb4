package pages

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
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
