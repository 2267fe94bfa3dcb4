package collector

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/szzkc/simulator"
)

// What the last platform did is not held against the next one.
func TestNewPlatformStartsAfresh(t *testing.T) {
	cards := simulator.Fleet(40)
	for name, behaviour := range map[string]simulator.Behaviour{
		"pause":      {Fault: simulator.Throttled, RetryAfter: time.Minute},
		"outage":     {Fault: simulator.ServerError, Latency: 100 * time.Millisecond},
		"quarantine": {Refuse: identifiers(cards[3])},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				groups := []Group{testGroup("g", byIMEI, cards)}
				env := newTestEnv(t, simulator.New(cards), groups)
				env.sim.SetBehaviour(behaviour)
				for range 10 {
					env.scrape(t)
					advance(10 * time.Second)
				}
				env.scrape(t)

				env.sim.SetBehaviour(simulator.Behaviour{})
				env.sim.ResetCounters()
				env.load(AnotherPlatform, groups...)
				got := env.scrape(t)
				expect(t, got, map[string]float64{groupUp: 1, platformAvailable: 1})
				expectCards(t, got, 40)
				expectCount(t, got, "refused", 0)
				t.Logf("%d requests for two batches", env.sim.Counters().Requests)
			})
		})
	}
}

// Another account is asked for everything anew. Until it is answered, the answers
// to the last one are served.
func TestNewAccountIsAskedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = 12 * time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[3])})
		env.scrape(t)
		advance(time.Second)

		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Minute}) // and no refusal
		env.sim.ResetCounters()
		env.load(AnotherAccount, group)
		expectCards(t, env.scrape(t), 39)
		env.sim.SetBehaviour(simulator.Behaviour{})
		got := env.scrape(t)
		expectCards(t, got, 40)
		expect(t, got, map[string]float64{groupUp: 1})
		expectAbsent(t, got, cardSeries("refused", cards[3]))
		if n := env.sim.Counters().Requests; n != 2 {
			t.Errorf("%d requests, want one of each batch", n)
		}
	})
}

// Requests to the last platform that are still in flight, and its limits, pauses
// and failures, have no effect on the next one. Another account of the same platform
// keeps to its pause.
func TestNewPlatformAnswersForItself(t *testing.T) {
	cards := simulator.Fleet(12 * 20)
	for name, test := range map[string]struct {
		old   simulator.Behaviour
		limit float64 // of the old platform's requests
	}{
		"old requests fail":                  {old: simulator.Behaviour{Fault: simulator.ServerError, Latency: 10 * time.Second, Jitter: 12 * time.Second}},
		"old requests are refused":           {old: simulator.Behaviour{Fault: simulator.Rejected, Latency: 5 * time.Second}},
		"old requests hang":                  {old: simulator.Behaviour{Fault: simulator.Hang}},
		"the old platform asked for a pause": {old: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute}},
		"the old limit is low":               {limit: .001},
	} {
		for changeName, change := range map[string]Change{"another platform": AnotherPlatform, "another account": AnotherAccount} {
			t.Run(changeName+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					groups := []Group{testGroup("g", byIMEI, cards)}
					env := newTestEnv(t, simulator.New(cards), groups, func(s *Settings) { s.Concurrency, s.RateLimit = 12, test.limit })
					env.sim.SetBehaviour(test.old)
					env.scrapeFor(t, 2*time.Second)
					env.settings.RateLimit = 0
					env.replacePlatform(t, simulator.New(cards), change, groups...)
					if change == AnotherAccount && test.old.RetryAfter > 0 {
						env.scrape(t)
						if n := env.sim.Counters().Requests; n > 0 {
							t.Errorf("%d requests of the next account during the pause", n)
						}
						advance(test.old.RetryAfter)
					}
					for range 4 {
						got := env.scrape(t)
						expect(t, got, map[string]float64{groupUp: 1, platformAvailable: 1})
						expectCards(t, got, len(cards))
						expectCount(t, got, "refused", 0)
						advance(time.Minute)
					}
				})
			})
		}
	}
}

// An answer to the last account that comes in the moment of the change is neither
// counted nor served as one to the new account.
func TestLastAccountsAnswerDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		sim := simulator.New(cards)
		client := connect(t, sim)
		c := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		c.Load(client, testSettings(nil), []Group{group}, SamePlatform)
		f := c.fleet.Load()
		f.refresher.queue(f, f.groups, wallClock())
		q, _ := f.refresher.next(time.Now())
		c.Load(client, testSettings(nil), []Group{group}, AnotherAccount)
		f.refresher.step(t.Context(), q) // as if Run had not noticed the load yet
		source := c.Pages(testEstimate)
		if n := source.Overview().Groups[0].RequestsToday; n != 0 {
			t.Errorf("%d requests today, want none yet", n)
		}
		if page, _ := source.Card(cards[0].IMEI); len(page.Attempts) != 0 || page.Answer != nil {
			t.Errorf("attempts %+v, answer %+v, want none", page.Attempts, page.Answer)
		}

		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go c.Run(ctx)
		if _, err := c.Scrape(ctx, time.Now().Add(time.Minute), Selection{}); err != nil {
			t.Error(err)
		}
		if n := sim.Counters().Requests; n != 2 {
			t.Errorf("%d requests, want one of each account", n)
		}
	})
}

// A scrape that waits while the account changes gets the answers to the new one.
func TestScrapeAcrossAnAccountChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		groups := []Group{testGroup("g", byIMEI, cards)}
		env := newTestEnv(t, simulator.New(cards), groups)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Latency: 2 * time.Second})
		var got map[string]float64
		var scrapes sync.WaitGroup
		scrapes.Go(func() { got = env.scrapeFor(t, time.Minute) })
		advance(3 * time.Second)
		next := simulator.New(cards)
		next.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		env.replacePlatform(t, next, AnotherAccount, groups...)
		scrapes.Wait()
		expect(t, got, map[string]float64{groupUp: 1})
		expectCards(t, got, len(cards))
		if n := env.sim.Counters().Requests; n != 2 {
			t.Errorf("%d requests, want one of each batch", n)
		}
	})
}

// A platform that has answered for no card quarantines none, even if the last one
// had answered.
func TestOldAnswersBlameNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		groups := []Group{testGroup("g", byIMEI, cards)}
		env := newTestEnv(t, simulator.New(cards), groups)
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 10 * time.Second})
		env.scrapeFor(t, 2*time.Second)
		next := simulator.New(cards)
		next.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Latency: time.Second})
		env.replacePlatform(t, next, AnotherPlatform, groups...)
		for range 5 {
			got := env.scrape(t)
			expect(t, got, map[string]float64{groupUp: 0})
			expectCount(t, got, "refused", 0)
			advance(time.Minute)
		}
	})
}
