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

// TestOverviewSaysOfWhenDataIs: the earliest and the latest moment of all groups, those without
// data apart.
func TestOverviewSaysOfWhenDataIs(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	group := func(oldest, newest int) Group { return Group{OldestData: day(oldest), NewestData: day(newest)} }
	for want, groups := range map[string][]Group{
		"As of 2026-11-29 08:00:00, with data of 2026-11-26 00:00:00 to 2026-11-28 00:00:00": {{}, group(27, 28), group(26, 27), {}, group(27, 27)},
		"As of 2026-11-29 08:00:00, with data of 2026-11-27 00:00:00":                        {group(27, 27), {}, group(27, 27)},
		"As of 2026-11-29 08:00:00": {{}},
	} {
		got := (printer{zone: time.UTC}).asOf(Overview{At: day(29).Add(8 * time.Hour), Groups: groups})
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
