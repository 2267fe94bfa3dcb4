package collector

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// An outage in which the platform refuses everything does not undo what is
// known of refused cards, and nothing stays lost after it.
func TestRefusalsOutliveAnOutage(t *testing.T) {
	for name, test := range map[string]struct {
		cards   int
		refused []int
		groups  int
	}{
		"one of many":                        {40, []int{3}, 1},
		"one of two":                         {2, []int{1}, 1},
		"a group of refused cards beside it": {22, []int{0, 1, 5}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			cards := simulator.Fleet(test.cards)
			groups := []Group{byIMEIs("g", cards)}
			if test.groups == 2 {
				groups = []Group{byIMEIs("bad", cards[:2]), byIMEIs("good", cards[2:])}
			}
			r := newRig(t, simulator.New(cards), false, groups, func(s *Settings) { s.Concurrency = 1 })
			var refuse []string
			for _, i := range test.refused {
				refuse = append(refuse, cards[i].IMEI)
			}
			want := test.cards - len(test.refused)
			for _, outage := range []bool{false, true, false} {
				r.sim.SetBehaviour(simulator.Behaviour{Refuse: refuse})
				if outage {
					r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected})
					r.scrape(t, 10*time.Second)
					continue
				}
				n := 0
				for scrape := 0; scrape < 10 && n != want; scrape++ {
					n = count(r.scrape(t, 10*time.Second), "simcard_found")
				}
				if n != want {
					t.Errorf("%d cards after ten scrapes, want %d", n, want)
				}
			}
		})
	}
}

// Another card that is refused after an outage is found as well.
func TestRefusalAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		n := 0
		for _, behaviour := range []simulator.Behaviour{
			{Refuse: []string{cards[3].IMEI}},
			{Fault: simulator.Rejected},
			{Refuse: []string{cards[3].IMEI, cards[11].IMEI}},
		} {
			r.sim.SetBehaviour(behaviour)
			for range 10 {
				n = count(r.scrape(t, 10*time.Second), "simcard_found")
				pass(time.Minute)
			}
		}
		if n != 18 {
			t.Errorf("%d cards, want 18", n)
		}
	})
}

// A card that was refused by accident is back long before max_age.
func TestRefusedByAccident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := byIMEIs("g", cards)
		group.MaxAge = 12 * time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group})
		asked := 0
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Only: func([]string) bool { asked++; return asked <= 5 }})
		n := 0
		for range 10 {
			n = count(r.scrape(t, 10*time.Second), "simcard_found")
			pass(time.Minute)
		}
		if n != 20 {
			t.Errorf("%d cards after ten minutes, want 20", n)
		}
	})
}

// A part that always faults does not keep the rest of its batch from being
// asked.
func TestFaultOfOnePart(t *testing.T) {
	cards := simulator.Fleet(20)
	r := newRig(t, simulator.New(cards), false, []Group{byIMEIs("g", cards)})
	r.sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[19].IMEI}, Fault: simulator.HTML, Only: func(ids []string) bool {
		return len(ids) < 20 && ids[0] == cards[0].IMEI
	}})
	for range 3 {
		if n := count(r.scrape(t, 10*time.Second), "simcard_found"); n != 9 {
			t.Errorf("%d cards, want the 9 of the other half", n)
		}
	}
}

// Two devices for which the platform has the same ICCID are both there.
func TestOneICCIDInTwoDevices(t *testing.T) {
	cards := simulator.Fleet(40)
	cards[30].ICCID = cards[2].ICCID
	r := newRig(t, simulator.New(cards), false, []Group{byIMEIs("g", cards)})
	got := r.scrape(t, 10*time.Second)
	if n := count(got, "simcard_found"); n != 40 {
		t.Errorf("%d cards, want 40", n)
	}
	expect(t, got, map[string]float64{`promhttp_metric_handler_errors_total{cause="gathering"}`: 0})
}

// Whatever happens, the parts of a batch are its cards, and all heals.
func TestSplitStorm(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			cards := simulator.Fleet(57)
			groups := []Group{byIMEIs("a", cards[:30]), byICCIDs("b", cards[30:])}
			groups[0].MaxAge = time.Duration(seed%2) * 3 * time.Minute
			r := newRig(t, simulator.New(cards), true, groups, func(s *Settings) { s.Concurrency = 2 })
			var scrapes sync.WaitGroup
			for range 60 {
				behaviour := simulator.Behaviour{Latency: time.Duration(random.IntN(9)) * time.Second, Share: .4, RetryAfter: 7 * time.Second}
				behaviour.Fault = []simulator.Fault{simulator.None, simulator.None, simulator.Rejected, simulator.HTML, simulator.Throttled}[random.IntN(5)]
				for range random.IntN(4) {
					c := cards[random.IntN(len(cards))]
					behaviour.Refuse = append(behaviour.Refuse, c.IMEI, c.ICCID)
				}
				r.sim.SetBehaviour(behaviour)
				scrapes.Go(func() { r.scrape(t, 10*time.Second) })
				pass(time.Duration(2+random.IntN(60)) * time.Second)
				if random.IntN(10) == 0 {
					settings := r.settings
					settings.Concurrency = 1 + random.IntN(3)
					r.Load(r.client, settings, groups, false)
				}
				checkParts(t, r)
			}
			scrapes.Wait()
			r.sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[5].IMEI, cards[16].IMEI}})
			n := 0
			for range 12 {
				n = count(r.scrape(t, 10*time.Second), "simcard_found")
				pass(time.Minute)
			}
			if n != 55 {
				t.Errorf("seed %d: %d cards, want 55", seed, n)
			}
		})
	}
}

