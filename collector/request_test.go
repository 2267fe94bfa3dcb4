package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

func TestFewestRequests(t *testing.T) {
	cards := simulator.Fleet(2000)
	group := testGroup("g", byIMEI, cards[:1000])
	group.Cards = append(group.Cards, testCards(byICCID, cards[1000:])...)
	env := newTestEnv(t, simulator.New(cards), []Group{group})
	got := env.scrape(t)
	asked := env.sim.Counters()
	if asked.Requests != 100 || asked.Refused != 0 || asked.LargestBatch != 20 || asked.Identifiers != 2000 {
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

func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour simulator.Behaviour
		retries   int
		timeout   time.Duration
		requests  int
		atLeast   time.Duration
	}{
		"backoff":                      {simulator.Behaviour{Fault: simulator.ServerError}, 2, 10 * time.Second, 3, 500 * time.Millisecond},
		"none":                         {simulator.Behaviour{Fault: simulator.ServerError}, 0, 10 * time.Second, 1, 0},
		"not what will not pass":       {simulator.Behaviour{Fault: simulator.HTML}, 2, 10 * time.Second, 1, 0},
		"as late as the platform asks": {simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: 3 * time.Second}, 2, 10 * time.Second, 3, 6 * time.Second},
		"after the scrape":             {simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute}, 2, 10 * time.Second, 3, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newTestEnv(t, simulator.New(simulator.PageCards()), []Group{testGroup("g", byIMEI, simulator.PageCards())},
					func(s *Settings) { s.MaxRetries = test.retries })
				env.sim.SetBehaviour(test.behaviour)
				expect(t, env.scrapeFor(t, test.timeout), map[string]float64{groupUp: 0})
				advance(test.atLeast)
				if asked := env.sim.Counters(); asked.Requests != test.requests {
					t.Errorf("%d requests, want %d", asked.Requests, test.requests)
				}
				env.sim.SetBehaviour(simulator.Behaviour{})
				advance(time.Minute) // for which the platform may want to be left alone
				expect(t, env.scrapeFor(t, test.timeout), map[string]float64{
					groupUp:                                  1,
					"simcard_exporter_request_retries_total": float64(test.requests - 1),
				})
			})
		})
	}
}
