package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// outages are ways in which every request fails.
var outages = map[string]simulator.Behaviour{
	"refusals":             {Fault: simulator.Rejected},
	"5xx":                  {Fault: simulator.ServerError},
	"broken connections":   {Fault: simulator.Reset},
	"timeouts":             {Fault: simulator.Hang},
	"429 with Retry-After": {Fault: simulator.Throttled, RetryAfter: time.Minute},
}

// A platform that does not answer is noticed within a few requests, however fast they
// fail, and then only probed. Nobody is blamed, and soon after the outage everything is
// fresh.
func TestOutageDrawsFewRequests(t *testing.T) {
	for name, behaviour := range outages {
		for _, latency := range []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond, 3 * time.Second} {
			t.Run(name+" "+latency.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const batches = 100
					cards := simulator.Fleet(20 * batches)
					group := testGroup("g", byIMEI, cards)
					env := newTestEnv(t, simulator.New(cards), []Group{group})
					behaviour.Latency = latency
					env.sim.SetBehaviour(behaviour)
					requests := hourOfOutage(t, env, batches)
					t.Logf("%d requests until it opened, %d in the first 10 s, %d in the first hour", requests.opened, requests.tenSeconds, requests.hour)
					if most := env.settings.Concurrency + 12; requests.opened > most {
						t.Errorf("%d requests until the breaker opened, want at most %d", requests.opened, most)
					}
					if most := env.settings.Concurrency + 12 + 4 + 60*6; requests.hour > most {
						t.Errorf("%d requests in the first hour, want at most %d", requests.hour, most)
					}

					env.sim.SetBehaviour(simulator.Behaviour{Latency: 300 * time.Millisecond})
					env.sim.ResetCounters()
					incomplete := incompleteScrapes(t, env, len(cards))
					n := env.sim.Counters().Requests
					t.Logf("%d scrapes after it were incomplete, with %d requests for %d batches", incomplete, n, batches)
					if incomplete > 2 || n > 2*batches+10 {
						t.Errorf("%d scrapes after the outage were incomplete, with %d requests, want at most 2, and few requests", incomplete, n)
					}
				})
			})
		}
	}
}

// outageRequests counts requests since the begin of an outage.
type outageRequests struct{ opened, tenSeconds, hour int }

// hourOfOutage scrapes for an hour of an outage.
func hourOfOutage(t *testing.T, env *testEnv, batches int) (requests outageRequests) {
	t.Helper()
	time.AfterFunc(10*time.Second, func() { requests.tenSeconds = env.sim.Counters().Requests })
	go func() {
		for start := time.Now(); requests.opened == 0 && time.Since(start) < time.Hour; {
			<-time.After(10 * time.Millisecond)
			if len(env.fleet.Load().refresher.down()) > 0 {
				requests.opened = env.sim.Counters().Requests
			}
		}
	}()
	var got map[string]float64
	eachMinute(60, func(int) { got = env.scrape(t) })
	requests.hour = env.sim.Counters().Requests
	expect(t, got, map[string]float64{
		platformAvailable:  0,
		groupUp:            0,
		groupBatchesFailed: float64(batches),
	})
	expectCards(t, got, 0)
	expectCount(t, got, "refused", 0)
	return requests
}

// incompleteScrapes scrapes each minute, for at most a day, until so many cards are
// served, and returns how many scrapes had fewer.
func incompleteScrapes(t *testing.T, env *testEnv, cards int) (incomplete int) {
	t.Helper()
	complete := false
	for incomplete = 0; incomplete < 24*60; incomplete++ {
		eachMinute(1, func(int) { complete = countSeries(env.scrape(t), "found") == cards })
		if complete {
			return incomplete
		}
	}
	return incomplete
}

