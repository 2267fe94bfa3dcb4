package collector

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// takeOver has another platform, or another account, answer from now on.
func (r *rig) takeOver(t *testing.T, change Change, groups []Group, cards []simulator.Card, b simulator.Behaviour) {
	t.Helper()
	r.sim = simulator.New(cards)
	r.sim.SetBehaviour(b)
	r.client = connect(t, r.sim, true)
	r.Load(r.client, r.settings, groups, change)
}

// What the last platform still does when another has taken over, and what was
// made of it before, says nothing of the new one.
func TestNewPlatformAnswersForItself(t *testing.T) {
	cards := simulator.Fleet(12 * 20)
	for name, test := range map[string]struct {
		old   simulator.Behaviour
		limit float64 // of the old platform's requests
	}{
		"old requests fail":           {old: simulator.Behaviour{Fault: simulator.ServerError, Latency: 10 * time.Second, Jitter: 12 * time.Second}},
		"old requests are refused":    {old: simulator.Behaviour{Fault: simulator.Rejected, Latency: 5 * time.Second}},
		"old requests hang":           {old: simulator.Behaviour{Fault: simulator.Hang}},
		"the old platform is to rest": {old: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute}},
		"the old limit is low":        {limit: .001},
	} {
		for _, change := range []Change{AnotherPlatform, AnotherAccount} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					groups := []Group{byIMEIs("g", cards)}
					r := newRig(t, simulator.New(cards), true, groups, func(s *Settings) { s.Concurrency, s.RateLimit = 12, test.limit })
					r.sim.SetBehaviour(test.old)
					r.scrape(t, 2*time.Second)
					r.settings.RateLimit = 0
					r.takeOver(t, change, groups, cards, simulator.Behaviour{})
					for range 10 {
						got := r.scrape(t, 10*time.Second)
						expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1, available: 1})
						wantCards(t, got, len(cards))
						if n := count(got, "simcard_refused"); n != 0 {
							t.Errorf("%d cards refused, by a platform that refuses none", n)
						}
						pass(time.Minute)
					}
				})
			})
		}
	}
}

// A scrape that waits for an account gets what the next one is told.
func TestScrapeAcrossATakeover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		groups := []Group{byIMEIs("g", cards)}
		r := newRig(t, simulator.New(cards), true, groups)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Latency: 2 * time.Second})
		var got map[string]float64
		var scrapes sync.WaitGroup
		scrapes.Go(func() { got = r.scrape(t, time.Minute) })
		pass(3 * time.Second)
		r.takeOver(t, AnotherAccount, groups, cards, simulator.Behaviour{Latency: time.Second})
		scrapes.Wait()
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
		wantCards(t, got, len(cards))
		if n := r.sim.Counters().Requests; n != 2 {
			t.Errorf("%d requests, want one of each batch", n)
		}
	})
}

// Nobody is blamed by a platform that never answered for anybody, though the one
// before it did.
func TestOldAnswersBlameNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		groups := []Group{byIMEIs("g", cards)}
		r := newRig(t, simulator.New(cards), true, groups)
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 10 * time.Second})
		r.scrape(t, 2*time.Second)
		r.takeOver(t, AnotherPlatform, groups, cards, simulator.Behaviour{Fault: simulator.Rejected, Latency: time.Second})
		for range 5 {
			got := r.scrape(t, 10*time.Second)
			expect(t, got, map[string]float64{`simcard_up{group="g"}`: 0})
			if n := count(got, "simcard_refused"); n != 0 {
				t.Errorf("%d cards refused", n)
			}
			pass(time.Minute)
		}
	})
}

// A breaker that is open closes although a load has left nothing but cards in
// quarantine to ask for.
func TestQuarantinedCardsCloseTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(2)
		a, b := byIMEIs("a", cards[:1]), byIMEIs("b", cards[1:])
		r := newRig(t, simulator.New(cards), true, []Group{a, b})
		r.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[0]), Latency: time.Second, Jitter: time.Second})
		for refused := false; !refused; pass(time.Minute) { // once the other is answered meanwhile
			refused = count(r.scrape(t, 10*time.Second), "simcard_refused") == 1
		}
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		var got map[string]float64
		eachMinute(15, func(int) { got = r.scrape(t, 10*time.Second) })
		expect(t, got, map[string]float64{available: 0})

		r.sim.SetBehaviour(simulator.Behaviour{})
		r.reload([]Group{a})
		eachMinute(65, func(int) { got = r.scrape(t, 10*time.Second) })
		expect(t, got, map[string]float64{available: 1, `simcard_up{group="a"}`: 1, of("simcard_refused", cards[0]): absent, of("simcard_found", cards[0]): 1})
	})
}

// A batch that was answered in part is no other batch.
func TestOwnAnswersAreNotThoseOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)}, func(s *Settings) { s.MaxRetries = 0 })
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.UnreadableItem})
		eachMinute(2, func(int) { r.scrape(t, 10*time.Second) })
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		r.sim.ResetCounters()
		r.scrape(t, 10*time.Second)
		if n := r.sim.Counters().Requests; n != 1 {
			t.Errorf("%d requests to a platform that is down, want 1", n)
		}
	})
}

// Loads, scrapes and answers come at once.
func TestLoadsRaceWithScrapes(t *testing.T) {
	cards := simulator.Fleet(400)
	group := byIMEIs("g", cards)
	group.MaxAge = 0
	r := newRig(t, simulator.New(cards), false, []Group{group}, func(s *Settings) { s.Concurrency, s.MaxRetries = 8, 0 })
	r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Share: .5})
	var scrapes sync.WaitGroup
	for range 2 {
		scrapes.Go(func() {
			for range 30 {
				r.scrape(t, time.Second)
			}
		})
	}
	for i := range 60 {
		moved := group
		moved.Cards = slices.Concat(group.Cards[i%20:], group.Cards[:i%20])
		r.Load(r.client, r.settings, []Group{moved}, []Change{SamePlatform, SamePlatform, AnotherAccount, AnotherPlatform}[i%4])
	}
	scrapes.Wait()
}
