package pages

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/problem"
	"simcard_exporter/config/cards"
)

// TestOverviewOfUnansweredCards: while cards have no answer, the overview does not say that all
// is well, now or soon, in words or in colour.
func TestOverviewOfUnansweredCards(t *testing.T) {
	for unanswered, want := range map[int][]string{
		0:    {"✔</span> Nothing: no terminal is out of service.", "✔</span> No card in use expires within 30 days"},
		2823: {"▲</span> None is known of, but 2,823 cards have no answer."},
	} {
		g := Group{Name: "g", Cards: 2823, Scraped: time.Now()}
		g.States[problem.NoAnswer] = unanswered
		body := serve(t, newHandler(&fixed{overview: Overview{At: time.Now(), Groups: []Group{g}}}), http.MethodGet, "/").Body.String()
		contains(t, body, append(want, "<h2>Out of service</h2>")...)
		if n := strings.Count(body, want[0]); n != 3-len(want) {
			t.Errorf("%q: %d times", want[0], n)
		}
		if says := strings.Contains(body, "no terminal is out of service"); says != (unanswered == 0) {
			t.Errorf("%d cards without an answer: that all is well is said: %t", unanswered, says)
		}
	}
}

// TestOverviewCountsRows: the overview counts the rows that are left out of all groups.
func TestOverviewCountsRows(t *testing.T) {
	handler := newHandler(&fixed{}, func(o *Options) {
		o.Rows = func() []GroupRows {
			return []GroupRows{{Rows: cards.Rows{Invalid: 1200}}, {Rows: cards.Rows{Invalid: 34}}}
		}
	})
	contains(t, serve(t, handler, http.MethodGet, "/").Body.String(), `<a href="/rows"><b><span class="icon warning" aria-hidden="true">▲</span> 1,234</b> Rows left out</a>`)
}
