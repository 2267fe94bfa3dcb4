package collector

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"simcard_exporter/collector/szzkc"
)

// connect serves a platform in memory until the test ends, and returns a client for
// it.
func connect(t testing.TB, platform http.Handler) *szzkc.Client {
	t.Helper()
	_, listener := serveInMemory(t, platform)
	return newClient(t, "http://platform/", promconfig.WithDialContextFunc(listener.dial))
}

// connectOverTCP is connect with real connections.
func connectOverTCP(t testing.TB, platform http.Handler) *szzkc.Client {
	t.Helper()
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)
	return newClient(t, server.URL)
}

func newClient(t testing.TB, url string, options ...promconfig.HTTPClientOption) *szzkc.Client {
	t.Helper()
	location, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	client, err := szzkc.New(url, location, promconfig.DefaultHTTPClientConfig, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// serveInMemory serves HTTP in memory until the test or the server ends.
func serveInMemory(t testing.TB, handler http.Handler) (*http.Server, *pipeListener) {
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return server, listener
}

// pipeListener is a listener in memory. [pipeListener.dial] connects to it.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

// dial connects to the listener, whatever the address.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "platform" }
