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
	expectCount(t, got, "simcard_refused", 0)
	return requests
}

// incompleteScrapes scrapes each minute, for at most a day, until so many cards are
// served, and returns how many scrapes had fewer.
func incompleteScrapes(t *testing.T, env *testEnv, cards int) (incomplete int) {
	t.Helper()
	complete := false
	for incomplete = 0; incomplete < 24*60; incomplete++ {
		eachMinute(1, func(int) { complete = countSeries(env.scrape(t), "simcard_found") == cards })
		if complete {
			return incomplete
		}
	}
	return incomplete
}

// During an outage probes go out at the same pace, however many scrapes there are, until
// two minutes after the last one that found something due; then none.
func TestProbesStopWithScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Latency: 100 * time.Millisecond})
		eachMinute(3, func(int) { env.scrape(t) })
		env.sim.ResetCounters()
		for range 200 {
			expect(t, env.scrapeFor(t, 2*time.Second), map[string]float64{platformAvailable: 0, groupUp: 0})
			advance(3 * time.Second)
		}
		if n := env.sim.Counters().Requests; n < 58 || n > 60 {
			t.Errorf("%d requests in ten minutes, want one in ten seconds", n)
		}
		env.sim.ResetCounters()
		advance(time.Hour)
		if n := env.sim.Counters().Requests; n < 11 || n > 12 {
			t.Errorf("%d requests after the last scrape, want those of two minutes", n)
		}
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 100 * time.Millisecond})
		env.scrape(t)
		advance(time.Minute)
		got := env.scrape(t)
		expect(t, got, map[string]float64{platformAvailable: 1, groupUp: 1})
		expectCards(t, got, 200)
	})
}

// A way of asking that is dead does not harm the other one: the daily group is up, and
// nobody is blamed.
func TestDeadWay(t *testing.T) {
	for name, test := range map[string]struct {
		fault       simulator.Fault
		concurrency int
		down        int // scrapes without the daily group, at most
	}{
		"5xx":                     {fault: simulator.ServerError, concurrency: 4, down: 3},
		"timeouts":                {fault: simulator.Hang, concurrency: 4, down: 3},
		"refusals":                {fault: simulator.Rejected, concurrency: 4, down: 3},
		"Retry-After":             {fault: simulator.Throttled, concurrency: 4, down: 15},
		"timeouts, one at a time": {fault: simulator.Hang, concurrency: 1, down: 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(400)
				live, daily := testGroup("live", byIMEI, cards[:200]), testGroup("daily", byICCID, cards[200:])
				live.Live, live.MaxAge = true, 10*time.Minute
				daily.MaxAge = 10 * time.Minute
				env := newTestEnv(t, simulator.New(cards), []Group{live, daily}, func(s *Settings) { s.Concurrency = test.concurrency })
				env.sim.SetBehaviour(simulator.Behaviour{RetryAfter: time.Minute, Draw: func(ids []string, live bool) (simulator.Fault, time.Duration) {
					if live != asksByIMEI(ids) {
						t.Errorf("%v are asked for with live %t", ids, live)
					}
					if live {
						return test.fault, 300 * time.Millisecond
					}
					return simulator.None, 300 * time.Millisecond
				}})
				minutes := int(min(14*time.Hour, *operationSpan) / time.Minute)
				down := 0
				eachMinute(minutes, func(int) {
					got := env.scrape(t)
					expect(t, got, map[string]float64{`simcard_up{group="live"}`: 0, platformAvailable: 1})
					expectCount(t, got, "simcard_refused", 0)
					if got[`simcard_up{group="daily"}`] != 1 {
						down++
					}
				})
				requests := 0
				for _, n := range env.sim.Counters().ByFault {
					requests += n
				}
				env.sim.SetBehaviour(simulator.Behaviour{Latency: 300 * time.Millisecond})
				back := 0
				for got := env.scrape(t); got[`simcard_up{group="live"}`] != 1 && back < 100; back++ {
					advance(time.Minute)
					got = env.scrape(t)
				}
				t.Logf("%d minutes, %d with the daily group down, %d live requests; up again after %d minutes", minutes, down, requests, back)
				if most := 16 + 4 + minutes*6; down > test.down || back > 3 || requests > most {
					t.Errorf("%d minutes, %d with the daily group down, %d live requests; up again after %d minutes; want at most %d, %d and 3",
						minutes, down, requests, back, test.down, most)
				}
			})
		})
	}
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
		expectCount(t, env.scrape(t), "simcard_refused", 0)
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
		maxIncomplete int // scrapes after the end
	}{
		"70 minutes":                    {cards: 20, bad: 7, outage: 70 * time.Minute, maxIncomplete: 2},
		"300 minutes":                   {cards: 20, bad: 7, outage: 300 * time.Minute, maxIncomplete: 2},
		"the first card of the batch":   {cards: 20, bad: 0, outage: 70 * time.Minute, maxIncomplete: 2},
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
					expectAbsent(t, got, cardSeries("simcard_refused", simulator.Card{IMEI: bad[0].IMEI}))
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
			expect(t, got, map[string]float64{cardSeries("simcard_refused", simulator.Card{IMEI: c.IMEI}): 1})
		}
	})
	// Asked alone after 5, 10, 20 … minutes, at most four times within an hour, and each
	// time that nothing else is answered in between a control.
	if n := env.sim.Counters().Requests; n > 60*batches+5*len(bad) {
		t.Errorf("%d requests in the hour after, want %d and those for refused cards", n, 60*batches)
	}
}

// An open breaker closes even if a reload has left nothing to ask for but cards in
// quarantine.
func TestQuarantinedCardsCloseTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(2)
		a, b := testGroup("a", byIMEI, cards[:1]), testGroup("b", byIMEI, cards[1:])
		env := newTestEnv(t, simulator.New(cards), []Group{a, b})
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[0]), Latency: time.Second, Jitter: time.Second})
		for refused := false; !refused; advance(time.Minute) { // as soon as the other one is answered first
			refused = countSeries(env.scrape(t), "simcard_refused") == 1
		}
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		var got map[string]float64
		eachMinute(15, func(int) { got = env.scrape(t) })
		expect(t, got, map[string]float64{platformAvailable: 0})

		env.sim.SetBehaviour(simulator.Behaviour{})
		env.reload(a)
		eachMinute(65, func(int) { got = env.scrape(t) })
		expect(t, got, map[string]float64{platformAvailable: 1, `simcard_up{group="a"}`: 1, cardSeries("simcard_found", cards[0]): 1})
		expectAbsent(t, got, cardSeries("simcard_refused", cards[0]))
	})
}
