package collector

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// scrapeJob is a Prometheus server.
type scrapeJob struct {
	offset  time.Duration // into the minute
	timeout time.Duration
}

// scrapeTogether has the scrapers scrape once each, at their offsets from now,
// and returns what they see.
func scrapeTogether(t *testing.T, env *testEnv, scrapers []scrapeJob) []map[string]float64 {
	t.Helper()
	seen := make([]map[string]float64, len(scrapers))
	var scrapes sync.WaitGroup
	for i, s := range scrapers {
		scrapes.Go(func() {
			<-time.After(s.offset)
			seen[i] = env.scrapeFor(t, s.timeout)
		})
	}
	scrapes.Wait()
	return seen
}

// Even if the platform is slower than a scrape, two scrapers at any offset, and
// with any timeouts, both get data.
func TestSecondScraperIsNotBlind(t *testing.T) {
	for name, scrapers := range map[string][]scrapeJob{
		"8s apart":                              {{timeout: 10 * time.Second}, {offset: 8 * time.Second, timeout: 10 * time.Second}},
		"at once, with timeouts of 10s and 30s": {{timeout: 10 * time.Second}, {timeout: 30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(20)
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
				env.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
				const minutes = 10
				var up [2]int
				eachMinute(minutes, func(minute int) {
					began := time.Now()
					for i, got := range scrapeTogether(t, env, scrapers) {
						up[i] += int(got[groupUp])
						if minute == 0 {
							continue
						}
						expectCards(t, got, 20)
						// The first does not wait for this minute's answer, the second does.
						oldest := began.Add(15*time.Second - time.Duration(1-i)*time.Minute)
						expect(t, got, map[string]float64{groupOldestAnswer: float64(oldest.Unix())})
					}
				})
				if up != [2]int{minutes - 1, minutes} {
					t.Errorf("simcard_up is 1 in %v of %d scrapes, want all but the very first", up, minutes)
				}
				if n := env.sim.Counters().Requests; n != minutes {
					t.Errorf("%d requests in %d minutes, want one a minute", n, minutes)
				}
			})
		})
	}
}

// Scrapes that overlap cost one request for each batch.
func TestOverlappingScrapesShareRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		results := make([]map[string]float64, 2)
		var scrapes sync.WaitGroup
		for i := range results {
			scrapes.Go(func() { results[i] = env.scrape(t) })
		}
		scrapes.Wait()
		for _, got := range results {
			expect(t, got, map[string]float64{groupUp: 1})
		}
		if asked := env.sim.Counters(); asked.Requests != 20 || asked.MaxInFlight != 4 {
			t.Errorf("%d requests, %d in flight, want 20 and 4", asked.Requests, asked.MaxInFlight)
		}
	})
}

// When a client hangs up, its scrape returns at once, however much time it had,
// and those that come after it lose nothing.
func TestGoneClientsHoldNothing(t *testing.T) {
	for _, clients := range []int{40, 200} {
		t.Run(strconv.Itoa(clients), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newHangingEnv(t)
				ctx, cancel := context.WithCancel(t.Context())
				var returned atomic.Int32
				var scrapes sync.WaitGroup
				for range clients {
					scrapes.Go(func() {
						defer func() {
							if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // as net/http does
								t.Errorf("the scrape ended with %v, and is not broken off", p)
							}
							returned.Add(1)
						}()
						env.handler.ServeHTTP(httptest.NewRecorder(), scrapeRequest(ctx, "/metrics?group=small", time.Hour))
					})
				}
				advance(time.Second)
				if n := returned.Load(); n != 0 {
					t.Errorf("%d scrapes returned before their clients were gone", n)
				}
				cancel()
				synctest.Wait() // and no time passes
				if n := int(returned.Load()); n != clients {
					t.Errorf("%d of %d scrapes returned when their clients were gone", n, clients)
				}

				start := time.Now()
				got := env.scrape(t)
				if took := time.Since(start); took > 9500*time.Millisecond {
					t.Errorf("the next scrape took %v", took)
				}
				expectCards(t, got, 420)
				scrapes.Wait()
			})
		})
	}
}
