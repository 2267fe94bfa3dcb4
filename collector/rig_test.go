package collector

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a collector in front of a simulated platform, over HTTP.
type rig struct {
	*Collector
	sim      *simulator.Simulator
	client   *szzkc.Client
	registry *prometheus.Registry
	handler  http.Handler
	settings Settings
	log      *strings.Builder
}

// newRig serves the simulator over TCP, or in memory where a test is inside a
// synctest bubble, which real connections cannot be.
func newRig(t testing.TB, sim *simulator.Simulator, inMemory bool, groups []Group, change ...func(*Settings)) *rig {
	t.Helper()
	settings := Settings{Timeout: 30 * time.Second, Concurrency: 4, MaxRetries: 2}
	for _, c := range change {
		c(&settings)
	}
	client := connect(t, sim, inMemory)
	ctx, cancel := context.WithCancel(context.Background())
	log := new(strings.Builder)
	registry := prometheus.NewRegistry()
	r := &rig{
		Collector: New(slog.New(slog.NewTextHandler(log, nil)), registry),
		sim:       sim,
		client:    client,
		registry:  registry,
		settings:  settings,
		log:       log,
	}
	r.handler = r.Handler(registry, 500*time.Millisecond)
	r.reload(groups)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		client.CloseIdleConnections()
	})
	return r
}

// connect serves the simulator, and returns a client of it.
func connect(t testing.TB, sim *simulator.Simulator, inMemory bool) *szzkc.Client {
	t.Helper()
	var url string
	var options []promconfig.HTTPClientOption
	if inMemory {
		listener := newPipeListener()
		server := &http.Server{Handler: sim}
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(func() { _ = server.Close() })
		url = "http://platform/"
		options = append(options, promconfig.WithDialContextFunc(listener.dial))
	} else {
		server := httptest.NewServer(sim)
		t.Cleanup(server.Close)
		url = server.URL
	}
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

// reload loads groups, as a changed configuration does.
func (r *rig) reload(groups []Group) { r.Load(r.client, r.settings, groups, SamePlatform) }

// reloadForOtherPlatform loads groups, as a configuration with another url does.
func (r *rig) reloadForOtherPlatform(groups []Group) {
	r.Load(r.client, r.settings, groups, AnotherPlatform)
}

// scrape scrapes as Prometheus does that grants timeout, and returns the value
// of each series.
func (r *rig) scrape(t testing.TB, timeout time.Duration) map[string]float64 {
	t.Helper()
	return parse(t, r.text(t, timeout, ""))
}

// parse reads the value of each series of a text exposition.
func parse(t testing.TB, text string) map[string]float64 {
	t.Helper()
	values := make(map[string]float64)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndex(line, " ")
		value, err := strconv.ParseFloat(line[i+1:], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		values[line[:i]] = value
	}
	return values
}

func (r *rig) text(t testing.TB, timeout time.Duration, accept string) string {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64))
	req.Header.Set("Accept", accept)
	recorder := httptest.NewRecorder()
	r.handler.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

func byIMEIs(name string, cards []simulator.Card) Group {
	g := Group{Name: name, MaxAge: 30 * time.Second, StaleIfError: time.Hour}
	for _, c := range cards {
		g.Cards = append(g.Cards, Card{IMEI: c.IMEI})
	}
	return g
}

func byICCIDs(name string, cards []simulator.Card) Group {
	g := Group{Name: name, MaxAge: 30 * time.Second, StaleIfError: time.Hour}
	for _, c := range cards {
		g.Cards = append(g.Cards, Card{ICCID: c.ICCID})
	}
	return g
}

// expect compares the values of some series. A series that must not be there
// has the value absent.
func expect(t testing.TB, got, want map[string]float64) {
	t.Helper()
	for series, value := range want {
		v, ok := got[series]
		switch {
		case value == absent && ok:
			t.Errorf("%s = %v, want none", series, v)
		case value != absent && !ok:
			t.Errorf("%s is not there, want %v", series, value)
		case value != absent && v != value:
			t.Errorf("%s = %v, want %v", series, v, value)
		}
	}
}

const absent = -12345

// count returns how many series of a metric there are.
func count(values map[string]float64, name string) (n int) {
	for series := range values {
		if strings.HasPrefix(series, name+"{") {
			n++
		}
	}
	return n
}

// pass lets time pass inside a synctest bubble, where it takes none.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// pipeListener is a network of one host, in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

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
