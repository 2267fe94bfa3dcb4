package collector

import (
	"sync"
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
				const minutes = 30
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

// Two scrapers cost the platform no more requests than one, whatever the time
// between them.
func TestTwoScrapersShareRequests(t *testing.T) {
	for name, offset := range map[string]time.Duration{
		"half a second": 500 * time.Millisecond,
		"8s":            8 * time.Second,
		"25s":           25 * time.Second,
		"35s":           35 * time.Second,
		"59s":           59 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(400)
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
				env.sim.SetBehaviour(simulator.Behaviour{Latency: 100 * time.Millisecond})
				const minutes = 10
				scrapers := []scrapeJob{{timeout: 10 * time.Second}, {offset: offset, timeout: 10 * time.Second}}
				eachMinute(minutes, func(int) {
					for _, got := range scrapeTogether(t, env, scrapers) {
						expect(t, got, map[string]float64{groupUp: 1})
						expectCards(t, got, 400)
					}
				})
				// A sweep a minute, and one more for the very first scrape.
				if n := env.sim.Counters().Requests; n > 20*(minutes+1) {
					t.Errorf("%d requests for 20 batches in %d minutes", n, minutes)
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
