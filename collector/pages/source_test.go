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

	"simcard_exporter/collector/persistence"
)

// fixed is a Source that always says the same.
type fixed struct {
	overview  Overview
	digest    Digest
	cards     []Card
	refreshed []string
	wait      chan struct{} // if not nil, a search waits for it
}

func fixedColumns() []Column {
	return []Column{{Name: "shop", Header: "门店"}, {Name: "city"}, {Name: "contact"}, {Name: "phone"}, {Name: "column_10", Header: "维护公司"}}
}

func (f *fixed) Overview() Overview { return f.overview }

func (f *fixed) Search(ctx context.Context, _ Query) (Found, error) {
	if f.wait != nil {
		select {
		case <-f.wait:
		case <-ctx.Done():
		}
	}
	return Found{Cards: f.cards, Total: len(f.cards), Groups: []string{"g", "h"}, Columns: fixedColumns()}, ctx.Err()
}

func (f *fixed) All(context.Context, Query) ([]Column, iter.Seq[Card]) {
	return fixedColumns(), slices.Values(f.cards)
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

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// newHandler returns a handler of what source says, with changes to the options.
func newHandler(source Source, changes ...func(*Options)) http.Handler {
	mux, _, _ := newHandlers(source, changes...)
	return mux
}

// newHandlers returns a handler like newHandler, and those of what is turned away.
func newHandlers(source Source, changes ...func(*Options)) (pages, otherSite, otherHost http.Handler) {
	o := Options{
		Name: "exporter", Version: "1.2.3", Source: source, Telemetry: "/metrics", Interval: time.Minute,
		Location:    func() *time.Location { return shanghai },
		LastReload:  func() (time.Time, error) { return time.Now(), nil },
		Rows:        func() []GroupRows { return nil },
		Persistence: func() persistence.State { return persistence.State{} },
	}
	for _, change := range changes {
		change(&o)
	}
	mux := http.NewServeMux()
	otherSite, otherHost = o.Register(func(method, path string, h http.Handler) { mux.Handle(method+" "+path, h) })
	return mux, otherSite, otherHost
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

var links = regexp.MustCompile(`(?:href|action)="(/[^"]*)"`)

// TestLinks: links begin with the path that people use.
func TestLinks(t *testing.T) {
	source := &fixed{cards: []Card{healthyCard()}}
	id := source.cards[0].ID
	handler := newHandler(source, func(o *Options) { o.Base, o.Telemetry = "/sim", "/m" })
	for path, want := range map[string]string{"/": `href="/sim/m"`, "/cards": `href="/sim/card?id=`, "/card?id=" + id: `action="/sim/card/refresh?id=`} {
		body := serve(t, handler, http.MethodGet, path).Body.String()
		contains(t, body, want)
		for _, link := range links.FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(link[1], "/sim/") {
				t.Errorf("%s links to %s", path, link[1])
			}
		}
	}
	refreshed := serve(t, handler, http.MethodPost, "/card/refresh?id="+id)
	if to := refreshed.Header().Get("Location"); refreshed.Code != http.StatusSeeOther || to != "/sim/card?id="+id || len(source.refreshed) != 1 {
		t.Errorf("%d refreshes: %d to %s", len(source.refreshed), refreshed.Code, to)
	}
}
