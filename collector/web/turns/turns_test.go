package turns

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clients = 3
	size    = 64 << 20 // of a response, which no buffer of the system holds
)

// newServer returns a server with two turns, whose responses have their size in the header.
func newServer(t *testing.T, http2 bool) *httptest.Server {
	t.Helper()
	turns := New(2)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn, err := turns.Take(r.Context(), w, 1)
		if err != nil {
			return
		}
		defer turn.Done()
		chunk := make([]byte, 64<<10)
		for range size / len(chunk) {
			if _, err := turn.Write(chunk); err != nil {
				panic(http.ErrAbortHandler)
			}
		}
	}))
	server.EnableHTTP2 = http2
	if http2 {
		server.Config.HTTP2 = &http.HTTP2Config{WriteByteTimeout: patience}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// ask sends a request, and returns its response as soon as that begins.
func ask(ctx context.Context, client *http.Client, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return client.Do(req)
}

// TestStoppedReaders: clients that stop reading keep nobody waiting, and are broken off.
func TestStoppedReaders(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, http2)
			ctx, cancel := context.WithCancel(t.Context())
			var stopped sync.WaitGroup
			begun := make(chan struct{}, clients)
			for range clients {
				stopped.Go(func() {
					transport := server.Client().Transport.(*http.Transport).Clone()
					defer transport.CloseIdleConnections()
					resp, err := ask(ctx, &http.Client{Transport: transport}, server.URL)
					if err != nil {
						t.Error(err)
						return
					}
					defer resp.Body.Close()
					begun <- struct{}{}
					<-ctx.Done() // it does not read
				})
			}
			<-begun
			<-begun // so both turns are taken
			resp, err := ask(t.Context(), server.Client(), server.URL)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if n != size || err != nil {
				t.Errorf("%d bytes, %v", n, err)
			}
			cancel()
			stopped.Wait()
		})
	}
}

// TestSlowReader: a client that reads slowly gets everything while others wait.
func TestSlowReader(t *testing.T) {
	server := newServer(t, false)
	var readers sync.WaitGroup
	for range clients {
		readers.Go(func() {
			resp, err := ask(t.Context(), server.Client(), server.URL)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			total := int64(0)
			for err == nil {
				var n int64
				n, err = io.CopyN(io.Discard, resp.Body, 4<<20)
				total += n
				time.Sleep(patience / 30)
			}
			if total != size || !errors.Is(err, io.EOF) {
				t.Errorf("%d bytes, %v", total, err)
			}
		})
	}
	readers.Wait()
}

// TestLargeResponses: two of any size have their turns at the same time.
func TestLargeResponses(t *testing.T) {
	turns := New(10)
	for range 2 {
		turn, err := turns.Take(t.Context(), httptest.NewRecorder(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		defer turn.Done()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := turns.Take(ctx, httptest.NewRecorder(), 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third one: %v", err)
	}
}
