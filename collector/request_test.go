package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// A group is asked for in as few requests as can be.
func TestFewestRequests(t *testing.T) {
	cards := simulator.Fleet(2000)
	group := testGroup("g", byIMEI, cards[:1000])
	group.Cards = append(group.Cards, testCards(byICCID, cards[1000:])...)
	env := newTestEnv(t, simulator.New(cards), []Group{group})
	got := env.scrape(t)
	asked := env.sim.Counters()
	if asked.Requests != 100 || asked.Violations != 0 || asked.LargestBatch != 20 || asked.Identifiers != 2000 {
		t.Errorf("asked %+v", asked)
	}
	expect(t, got, map[string]float64{
		groupUp:                                   1,
		`simcard_group_cards{group="g"}`:          2000,
		`simcard_group_batches{group="g"}`:        100,
		groupBatchesFailed:                        0,
		"simcard_exporter_requests_in_flight":     0,
		"simcard_exporter_unexpected_cards_total": 0,
	})
	expectCards(t, got, 2000)
}

// The rate limit holds within every second.
func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(1000)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)},
			func(s *Settings) { s.RateLimit = 5 })
		expect(t, env.scrapeFor(t, 20*time.Second), map[string]float64{groupUp: 1})
		if asked := env.sim.Counters(); asked.MaxPerSecond > 5 || asked.Requests != 50 {
			t.Errorf("%d requests, %d in a second, want 50 and at most 5", asked.Requests, asked.MaxPerSecond)
		}
	})
}

// What may pass is tried again, as often and as soon as allowed.
func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour simulator.Behaviour
		retries   int
		requests  int
		wait      time.Duration // after the scrape, until all have been sent
	}{
		"backoff": {
			behaviour: simulator.Behaviour{Fault: simulator.ServerError},
			retries:   2,
			requests:  3,
			wait:      500 * time.Millisecond,
		},
		"none": {
			behaviour: simulator.Behaviour{Fault: simulator.ServerError},
			requests:  1,
		},
		"not what would fail again": {
			behaviour: simulator.Behaviour{Fault: simulator.HTML},
			retries:   2,
			requests:  1,
		},
		"as late as the platform asks": {
			behaviour: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: 3 * time.Second},
			retries:   2,
			requests:  3,
			wait:      6 * time.Second,
		},
		"after the scrape": {
			behaviour: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute},
			retries:   2,
			requests:  3,
			wait:      2 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newTestEnv(t, simulator.New(simulator.PageCards()), []Group{testGroup("g", byIMEI, simulator.PageCards())},
					func(s *Settings) { s.MaxRetries = test.retries })
				env.sim.SetBehaviour(test.behaviour)
				expect(t, env.scrape(t), map[string]float64{groupUp: 0})
				advance(test.wait)
				if asked := env.sim.Counters(); asked.Requests != test.requests {
					t.Errorf("%d requests, want %d", asked.Requests, test.requests)
				}
				env.sim.SetBehaviour(simulator.Behaviour{})
				advance(time.Minute) // the platform may have asked for a pause
				expect(t, env.scrape(t), map[string]float64{
					groupUp:                                  1,
					"simcard_exporter_request_retries_total": float64(test.requests - 1),
				})
			})
		})
	}
}
