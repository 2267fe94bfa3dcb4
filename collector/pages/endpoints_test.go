package pages

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestEndpoints: each path answers to its method and to no other.
func TestEndpoints(t *testing.T) {
	loaded, ended := make(chan struct{}), make(chan struct{})
	named := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(name)) }
	}
	handler, err := Handler(Endpoints{
		Name: "exporter", Description: "what it does",
		Metrics: named("metrics"), Config: named("config"), Reload: named("reload"),
		Loaded: loaded, Ended: ended,
	})
	if err != nil {
		t.Fatal(err)
	}
	serve := func(method, path string) (status int, body string) {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return recorder.Code, recorder.Body.String()
	}
	for path, want := range map[string]int{
		"/-/healthy": http.StatusOK,
		"/-/ready":   http.StatusServiceUnavailable,
		"/metrics":   http.StatusServiceUnavailable,
		"/":          http.StatusServiceUnavailable,
	} {
		if status, body := serve(http.MethodGet, path); status != want {
			t.Errorf("%s while loading: %d %q, want %d", path, status, body, want)
		}
	}
	close(loaded)
	for request, want := range map[[2]string]struct {
		status int
		body   string
	}{
		{http.MethodGet, "/metrics"}:   {status: http.StatusOK, body: "metrics"},
		{http.MethodGet, "/config"}:    {status: http.StatusOK, body: "config"},
		{http.MethodPost, "/-/reload"}: {status: http.StatusOK, body: "reload"},
		{http.MethodGet, "/-/reload"}:  {status: http.StatusMethodNotAllowed, body: "Method Not Allowed\n"},
		{http.MethodGet, "/-/healthy"}: {status: http.StatusOK, body: "Healthy\n"},
		{http.MethodGet, "/-/ready"}:   {status: http.StatusOK, body: "Ready\n"},
		{http.MethodGet, "/nowhere"}:   {status: http.StatusNotFound, body: "404 page not found\n"},
	} {
		if status, body := serve(request[0], request[1]); status != want.status || body != want.body {
			t.Errorf("%s: %d %q, want %d %q", request, status, body, want.status, want.body)
		}
	}
	close(ended)
	if status, body := serve(http.MethodGet, "/-/ready"); status != http.StatusServiceUnavailable || body != "Shutting down\n" {
		t.Errorf("during shutdown: %d %q", status, body)
	}
}
