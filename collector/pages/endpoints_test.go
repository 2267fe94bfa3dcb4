package pages

import (
	"context"
	"iter"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// fixed is a Source that always says the same.
type fixed struct {
	overview  Overview
	cards     []Card
	refreshed []string
	wait      chan struct{} // if not nil, a search waits for it
}

func (f *fixed) Overview() Overview { return f.overview }

func (f *fixed) Search(ctx context.Context, _ Query) (Found, error) {
	if f.wait != nil {
		select {
		case <-f.wait:
		case <-ctx.Done():
		}
	}
	return Found{Cards: f.cards, Total: len(f.cards), Groups: []string{"g"}}, ctx.Err()
}

func (f *fixed) All(context.Context, Query) ([]string, iter.Seq[Card]) {
	return []string{"city", "shop"}, slices.Values(f.cards)
}

func (f *fixed) Card(id string) (Card, bool) {
	for _, c := range f.cards {
		if c.ID == id {
			return c, true
		}
	}
	return Card{}, false
}

func (f *fixed) Refresh(_ context.Context, id string) error {
	if _, found := f.Card(id); !found {
		return ErrNoCard
	}
	f.refreshed = append(f.refreshed, id)
	return nil
}

// newHandler returns a handler of what source says, with changes to its endpoints.
func newHandler(source Source, changes ...func(*Endpoints)) http.Handler {
	named := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(name)) }
	}
	e := Endpoints{
		Name: "exporter", Version: "1.2.3", Paths: Paths{Telemetry: "/metrics"},
		Metrics: named("metrics"), Config: named("config"), Reload: named("reload"),
		Loaded: closedChannel(), Source: source, Interval: time.Minute,
		Location:    func() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) },
		LastReload:  func() (time.Time, error) { return time.Now(), nil },
		Persistence: func() (Persistence, bool) { return Persistence{}, false },
	}
	for _, change := range changes {
		change(&e)
	}
	return Handler(e)
}

func closedChannel() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// serve sends a request without a body. Headers are pairs of a name and a value.
func serve(t *testing.T, h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	h.ServeHTTP(recorder, r)
	return recorder
}

// TestEndpoints: each path answers to its method and to no other.
func TestEndpoints(t *testing.T) {
	loaded, ended := make(chan struct{}), make(chan struct{})
	handler := newHandler(&fixed{}, func(e *Endpoints) { e.Loaded, e.Ended = loaded, ended })
	for path, want := range map[string]int{
		healthy:    http.StatusOK,
		"/-/ready": http.StatusServiceUnavailable,
		"/metrics": http.StatusServiceUnavailable,
		"/":        http.StatusServiceUnavailable,
	} {
		if got := serve(t, handler, http.MethodGet, path); got.Code != want {
			t.Errorf("%s while loading: %d %q, want %d", path, got.Code, got.Body, want)
		}
	}
	close(loaded)
	for request, want := range map[[2]string]struct {
		status int
		body   string
	}{
		{http.MethodGet, "/metrics"}:      {status: http.StatusOK, body: "metrics"},
		{http.MethodGet, "/config"}:       {status: http.StatusOK, body: "config"},
		{http.MethodPost, "/-/reload"}:    {status: http.StatusOK, body: "reload"},
		{http.MethodGet, "/-/reload"}:     {status: http.StatusMethodNotAllowed, body: "Method Not Allowed\n"},
		{http.MethodGet, "/card/refresh"}: {status: http.StatusMethodNotAllowed, body: "Method Not Allowed\n"},
		{http.MethodGet, "/-/healthy"}:    {status: http.StatusOK, body: "Healthy\n"},
		{http.MethodGet, "/-/ready"}:      {status: http.StatusOK, body: "Ready\n"},
		{http.MethodGet, "/nowhere"}:      {status: http.StatusNotFound, body: "404 page not found\n"},
		{http.MethodGet, "/static/x.css"}: {status: http.StatusNotFound, body: "404 page not found\n"},
	} {
		if got := serve(t, handler, request[0], request[1]); got.Code != want.status || got.Body.String() != want.body {
			t.Errorf("%s: %d %q, want %d %q", request, got.Code, got.Body, want.status, want.body)
		}
	}
	close(ended)
	if got := serve(t, handler, http.MethodGet, "/-/ready"); got.Code != http.StatusServiceUnavailable || got.Body.String() != "Shutting down\n" {
		t.Errorf("during shutdown: %d %q", got.Code, got.Body)
	}
}

var links = regexp.MustCompile(`(?:href|action)="(/[^"]*)"`)

// TestRoutePrefix: everything is below the prefix, and links begin with the path that
// people use.
func TestRoutePrefix(t *testing.T) {
	source := &fixed{cards: []Card{healthyCard()}}
	for name, test := range map[string]struct{ flags, prefix, base string }{
		"both":               {flags: "--web.external-url=https://example.com/a/sim/", prefix: "/a/sim", base: "/a/sim"},
		"stripped by proxy":  {flags: "--web.external-url=https://example.com/sim --web.route-prefix=/", prefix: "", base: "/sim"},
		"prefix alone":       {flags: "--web.route-prefix=sim/", prefix: "/sim", base: "/sim"},
		"another for people": {flags: "--web.route-prefix=/in --web.external-url=http://example.com/out", prefix: "/in", base: "/out"},
	} {
		t.Run(name, func(t *testing.T) {
			paths, err := parsePaths(t, test.flags+" --web.telemetry-path=/m")
			if err != nil {
				t.Fatal(err)
			}
			handler := newHandler(source, func(e *Endpoints) { e.Paths = paths })
			for path, want := range map[string]string{
				"/m": "metrics", "/config": "config", "/-/healthy": "Healthy", "/": `href="` + test.base + `/m"`,
				"/cards": `href="` + test.base + `/card?id=`, "/card?id=" + source.cards[0].ID: `action="` + test.base + `/card/refresh?id=`,
			} {
				got := serve(t, handler, http.MethodGet, test.prefix+path)
				if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) {
					t.Errorf("%s: %d, without %q:\n%s", path, got.Code, want, got.Body)
				}
				for _, link := range links.FindAllStringSubmatch(got.Body.String(), -1) {
					if !strings.HasPrefix(link[1], test.base+"/") {
						t.Errorf("%s links to %s", path, link[1])
					}
				}
			}
			refreshed := serve(t, handler, http.MethodPost, test.prefix+"/card/refresh?id="+source.cards[0].ID)
			if to := refreshed.Header().Get("Location"); refreshed.Code != http.StatusSeeOther || to != test.base+"/card?id="+source.cards[0].ID {
				t.Errorf("refresh: %d to %s", refreshed.Code, to)
			}
			if root := serve(t, handler, http.MethodGet, "/"); test.prefix != "" && root.Header().Get("Location") != test.base+"/" {
				t.Errorf("the root leads to %q", root.Header().Get("Location"))
			}
		})
	}
}