// checkParts checks that each batch's parts hold its cards, each once.
func checkParts(t *testing.T, r *rig) {
	t.Helper()
	for _, g := range r.fleet.Load().groups {
		for _, b := range g.batches {
			b.mu.Lock()
			seen := make(map[string]bool)
			n := 0
			for _, p := range b.parts {
				for _, id := range p.identifiers() {
					seen[id] = true
					n++
				}
			}
			b.mu.Unlock()
			if n != len(b.members) || len(seen) != n {
				t.Errorf("%d cards in parts, %d of them different, want %d", n, len(seen), len(b.members))
			}
		}
	}
}

// The log names each refused card, in one line.
func TestRefusedCardsAreNamed(t *testing.T) {
	cards := simulator.Fleet(100)
	r := newRig(t, simulator.New(cards), false, []Group{byIMEIs("g", cards)})
	r.sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[1].IMEI, cards[7].IMEI, cards[33].IMEI}})
	r.scrape(t, 10*time.Second)
	want := "cards_refused=3 refused=" + cards[1].IMEI + "," + cards[7].IMEI + "," + cards[33].IMEI
	if log := r.log.String(); !strings.Contains(log, want) || strings.Count(log, "\n") != 1 {
		t.Errorf("no %q in one line:\n%s", want, log)
	}
}

// A refused card is asked for as often as others are, and does not keep them
// from being asked.
func TestRefusedCardsCostLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 30)
		group := byIMEIs("g", cards)
		group.MaxAge, group.StaleIfError = 10*time.Minute, time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group}, func(s *Settings) { s.Concurrency = 1 })
		var refuse []string
		for i := range 10 {
			refuse = append(refuse, cards[20*i].IMEI)
		}
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second, Refuse: refuse})
		for scrape := 1; scrape <= 60; scrape++ {
			start := time.Now()
			if n := count(r.scrape(t, 10*time.Second), "simcard_found"); scrape > 40 && n != 590 {
				t.Errorf("scrape %d: %d cards, want 590", scrape, n)
			}
			if scrape == 40 {
				r.sim.ResetCounters()
			}
			pass(time.Minute - time.Since(start))
		}
		if n := r.sim.Counters().Requests; n > 2*(30+10) {
			t.Errorf("%d requests in 20 minutes, want two sweeps of 40", n)
		}
	})
}

// More hanging requests than there are slots do not keep another group from
// being asked, from the first scrape on.
func TestHangingGroupHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("sick", cards[:200]), byICCIDs("well", cards[200:])})
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang, Only: func(ids []string) bool { return len(ids[0]) == 15 }})
		for range 10 {
			start := time.Now()
			expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="well"}`: 1, `simcard_up{group="sick"}`: 0})
			pass(time.Minute - time.Since(start))
		}
	})
}

// A batch whose turn did not come before the scrape's end keeps its place: two
// groups that need five scrapes each stay evenly fresh, be it the slots or the
// rate that holds them up.
func TestWaitingIsNoAttempt(t *testing.T) {
	for name, limit := range map[string]func(*Settings){
		"slots": func(s *Settings) { s.Concurrency = 2 },
		"rate":  func(s *Settings) { s.RateLimit = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(2 * 20 * 45)
				groups := []Group{byIMEIs("g", cards[:900]), byICCIDs("h", cards[900:])}
				groups[0].StaleIfError, groups[1].StaleIfError = time.Hour, time.Hour
				r := newRig(t, simulator.New(cards), true, groups, limit)
				r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
				for scrape := 1; scrape <= 20; scrape++ {
					start := time.Now()
					got := r.scrape(t, 10*time.Second)
					age := time.Duration(float64(start.Unix())-got[oldestAnswer]) * time.Second
					if n := count(got, "simcard_found"); scrape >= 6 && (n != len(cards) || age > 6*time.Minute) {
						t.Errorf("scrape %d: %d cards of %d, the oldest answer is %v old", scrape, n, len(cards), age)
					}
					pass(time.Minute - time.Since(start))
				}
			})
		})
	}
}

// Two Prometheus servers, half a minute apart, and a platform slower than
// their scrapes: each of them sees every card.
func TestTwoScrapersOfASlowPlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		for scrape := range 20 {
			start := time.Now()
			if n := count(r.scrape(t, 10*time.Second), "simcard_found"); scrape > 0 && n != 20 {
				t.Errorf("scrape %d: %d cards, want 20", scrape, n)
			}
			pass(30*time.Second - time.Since(start))
		}
		if n := r.sim.Counters().Requests; n > 11 {
			t.Errorf("%d requests in ten minutes", n)
		}
	})
}

// What came late is new for as long as a scrape interval can be, and no longer.
func TestLateAnswersAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		r.scrape(t, 10*time.Second)
		pass(72 * time.Hour)
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="g"}`: 0})
		pass(time.Minute)
	})
}

