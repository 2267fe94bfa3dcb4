package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// A platform that is down gets fewer requests than one that is not, and soon after
// the outage everything is asked for again.
func TestOutageDrawsFewRequests(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour     simulator.Behaviour
		maxIncomplete int // scrapes after the end
	}{
		"5xx":                  {behaviour: simulator.Behaviour{Fault: simulator.ServerError}, maxIncomplete: 2},
		"timeout":              {behaviour: simulator.Behaviour{Fault: simulator.Hang}, maxIncomplete: 2},
		"maintenance page":     {behaviour: simulator.Behaviour{Fault: simulator.HTML}, maxIncomplete: 2},
		"refusals":             {behaviour: simulator.Behaviour{Fault: simulator.Rejected}, maxIncomplete: 2},
		"429":                  {behaviour: simulator.Behaviour{Fault: simulator.Throttled}, maxIncomplete: 2},
		"429 with Retry-After": {behaviour: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute}, maxIncomplete: 3},
		"503 with Retry-After": {behaviour: simulator.Behaviour{Fault: simulator.Unavailable, RetryAfter: time.Minute}, maxIncomplete: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const batches = 100
				cards := simulator.Fleet(20 * batches)
				group := testGroup("g", byIMEI, cards)
				group.MaxAge = 12 * time.Hour
				env := newTestEnv(t, simulator.New(cards), []Group{group})
				test.behaviour.Latency = time.Second
				env.sim.SetBehaviour(test.behaviour)

				requests := hourOfOutage(t, env, batches)
				first, rest := sum(requests[:3]), sum(requests[3:])
				if first > 60 {
					t.Errorf("%d requests until the outage was noticed, want at most 60", first)
				}
				if rest > 57 {
					t.Errorf("%d requests in the other 57 minutes, want a probe a minute", rest)
				}
				if n := slices.Max(requests); test.behaviour.RetryAfter > 0 && n > env.settings.Concurrency {
					t.Errorf("%d requests within a minute of a platform that asks for a minute's pause, want at most %d", n, env.settings.Concurrency)
				}

				env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
				env.sim.ResetCounters()
				incomplete := incompleteScrapes(t, env, len(cards))
				n := env.sim.Counters().Requests
				t.Logf("%d requests in the hour, %d of them in its first three minutes; %d scrapes after it were incomplete, which took %d requests for %d batches",
					first+rest, first, incomplete, n, batches)
				if incomplete > test.maxIncomplete {
					t.Errorf("%d incomplete scrapes after the outage, want at most %d", incomplete, test.maxIncomplete)
				}
				if n > batches*11/10 {
					t.Errorf("%d requests after the outage, want hardly more than the %d batches", n, batches)
				}
			})
		})
	}
}

// hourOfOutage scrapes for an hour and returns how many requests each minute drew.
func hourOfOutage(t *testing.T, env *testEnv, batches int) (requests []int) {
	t.Helper()
	var got map[string]float64
	for range 60 {
		before := env.sim.Counters().Requests
		eachMinute(1, func(int) { got = env.scrape(t) })
		requests = append(requests, env.sim.Counters().Requests-before)
	}
	expect(t, got, map[string]float64{
		platformAvailable:  0,
		groupUp:            0,
		groupBatchesFailed: float64(batches),
	})
	expectCards(t, got, 0)
	return requests
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
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

// During an outage one request is sent in ten seconds, however many scrapes there
// are, and the first answer ends that.
func TestProbesAreTenSecondsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Latency: 100 * time.Millisecond})
		scrapeOften := func(scrapes int) (last map[string]float64) {
			for range scrapes {
				next := time.Now().Add(3 * time.Second)
				last = env.scrapeFor(t, 2*time.Second)
				advance(time.Until(next))
			}
			return last
		}
		scrapeOften(20)
		env.sim.ResetCounters()
		expect(t, scrapeOften(200), map[string]float64{platformAvailable: 0, groupUp: 0})
		if n := env.sim.Counters().Requests; n > 61 || n < 30 {
			t.Errorf("%d requests in ten minutes, want one in ten seconds", n)
		}
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 100 * time.Millisecond})
		got := scrapeOften(10)
		expect(t, got, map[string]float64{platformAvailable: 1, groupUp: 1})
		expectCards(t, got, 200)
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
	// Asked alone after 1, 2, 4 … minutes, at most seven times within an hour.
	if n := env.sim.Counters().Requests; n > 60*batches+7*len(bad) {
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
