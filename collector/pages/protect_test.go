package pages

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestForeignTexts: whatever a label or the platform says, it is text.
func TestForeignTexts(t *testing.T) {
	const script = `"><script>alert(1)</script>`
	c := healthyCard()
	c.Labels = []Label{{Name: "shop", Value: script}, {Name: "city", Value: strings.Repeat("面", 10_000)}}
	c.Group, c.BatchError, c.Place = script, script, script
	c.Answer.Invalid = invalid("balance", script)
	c.Answer.Balance = nil
	c.Attempts = []Attempt{{Cards: 20, Outcome: OutcomeRefused, Words: script}}
	source := &fixed{cards: []Card{c, c}, overview: Overview{Groups: []Group{{Name: script, LastError: script}}, Down: []Down{{Cause: script}}}}
	handler := newHandler(source)
	for _, path := range []string{"/", "/cards", "/cards?q=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/card?id=" + c.ID, "/card?id=%3Cscript%3E"} {
		got := serve(t, handler, http.MethodGet, path, "Accept", "text/html")
		if strings.Contains(got.Body.String(), "<script") {
			t.Errorf("%s has a script:\n%s", path, got.Body)
		}
		if csp := got.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Frame-Options": "DENY"} {
			if value := got.Header().Get(name); value != want {
				t.Errorf("%s: %s %q, want %q", path, name, value, want)
			}
		}
	}
	if list := serve(t, handler, http.MethodGet, "/cards").Body.Len(); list > 10_000 {
		t.Errorf("a list with one shop's name of 10,000 characters has %d bytes", list)
	}
}

// TestLongQuery: what is too long is turned away before anything is searched.
func TestLongQuery(t *testing.T) {
	allowed := "/cards?q=" + url.QueryEscape(strings.Repeat("面", maxText))
	if got := serve(t, newHandler(&fixed{}), http.MethodGet, allowed); got.Code != http.StatusOK {
		t.Errorf("a text of %d characters: %d", maxText, got.Code)
	}
	handler := newHandler(&fixed{wait: make(chan struct{})}) // which no search would return from
	for path, want := range map[string]int{
		"/cards?q=" + strings.Repeat("a", 1<<20):     http.StatusRequestURITooLong,
		"/cards?q=" + strings.Repeat("a", maxText+1): http.StatusBadRequest,
		"/cards.csv?q=" + strings.Repeat("a", 1<<20): http.StatusRequestURITooLong,
		"/card?id=" + strings.Repeat("a", maxText+1): http.StatusBadRequest,
		"/cards?state=odd":                           http.StatusBadRequest,
		"/cards.json?state=odd":                      http.StatusBadRequest,
	} {
		if got := serve(t, handler, http.MethodGet, path); got.Code != want || got.Body.Len() > 10_000 {
			t.Errorf("%.20s: %d with %d bytes, want %d", path, got.Code, got.Body.Len(), want)
		}
	}
}

// TestManySearches: few run at once; the others wait a little, and are turned away.
func TestManySearches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const searches = 1000
		source := &fixed{wait: make(chan struct{})}
		handler := newHandler(source)
		statuses := make(chan int, searches)
		var running sync.WaitGroup
		for range searches {
			running.Go(func() {
				got := serve(t, handler, http.MethodGet, "/cards?q=1")
				if got.Code == http.StatusServiceUnavailable && got.Header().Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
				statuses <- got.Code
			})
		}
		synctest.Wait()
		turns := int(maxSearches())
		for range searches - turns {
			if status := <-statuses; status != http.StatusServiceUnavailable {
				t.Errorf("status %d, want 503", status)
			}
		}
		for _, path := range []string{"/", "/digest"} { // which look at all cards too
			if got := serve(t, handler, http.MethodGet, path); got.Code != http.StatusServiceUnavailable {
				t.Errorf("%s beside them: status %d, want 503", path, got.Code)
			}
		}
		close(source.wait)
		running.Wait()
		for range turns {
			if status := <-statuses; status != http.StatusOK {
				t.Errorf("status %d, want 200", status)
			}
		}
	})
}

// TestReversedText: a mark that turns the direction of the text is shown, and turns nothing,
// whoever wrote it.
func TestReversedText(t *testing.T) {
	const reversed = "\u202eevil\u2066"
	c := healthyCard()
	c.Labels, c.Place, c.BatchError = []Label{{Name: "shop", Value: reversed}}, reversed, reversed
	c.Attempts = []Attempt{{Cards: 20, Outcome: OutcomeRefused, Words: reversed}}
	handler := newHandler(&fixed{cards: []Card{c, c}, overview: Overview{Groups: []Group{{Name: reversed, LastError: reversed}}, Down: []Down{{Cause: reversed}}}})
	for _, path := range []string{"/", "/cards", "/cards?q=%E2%80%AEevil", "/card?id=" + c.ID, "/card?id=%E2%80%AEevil", "/cards.csv", "/cards.json"} {
		body := serve(t, handler, http.MethodGet, path).Body.String()
		contains(t, body, `\u202eevil`)
		if strings.ContainsAny(body, reversed[:3]+"\u2066") {
			t.Errorf("%s has a mark:\n%s", path, body)
		}
	}
	var cards []exported
	if err := json.Unmarshal(serve(t, handler, http.MethodGet, "/cards.json").Body.Bytes(), &cards); err != nil || cards[0].Labels["shop"] != reversed {
		t.Errorf("%+v, %v", cards, err)
	}
}
