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

// What another account is told counts for nothing that the one before it was
// told, but is served until there is something newer.
func TestNewAccountIsAskedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		group := byIMEIs("g", cards)
		group.MaxAge = 12 * time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group})
		r.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[3])})
		r.scrape(t, 10*time.Second)
		pass(time.Second)

		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Minute}) // of which nobody is refused
		r.sim.ResetCounters()
		r.Load(r.client, r.settings, []Group{group}, AnotherAccount)
		wantCards(t, r.scrape(t, 10*time.Second), 39)
		r.sim.SetBehaviour(simulator.Behaviour{})
		got := r.scrape(t, 10*time.Second)
		wantCards(t, got, 40)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1, of("simcard_refused", cards[3]): absent})
		if n := r.sim.Counters().Requests; n != 2 {
			t.Errorf("%d requests, want one of each batch", n)
		}
	})
}
