package collector

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/szzkc/simulator"
)

// Scrapes do not wait for a platform that does not answer. What waits for its turn then
// goes on when the platform answers again, without another scrape.
func TestOpenBreakerKeepsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval = 2 * time.Second
		cards := simulator.Fleet(20 * 40)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge, group.Live = time.Hour, true
		env := newTestEnv(t, simulator.New(cards), []Group{group}, func(s *Settings) { s.RateLimit = 1 / interval.Seconds() })
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		start := time.Now()
		expect(t, env.scrapeFor(t, 2*time.Minute), map[string]float64{platformAvailables[1]: 0, groupUp: 0, groupBatchesFailed: 40})
		if took := time.Since(start); took < 11*interval || took >= 12*interval { // the second control opens it
			t.Errorf("the scrape took %v, want %v", took, 11*interval)
		}
		if n := env.sim.Counters().Requests; n != 12 {
			t.Errorf("%d requests, want 12", n)
		}
		if err := env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI); err != nil { // which is not sent, and not later either
			t.Error(err)
		}
		env.sim.SetBehaviour(simulator.Behaviour{})
		advance(2 * time.Minute)
		page, _ := env.Pages(testEstimate).Card(cards[0].IMEI)
		if slices.ContainsFunc(page.Attempts, func(a pages.Attempt) bool { return a.Purpose == pages.Press }) {
			t.Error("the button's request was sent when the platform was back")
		}
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		start = time.Now()
		got := env.scrapeFor(t, time.Second)
		if took := time.Since(start); took > time.Second {
			t.Errorf("the second scrape took %v", took)
		}
		if n := countSeries(got, "found"); n < len(cards)-20*12 { // all but those whose refresh has ended, with a failure
			t.Errorf("%d cards are served, want what was queued", n)
		}
	})
}

// At the end of the process scrapes return at once, also those that wait for
// what is still queued.
func TestEndLeavesNoScrapeWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 3)
		sim := simulator.New(cards)
		sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		c := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		c.Load(connect(t, sim), Settings{Timeout: time.Hour, Concurrency: 1}, []Group{testGroup("g", byIMEI, cards)}, SamePlatform)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var running sync.WaitGroup
		running.Go(func() { c.Run(ctx) })
		running.Go(func() {
			start := time.Now()
			if _, err := c.Scrape(t.Context(), start.Add(time.Minute), Selection{}); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took != time.Second {
				t.Errorf("the scrape took %v, want until the end", took)
			}
		})
		advance(time.Second)
		cancel()
		running.Wait()
	})
}