// A scrape that joins another one's request goes on when that one's time is up.
func TestJoinedScrapeTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, simulator.New(simulator.PageCards()), true, []Group{byIMEIs("g", simulator.PageCards())})
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Latency: time.Second})
		var long map[string]float64
		var scrapes sync.WaitGroup
		scrapes.Go(func() { r.scrape(t, 2*time.Second) })
		scrapes.Go(func() { long = r.scrape(t, 30*time.Second) })
		pass(1200 * time.Millisecond)
		r.sim.SetBehaviour(simulator.Behaviour{})
		scrapes.Wait()
		expect(t, long, map[string]float64{`simcard_up{group="g"}`: 1})
	})
}

// One answer that asks to be left alone is for everyone, up to a minute.
func TestRetryAfterIsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(2000)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: 10 * time.Minute, Latency: 50 * time.Millisecond})
		for range 5 {
			r.scrape(t, 10*time.Second)
			pass(time.Minute)
		}
		if n := r.sim.Counters().Requests; n > 5*4 {
			t.Errorf("%d requests in five minutes, want a handful each", n)
		}
	})
}

func TestLoadJoinsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards[:20])})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		r.scrape(t, 10*time.Second)
		r.Load(r.client, r.settings, []Group{byIMEIs("renamed", cards[:20])}, false)
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="renamed"}`: 1})
		if n := r.sim.Counters().Requests; n != 1 {
			t.Errorf("%d requests, want the one that was in flight", n)
		}
		// With other cards around them, what comes is still not asked for again.
		r.scrape(t, 10*time.Second)
		r.Load(r.client, r.settings, []Group{byIMEIs("g", cards[5:25])}, false)
		pass(time.Minute)
		if n := count(r.scrape(t, 10*time.Second), "simcard_found"); n != 15 {
			t.Errorf("%d cards, want the 15 that stayed", n)
		}
		pass(time.Minute)
	})
}

// Data of yesterday is no answer for a group that is to be live.
func TestLoadAsksAnewForLive(t *testing.T) {
	cards := simulator.Fleet(20)
	group := byIMEIs("g", cards)
	group.MaxAge = 12 * time.Hour
	r := newRig(t, simulator.New(cards), false, []Group{group})
	r.scrape(t, 10*time.Second)
	group.Live = true
	r.Load(r.client, r.settings, []Group{group}, false)
	r.scrape(t, 10*time.Second)
	if n := r.sim.Counters(); n.Requests != 2 || n.LiveRequests != 1 {
		t.Errorf("%d requests, %d live, want 2 and 1", n.Requests, n.LiveRequests)
	}
}

// The limits hold while a load changes them.
func TestLoadChangesTheLimits(t *testing.T) {
	for _, to := range []int{2, 5} {
		synctest.Test(t, func(t *testing.T) {
			cards := simulator.Fleet(2000)
			groups := []Group{byIMEIs("g", cards)}
			r := newRig(t, simulator.New(cards), true, groups, func(s *Settings) { s.RateLimit = 2 })
			r.sim.SetBehaviour(simulator.Behaviour{Latency: 8 * time.Second})
			var scrapes sync.WaitGroup
			scrapes.Go(func() { r.scrape(t, 60*time.Second) })
			pass(15 * time.Second)
			settings := r.settings
			settings.Concurrency = to
			r.Load(r.client, settings, groups, false)
			pass(9 * time.Second) // by when the requests before the load are answered
			r.sim.ResetCounters()
			scrapes.Go(func() { r.scrape(t, 60*time.Second) })
			scrapes.Wait()
			if c := r.sim.Counters(); c.MaxInFlight != to || c.MaxPerSecond > 2 {
				t.Errorf("%d in flight and %d a second, want %d and 2", c.MaxInFlight, c.MaxPerSecond, to)
			}
			pass(time.Minute)
		})
	}
}

// The oldest answer is there although a card beside it has none.
func TestOldestAnswerBesideNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := byIMEIs("g", cards[:19])
		group.StaleIfError = 24 * time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group})
		start := float64(time.Now().Unix())
		r.scrape(t, 10*time.Second)
		pass(time.Hour)
		group.Cards = byIMEIs("", cards).Cards
		r.Load(r.client, r.settings, []Group{group}, false)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{oldestAnswer: start})
	})
}
