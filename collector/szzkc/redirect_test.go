package szzkc

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// queryAnyHost sends one request to handler, which is every host that a redirect may
// lead to, and counts the requests that arrive.
func queryAnyHost(t *testing.T, handler http.Handler) (answer platform.Answer, requests int64, err error) {
	t.Helper()
	var arrived atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived.Add(1)
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	cfg := promconfig.DefaultHTTPClientConfig
	cfg.FollowRedirects = true // is overruled
	client, err := New("http://platform.example/", shanghai(t), cfg, promconfig.WithDialContextFunc(func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	answer, err = client.Query(t.Context(), []string{"352019040635785"}, false)
	return answer, arrived.Load(), err
}

// A redirect costs one request, whatever the configuration says. The error names
// where it leads, and nothing of the URL that may be secret.
func TestRedirects(t *testing.T) {
	for location, want := range map[string]string{
		"https://other.example":                            "the platform redirects to https://other.example",
		"http://me:hunter2@other.example:8080/hunter2?a=b": "the platform redirects to http://other.example:8080",
		"//other.example/login#hunter2":                    "the platform redirects to http://other.example",
		"http://platform.example/":                         "the platform redirects to http://platform.example", // a loop
		"http://" + strings.Repeat("o", 300) + "/":         "the platform redirects to http://" + strings.Repeat("o", 249),
		"/login?ticket=hunter2":                            "the platform redirects to a Location without a host",
		"mailto:hunter2@other.example":                     "the platform redirects to a Location without a host",
		"":                                                 "the platform redirects without a valid Location",
		"https://hunter2@other.example:port/":              "the platform redirects without a valid Location",
		"http://other.example/%zzhunter2":                  "the platform redirects without a valid Location",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			answer, requests, err := queryAnyHost(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				if location != "" {
					w.Header().Set("Location", location)
				}
				w.WriteHeader(status)
			}))
			var failure *platform.Error
			if !errors.As(err, &failure) || err.Error() != "decode: "+want || answer.RetryAfter != 7*time.Second || requests != 1 {
				t.Errorf("%d to %q: %v after %d requests, want %s", status, location, err, requests, want)
			}
		}
	}
}

// Not every status from 300 to 399 is a redirect.
func TestNoRedirect(t *testing.T) {
	for status, want := range map[int]string{300: "decode: status 300 Multiple Choices", 304: "decode: status 304 Not Modified"} {
		_, requests, err := queryAnyHost(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://other.example/")
			w.WriteHeader(status)
		}))
		if err == nil || err.Error() != want || requests != 1 {
			t.Errorf("%d: %v after %d requests, want %s", status, err, requests, want)
		}
	}
}

func TestSimulatedRedirect(t *testing.T) {
	sim := simulator.New(simulator.PageCards())
	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Redirect})
	_, requests, err := queryAnyHost(t, sim)
	if want := "decode: the platform redirects to http://login.example"; err == nil || err.Error() != want || requests != 1 {
		t.Errorf("%v after %d requests, want %s", err, requests, want)
	}
}
