//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// dial opens a connection and sends a text.
func (e *exporter) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", e.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestBodiesThatNeverCome: a client that announces a body and sends none takes nobody's
// place, whatever it asks for, and is soon turned away.
func TestBodiesThatNeverCome(t *testing.T) {
	e := startExporter(t, "--demo")
	const clients = 40 // the default of --web.max-requests
	endpoints := []string{"GET /metrics", "GET /", "GET /cards", "GET /cards.csv", "GET /cards.json", "GET /card?id=0", "GET /config",
		"GET /-/healthy", "GET /-/ready", "GET /nowhere", "POST /-/reload", "POST /card/refresh?id=0"}
	var conns []net.Conn
	for _, endpoint := range endpoints {
		for range clients {
			conns = append(conns, e.dial(t, endpoint+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"))
		}
	}
	for _, path := range []string{"/metrics", "/", "/cards.csv"} {
		if _, err := fetch("http://" + e.address + path); err != nil {
			t.Errorf("%s meanwhile: %v", path, err)
		}
	}
	var ended sync.WaitGroup
	for i, conn := range conns {
		ended.Go(func() {
			_ = conn.SetReadDeadline(time.Now().Add(time.Minute)) // twelve times as long as it takes
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Errorf("%s: %v", endpoints[i/clients], err)
			}
		})
	}
	ended.Wait()
}

// TestBodyThatComes: a body that comes changes nothing.
func TestBodyThatComes(t *testing.T) {
	e := startExporter(t, "--demo")
	conn := e.dial(t, strings.Repeat("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 2))
	reader := bufio.NewReader(conn)
	for range 2 {
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("reload: %d", resp.StatusCode)
		}
	}
	large := e.dial(t, fmt.Sprintf("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", 1<<30, strings.Repeat("a", 64<<10+1)))
	resp, err := http.ReadResponse(bufio.NewReader(large), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("reload with a gigabyte: %d", resp.StatusCode)
	}
}

// TestHalfClosed: a client that has closed its direction of the connection gets a response
// whole, or broken off.
func TestHalfClosed(t *testing.T) {
	e := startExporter(t, "--demo")
	for _, path := range []string{"/metrics", "/cards.csv", "/cards.json"} {
		whole := get(t, "http://"+e.address+path)
		for i := range 40 {
			conn := e.dial(t, fmt.Sprintf("GET %s HTTP/1.%d\r\nHost: localhost\r\nConnection: close\r\n\r\n", path, i%2)).(*net.TCPConn)
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				continue // it has not even begun
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err == nil && strings.Count(string(text), "\n") < strings.Count(whole, "\n") {
				t.Errorf("%s: %d bytes pass for whole", path, len(text))
			}
		}
	}
}
