package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestLongRequest: a request that takes longer than its client had for sending it goes on.
func TestLongRequest(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(readBody(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			t.Error("the client counts as gone")
		case <-time.After(bodyTimeout + time.Second):
		}
	})))
	server.Config.ReadTimeout = bodyTimeout
	server.Start()
	defer server.Close()
	if status, _ := do(t, server.Client(), http.MethodPost, server.URL, strings.NewReader("x")); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

// TestBodyThatNeverComes: over HTTP/2 too, such a request never begins.
func TestBodyThatNeverComes(t *testing.T) {
	server := httptest.NewUnstartedServer(readBody(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it begins") })))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	body, writer := io.Pipe() // to which nobody writes
	defer writer.Close()
	if status, version := do(t, server.Client(), http.MethodPost, server.URL, body); status != http.StatusRequestTimeout || version != 2 {
		t.Errorf("status %d, HTTP/%d", status, version)
	}
}

// do sends a request, and returns the status and the version of HTTP.
func do(t *testing.T, client *http.Client, method, url string, body io.Reader) (status, version int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode, resp.ProtoMajor
}
