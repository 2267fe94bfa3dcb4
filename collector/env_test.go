package collector

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testEnv is a Collector in front of a simulated platform, with the settings
// that users have by default.
type testEnv struct {
	*Collector
	sim      *simulator.Simulator
	client   *szzkc.Client // of sim
	registry *prometheus.Registry
	handler  http.Handler
	settings Settings // of the next load
	log      *strings.Builder
	stop     context.CancelFunc // ends the collector before the test ends
}

// newTestEnv connects to the platform in memory, since a real connection cannot
// be inside a synctest bubble. A test that needs other settings changes them.
func newTestEnv(t testing.TB, sim *simulator.Simulator, groups []Group, changes ...func(*Settings)) *testEnv {
	t.Helper()
	env := &testEnv{sim: sim, client: connect(t, sim), settings: testSettings(changes)}
	env.start(t, groups)
	return env
}

// newTestEnvOverTCP is newTestEnv with real connections to the platform.
func newTestEnvOverTCP(t testing.TB, sim *simulator.Simulator, groups []Group, changes ...func(*Settings)) *testEnv {
	t.Helper()
	env := &testEnv{sim: sim, client: connectOverTCP(t, sim), settings: testSettings(changes)}
	env.start(t, groups)
	return env
}

func testSettings(changes []func(*Settings)) Settings {
	s := Settings{Timeout: 30 * time.Second, Concurrency: 4, MaxRetries: 2}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// start loads the groups, and runs the collector until the test ends.
func (env *testEnv) start(t testing.TB, groups []Group) {
	env.log = new(strings.Builder)
	env.registry = prometheus.NewRegistry()
	env.Collector = New(slog.New(slog.NewTextHandler(env.log, nil)), env.registry)
	env.handler = env.Handler(env.registry, 500*time.Millisecond)
	env.reload(groups...)
	ctx, stop := context.WithCancel(context.Background())
	env.stop = stop
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		env.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
}

// reload loads groups, as a changed configuration does.
func (env *testEnv) reload(groups ...Group) { env.load(SamePlatform, groups...) }

// load loads groups, and says what else has changed.
func (env *testEnv) load(change Change, groups ...Group) {
	env.Load(env.client, env.settings, groups, change)
}

// testGroup is a group with the ages that users have by default, and its cards
// listed by one kind of identifier.
func testGroup(name string, kind kind, cards []simulator.Card) Group {
	return Group{Name: name, MaxAge: 30 * time.Second, StaleIfError: time.Hour, Cards: testCards(kind, cards)}
}

func testCards(kind kind, cards []simulator.Card) []Card {
	listed := make([]Card, len(cards))
	for i, c := range cards {
		if kind == byIMEI {
			listed[i].IMEI = c.IMEI
		} else {
			listed[i].ICCID = c.ICCID
		}
	}
	return listed
}

// scrape scrapes with Prometheus's default timeout, and returns the value of
// each series.
func (env *testEnv) scrape(t testing.TB) map[string]float64 {
	t.Helper()
	return env.scrapeFor(t, 10*time.Second)
}

func (env *testEnv) scrapeFor(t testing.TB, timeout time.Duration) map[string]float64 {
	t.Helper()
	return parse(t, env.body(t, scrapeRequest(t.Context(), "/metrics", timeout)))
}

// scrapeText is scrape, with the text that was served.
func (env *testEnv) scrapeText(t testing.TB) string {
	t.Helper()
	return env.body(t, scrapeRequest(t.Context(), "/metrics", 10*time.Second))
}

// scrapeRequest is a scrape by a Prometheus server with that scrape timeout.
func scrapeRequest(ctx context.Context, target string, timeout time.Duration) *http.Request {
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64))
	return req
}

// body sends a request to the exporter, and returns what it answers with a 200.
func (env *testEnv) body(t testing.TB, req *http.Request) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	env.handler.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

// advance moves the clock of a synctest bubble forward, and waits until all that
// happens by then has happened.
func advance(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// eachMinute calls scrape at the start of each of n minutes, as Prometheus does
// at its default interval.
func eachMinute(n int, scrape func(minute int)) {
	for minute := range n {
		next := time.Now().Add(time.Minute)
		scrape(minute)
		advance(time.Until(next))
	}
}
