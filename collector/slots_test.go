package collector

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/szzkc/simulator"
)

// Scrapes that wait for the platform are limited. One too many is turned away at once.
func TestTooManyScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := newHangingEnv(t)
		env.handler = env.Handler(env.registry, prometheus.NewRegistry(), 0, 3)
		var scrapes sync.WaitGroup
		for range 3 {
			scrapes.Go(func() { env.scrape(t) })
		}
		synctest.Wait()
		recorder := httptest.NewRecorder()
		env.handler.ServeHTTP(recorder, scrapeRequest(t.Context(), "/metrics", time.Hour))
		if recorder.Code != http.StatusServiceUnavailable || recorder.Header().Get("Retry-After") == "" {
			t.Errorf("%d %v", recorder.Code, recorder.Header())
		}
		scrapes.Wait()
		env.scrape(t)
	})
}

// Clients that stop reading are in nobody's way.
func TestStoppedReadersHoldNoSlot(t *testing.T) {
	const slots = 2
	cards := simulator.Fleet(20_000) // too much for the system's buffers
	env := newTestEnvOverTCP(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
	server := httptest.NewServer(env.Handler(env.registry, prometheus.NewRegistry(), 0, slots))
	defer server.Close()
	for range 3 * slots {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 12)); err != nil { // of which the last is the status
			t.Fatal(err)
		}
	}
	resp, err := server.Client().Get(server.URL + "/metrics") //nolint:noctx // it ends with the server
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || parse(t, string(text))[groupUp] != 1 {
		t.Errorf("%s, %v", resp.Status, err)
	}
}