// A second without connections in the middle of a long sweep costs it seconds.
func TestShortOutageInASweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 200)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		sweep := func() time.Duration {
			start := time.Now()
			for env.scrapeFor(t, 10*time.Second)[groupUp] != 1 {
				advance(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
			}
			return time.Since(start)
		}
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		calm := sweep()
		advance(time.Hour)
		start := time.Now()
		env.sim.SetBehaviour(simulator.Behaviour{Draw: func([]string, bool) (simulator.Fault, time.Duration) {
			if since := time.Since(start); since > 20*time.Second && since < 21*time.Second {
				return simulator.Reset, 0
			}
			return simulator.None, time.Second
		}})
		if disturbed := sweep(); disturbed > calm+2*time.Minute {
			t.Errorf("the sweep took %v, and %v without the outage", disturbed, calm)
		}
		expectCount(t, env.scrape(t), "refused", 0)
	})
}

// When everything is refused, that says nothing about a single card. After such an
// outage the good cards are back at once, even if one card of each batch really is
// refused, so that no whole batch is answered.
func TestGoodCardsAreBackAfterRefuseAll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cards         int
		bad           int // its place in each batch
		outage        time.Duration
		latency       time.Duration
		maxIncomplete int // scrapes after the end; each probe draws a bad card once in 20 times
	}{
		"70 minutes":                    {cards: 20, bad: 7, outage: 70 * time.Minute, maxIncomplete: 3},
		"300 minutes":                   {cards: 20, bad: 7, outage: 300 * time.Minute, maxIncomplete: 3},
		"the first card of the batch":   {cards: 20, bad: 0, outage: 70 * time.Minute, maxIncomplete: 3},
		"too slow to ask for each card": {cards: 20, bad: 7, outage: 70 * time.Minute, latency: 500 * time.Millisecond, maxIncomplete: 3},
		"9 batches":                     {cards: 180, bad: 7, outage: 70 * time.Minute, latency: 500 * time.Millisecond, maxIncomplete: 4},
		"10 batches":                    {cards: 200, bad: 7, outage: 70 * time.Minute, latency: 500 * time.Millisecond, maxIncomplete: 4},
		"many batches":                  {cards: 300, bad: 7, outage: 70 * time.Minute, latency: 500 * time.Millisecond, maxIncomplete: 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(test.cards)
				bad := onePerBatch(cards, test.bad)
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
				env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Latency: test.latency})
				eachMinute(int(test.outage/time.Minute), func(int) {
					got := env.scrape(t)
					expect(t, got, map[string]float64{groupUp: 0})
					expectAbsent(t, got, cardSeries("refused", simulator.Card{IMEI: bad[0].IMEI}))
				})

				env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(bad...), Latency: test.latency})
				incomplete := incompleteScrapes(t, env, len(cards)-len(bad))
				t.Logf("%d requests until the end; %d incomplete scrapes after an outage of %v", env.sim.Counters().Requests, incomplete, test.outage)
				if incomplete > test.maxIncomplete {
					t.Fatalf("%d incomplete scrapes after an outage of %v, want at most %d", incomplete, test.outage, test.maxIncomplete)
				}
				checkQuarantined(t, env, bad, len(cards)/20)
			})
		})
	}
}

// checkQuarantined checks that the bad cards, which never had an answer, are in
// quarantine, that their group is up, and that they cost few requests.
func checkQuarantined(t *testing.T, env *testEnv, bad []simulator.Card, batches int) {
	t.Helper()
	eachMinute(3, func(int) { env.scrape(t) })
	env.sim.ResetCounters()
	eachMinute(60, func(int) {
		if t.Failed() {
			return // once is enough
		}
		got := env.scrape(t)
		expect(t, got, map[string]float64{groupUp: 1, groupBatchesFailed: 0, platformAvailable: 1})
		for _, c := range bad {
			expect(t, got, map[string]float64{cardSeries("refused", simulator.Card{IMEI: c.IMEI}): 1})
		}
	})
	// Asked alone after 5, 10, 20 … minutes, at most four times within an hour, and each
	// time that nothing else is answered in between a control.
	if n := env.sim.Counters().Requests; n > 60*batches+5*len(bad) {
		t.Errorf("%d requests in the hour after, want %d and those for refused cards", n, 60*batches)
	}
}
