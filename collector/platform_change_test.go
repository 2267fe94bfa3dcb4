package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// Another platform is not blamed for what the one before it did.
func TestNewPlatformStartsAfresh(t *testing.T) {
	cards := simulator.Fleet(40)
	for name, behaviour := range map[string]simulator.Behaviour{
		"pause":      {Fault: simulator.Throttled, RetryAfter: time.Minute},
		"outage":     {Fault: simulator.ServerError, Latency: 100 * time.Millisecond},
		"quarantine": {Refuse: identifiers(cards[3])},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				groups := []Group{byIMEIs("g", cards)}
				r := newRig(t, simulator.New(cards), true, groups)
				r.sim.SetBehaviour(behaviour)
				for range 10 {
					r.scrape(t, 10*time.Second)
					pass(10 * time.Second)
				}
				r.scrape(t, 10*time.Second)

				r.sim.SetBehaviour(simulator.Behaviour{})
				r.sim.ResetCounters()
				r.reloadForOtherPlatform(groups)
				got := r.scrape(t, 10*time.Second)
				expect(t, got, map[string]float64{
					`simcard_up{group="g"}`: 1,
					available:               1,
				})
				wantCards(t, got, 40)
				if n := count(got, "simcard_refused"); n != 0 {
					t.Errorf("%d cards are said to be refused by a platform that refuses none", n)
				}
				t.Logf("%d requests for two batches", r.sim.Counters().Requests)
			})
		})
	}
}
