package collector

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
	"simcard_exporter/config/cards"
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
	settings Settings           // of the next load
	saving   persistence.Flags  // of the next start
	log      *strings.Builder   // of all starts
	stop     context.CancelFunc // ends Run before the test ends
	end      func()             // ends everything, and saves; it may be called again
}

// newTestEnv starts a Collector that is connected to sim in memory, since a synctest
// bubble cannot contain a real connection. Changes adapt the settings to the test.
func newTestEnv(t testing.TB, sim *simulator.Simulator, groups []Group, changes ...func(*Settings)) *testEnv {
	t.Helper()
	env := &testEnv{sim: sim, client: connect(t, sim), settings: testSettings(changes)}
	env.start(t, groups)
	return env
}

// newTestEnvOverTCP is newTestEnv with real connections.
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

// start loads the groups, and runs the Collector until the test ends or end is called.
func (env *testEnv) start(t testing.TB, groups []Group) {
	t.Helper()
	if env.log == nil {
		env.log = new(strings.Builder)
	}
	env.registry = prometheus.NewRegistry()
	env.Collector = New(slog.New(slog.NewTextHandler(env.log, nil)), env.registry)
	env.handler = env.Handler(env.registry, env.registry, 500*time.Millisecond, 0)
	saver, err := env.saving.OpenSaver(t.Context(), env.Collector, env.registry, env.logger)
	if err != nil {
		t.Fatal(err)
	}
	env.reload(groups...)
	saver.Load(t.Context())
	saver.Start()
	ctx, stop := context.WithCancel(context.Background())
	env.stop = stop
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		env.Run(ctx)
	}()
	env.end = sync.OnceFunc(func() {
		stop()
		<-ended
		saver.Close()
	})
	t.Cleanup(env.end)
}

// reload loads groups from the same platform and account.
func (env *testEnv) reload(groups ...Group) { env.load(SamePlatform, groups...) }

// load loads groups with a change of the platform or account.
func (env *testEnv) load(change Change, groups ...Group) {
	env.Load(env.client, env.settings, groups, change)
}

// Short names, since nearly every test has a variable called cards.
type (
	Card  = cards.Card
	Place = cards.Place
)

// testGroup returns a group with the default max_age and stale_if_error, whose cards
// are listed by one kind of identifier.
func testGroup(name string, kind kind, cards []simulator.Card) Group {
	return Group{Name: name, MaxAge: 30 * time.Second, StaleIfError: time.Hour, Limits: testLimits, Cards: testCards(kind, cards)}
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

// scrape scrapes with Prometheus's default timeout, and returns the values by series.
func (env *testEnv) scrape(t testing.TB) map[string]float64 {
	t.Helper()
	return env.scrapeFor(t, 10*time.Second)
}

func (env *testEnv) scrapeFor(t testing.TB, timeout time.Duration) map[string]float64 {
	t.Helper()
	return parse(t, env.body(t, scrapeRequest(t.Context(), "/metrics", timeout)))
}

// scrapeText is scrape, but returns the text.
func (env *testEnv) scrapeText(t testing.TB) string {
	t.Helper()
	return env.body(t, scrapeRequest(t.Context(), "/metrics", 10*time.Second))
}

// scrapeRequest returns a scrape as a Prometheus server sends it.
func scrapeRequest(ctx context.Context, target string, timeout time.Duration) *http.Request {
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64))
	return req
}

// body sends a request to the exporter, and returns the body of its 200. If the request
// ends first, the response is broken off, and its body is what came before.
func (env *testEnv) body(t testing.TB, req *http.Request) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // as net/http does
			panic(p)
		}
	}()
	env.handler.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

// advance moves the clock of a synctest bubble forward, and waits until all other
// goroutines are blocked.
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
