package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// named returns a handler that says its name.
func named(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(name)) }
}

// forbidden returns a handler that says its name, and that it does nothing.
func forbidden(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, name, http.StatusForbidden) }
}

// newHandler returns a handler of endpoints that say their names, with changes.
func newHandler(changes ...func(*Endpoints)) http.Handler {
	e := Endpoints{
		Paths:   Paths{Telemetry: "/metrics"},
		Metrics: named("metrics"), Config: named("config"), Reload: named("reload"), Loaded: closedChannel(),
		Pages: func(handle func(method, path string, h http.Handler)) (otherSite, otherHost http.Handler) {
			handle(http.MethodGet, "/{$}", named("overview"))
			handle(http.MethodPost, "/card/refresh", named("refreshed"))
			handle("", "/{path...}", named("missing"))
			return forbidden("other site"), forbidden("other host")
		},
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
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	h.ServeHTTP(recorder, r)
	return recorder
}

// TestEndpoints: each path answers to its method and to no other.
func TestEndpoints(t *testing.T) {
	loaded, ended := make(chan struct{}), make(chan struct{})
	handler := newHandler(func(e *Endpoints) { e.Loaded, e.Ended = loaded, ended })
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
	if got := serve(t, handler, http.MethodGet, "/", "Accept", "text/html,*/*"); got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body.String(), "正在加载") {
		t.Errorf("a browser while loading: %d %q", got.Code, got.Body)
	}
	close(loaded)
	for request, want := range map[[2]string]struct {
		status int
		body   string
	}{
		{http.MethodGet, "/"}:             {status: http.StatusOK, body: "overview"},
		{http.MethodGet, "/metrics"}:      {status: http.StatusOK, body: "metrics"},
		{http.MethodGet, "/config"}:       {status: http.StatusOK, body: "config"},
		{http.MethodPost, "/-/reload"}:    {status: http.StatusOK, body: "reload"},
		{http.MethodGet, "/-/reload"}:     {status: http.StatusOK, body: "missing"},
		{http.MethodGet, "/card/refresh"}: {status: http.StatusOK, body: "missing"},
		{http.MethodPost, "/metrics"}:     {status: http.StatusOK, body: "missing"},
		{http.MethodGet, "/-/healthy"}:    {status: http.StatusOK, body: "Healthy\n"},
		{http.MethodGet, "/-/ready"}:      {status: http.StatusOK, body: "Ready\n"},
		{http.MethodGet, "/nowhere"}:      {status: http.StatusOK, body: "missing"},
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

// TestRoutePrefix: everything is below the prefix, and the root leads to what people use.
func TestRoutePrefix(t *testing.T) {
	for name, test := range map[string]struct{ flags, prefix, base string }{
		"both":               {flags: "--web.external-url=https://example.com/a/sim/", prefix: "/a/sim", base: "/a/sim"},
		"stripped by proxy":  {flags: "--web.external-url=https://example.com/sim --web.route-prefix=/", prefix: "", base: "/sim"},
		"prefix alone":       {flags: "--web.route-prefix=sim/", prefix: "/sim", base: "/sim"},
		"another for people": {flags: "--web.route-prefix=/in --web.external-url=http://example.com/out", prefix: "/in", base: "/out"},
	} {
		t.Run(name, func(t *testing.T) {
			paths, err := parsePaths(t, test.flags+" --web.telemetry-path=/m")
			if err != nil || paths.Prefix != test.prefix || paths.Base != test.base {
				t.Fatalf("%+v, %v", paths, err)
			}
			handler := newHandler(func(e *Endpoints) { e.Paths = paths })
			for path, want := range map[string]string{"/m": "metrics", "/config": "config", "/-/healthy": "Healthy", "/": "overview"} {
				if got := serve(t, handler, http.MethodGet, test.prefix+path); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) {
					t.Errorf("%s: %d, without %q:\n%s", path, got.Code, want, got.Body)
				}
			}
			if root := serve(t, handler, http.MethodGet, "/"); test.prefix != "" && root.Header().Get("Location") != test.base+"/" {
				t.Errorf("the root leads to %q", root.Header().Get("Location"))
			}
		})
	}
}

// TestOtherSites: no other site can have a browser ask for a card or reload.
func TestOtherSites(t *testing.T) {
	handler := newHandler(func(e *Endpoints) { e.Paths.Origin = "https://sim.example.com" })
	for name, test := range map[string]struct {
		headers []string
		refused string
	}{
		"curl":                      {headers: []string{"Host", "127.0.0.1:10460"}},
		"own page":                  {headers: []string{"Host", "[::1]:10460", "Sec-Fetch-Site", "same-origin"}},
		"own page, without Fetch":   {headers: []string{"Host", "localhost:10460", "Origin", "http://localhost:10460"}},
		"own page behind a proxy":   {headers: []string{"Host", "SIM.example.com:443", "Origin", "https://sim.example.com"}},
		"other site":                {headers: []string{"Host", "sim.example.com", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, refused: "other site"},
		"other site, without Fetch": {headers: []string{"Host", "sim.example.com", "Origin", "https://evil.example"}, refused: "other site"},
		"other name":                {headers: []string{"Host", "evil.example", "Origin", "http://evil.example", "Sec-Fetch-Site", "same-origin"}, refused: "other host"},
	} {
		for _, path := range []string{"/card/refresh", "/-/reload"} {
			got := serve(t, handler, http.MethodPost, path, test.headers...)
			if refused := got.Code == http.StatusForbidden; refused != (test.refused != "") || !strings.Contains(got.Body.String(), test.refused) {
				t.Errorf("%s, %s: %d %s, want %q", name, path, got.Code, got.Body, test.refused)
			}
		}
	}
}

// TestOtherNames: no name of another site leads to the pages, but scrapes and probes may use
// any.
func TestOtherNames(t *testing.T) {
	handler := newHandler(func(e *Endpoints) { e.Paths.Origin = "https://sim.example.com" })
	for path, want := range map[string]int{
		"/": http.StatusForbidden, "/config": http.StatusForbidden,
		"/metrics": http.StatusOK, "/-/healthy": http.StatusOK, "/-/ready": http.StatusOK,
	} {
		if got := serve(t, handler, http.MethodGet, path, "Host", "evil.example"); got.Code != want {
			t.Errorf("%s: %d %s, want %d", path, got.Code, got.Body, want)
		}
		if got := serve(t, newHandler(), http.MethodGet, path, "Host", "evil.example"); got.Code != http.StatusOK {
			t.Errorf("%s without an external URL: %d", path, got.Code)
		}
	}
}

// TestDisabledPages: there is nothing but metrics and health.
func TestDisabledPages(t *testing.T) {
	handler := newHandler(func(e *Endpoints) { e.Pages, e.Config, e.Reload = nil, nil, nil })
	for request, want := range map[[2]string]int{
		{http.MethodGet, "/metrics"}: http.StatusOK, {http.MethodGet, "/-/healthy"}: http.StatusOK, {http.MethodGet, "/-/ready"}: http.StatusOK,
		{http.MethodGet, "/"}: http.StatusNotFound, {http.MethodGet, "/config"}: http.StatusNotFound,
		{http.MethodPost, "/-/reload"}: http.StatusNotFound, {http.MethodPost, "/card/refresh"}: http.StatusNotFound,
	} {
		if got := serve(t, handler, request[0], request[1]); got.Code != want {
			t.Errorf("%s: %d, want %d", request, got.Code, want)
		}
	}
}

// TestPrivate: no cache keeps what is served.
func TestPrivate(t *testing.T) {
	for _, path := range []string{"/", "/metrics", "/config", "/-/ready", "/nowhere"} {
		h := serve(t, newHandler(), http.MethodGet, path).Header()
		if h.Get("Cache-Control") != "no-store" && path != "/nowhere" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
	}
}
