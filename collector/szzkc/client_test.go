package szzkc

import (
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t testing.TB, url string, cfg promconfig.HTTPClientConfig) *Client {
	t.Helper()
	client, err := New(url, shanghai(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestQueryPage(t *testing.T) {
	server := httptest.NewServer(simulator.New(simulator.PageCards()))
	defer server.Close()
	client := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig)
	for name, identifiers := range map[string][]string{
		"by IMEI":  {"352019040635785", "352019040625281", "352019041648936"},
		"by ICCID": {"89860423191970454839", "89860423191970454000", "898604231919C0083314"},
	} {
		answer, err := client.Query(t.Context(), identifiers, false)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(answer.Cards) != 3 || len(answer.Invalid) != 0 || *answer.Cards[0].Balance != 8505344 || answer.Cards[2].ICCID != "898604231919c0083314" {
			t.Errorf("%s: %s", name, render(answer))
		}
	}
}

// TestRequest checks the request as the platform receives it.
func TestRequest(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		got = strings.Join([]string{r.Method, r.Header.Get("Content-Type"), r.UserAgent(), user + ":" + password, r.Header.Get("X-Tenant"), string(body)}, " ")
		_, _ = io.WriteString(w, page)
	}))
	defer server.Close()
	cfg := promconfig.DefaultHTTPClientConfig
	cfg.BasicAuth = &promconfig.BasicAuth{Username: "me", Password: "hunter2"}
	cfg.HTTPHeaders = &promconfig.Headers{Headers: map[string]promconfig.Header{"X-Tenant": {Values: []string{"7"}}}}
	client := newClient(t, server.URL, cfg)
	for live, body := range map[bool]string{false: `{"imeis":"1,2"}`, true: `{"imeis":"1,2","update":true}`} {
		if _, err := client.Query(t.Context(), []string{"1", "2"}, live); err != nil {
			t.Fatal(err)
		}
		if want := "POST application/json simcard_exporter/devel me:hunter2 7 " + body; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestQueryOverTLS(t *testing.T) {
	server := httptest.NewTLSServer(simulator.New(simulator.PageCards()))
	server.Config.ErrorLog = nil
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := promconfig.DefaultHTTPClientConfig
	_, err := newClient(t, server.URL, cfg).Query(t.Context(), []string{"352019040635785"}, false)
	var failure *platform.Error
	if !errors.As(err, &failure) || failure.Reason != platform.Connect {
		t.Errorf("with an unknown certificate: %v", err)
	}
	cfg.TLSConfig.CAFile = ca
	answer, err := newClient(t, server.URL, cfg).Query(t.Context(), []string{"352019040635785"}, false)
	if err != nil || len(answer.Cards) != 1 {
		t.Errorf("with a trusted certificate: %v, %v", answer, err)
	}
}

// By default, net/http keeps two idle connections to a host.
func TestConnectionsAreReused(t *testing.T) {
	const concurrency = 32
	var connections atomic.Int64
	sim := simulator.New(simulator.PageCards())
	sim.SetBehaviour(simulator.Behaviour{Latency: 20 * time.Millisecond})
	server := httptest.NewUnstartedServer(sim)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig)
	for range 4 {
		var requests sync.WaitGroup
		for range concurrency {
			requests.Go(func() {
				if _, err := client.Query(t.Context(), []string{"352019040635785"}, false); err != nil {
					t.Error(err)
				}
			})
		}
		requests.Wait()
	}
	if n := connections.Load(); n > concurrency+concurrency/2 {
		t.Errorf("%d connections for %d requests at once", n, concurrency)
	}
}

func TestCloseIdleConnections(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := httptest.NewUnstartedServer(simulator.New(simulator.PageCards()))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	defer server.Close()
	client := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig)
	if _, err := client.Query(t.Context(), []string{"352019040635785"}, false); err != nil {
		t.Fatal(err)
	}
	client.CloseIdleConnections()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection is still open")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"120":                           2 * time.Minute,
		"-1":                            0,
		"1.5":                           0,
		"soon":                          0,
		"99999999999999999999":          0,
		"Thu, 01 Jan 2026 00:00:30 GMT": 30 * time.Second,
		"Wed, 31 Dec 2025 23:59:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", header, got, want)
		}
	}
}
