package collector

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// What was queued when a reload came is asked for after the next scrape, and what was
// answered before is kept.
func TestReloadDropsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 100)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		env.scrape(t) // answers 36 batches in its 9 seconds
		group.Cards = testCards(byIMEI, slices.Concat(cards[20:], cards[:20]))
		env.reload(group)
		advance(time.Minute)
		if n := env.sim.Counters().Requests; n > 40 {
			t.Errorf("%d requests before the next scrape, want only those that were in flight", n)
		}
		expectCards(t, env.scrapeFor(t, time.Minute), len(cards))
		if n := env.sim.Counters().Requests; n != 100 {
			t.Errorf("%d requests, want one a batch", n)
		}
	})
}

// A scrape that waits for refreshes goes on with those that a reload puts in their
// place.
func TestScrapeGoesOnAcrossAReload(t *testing.T) {
	for range 10 { // what is seen first is a matter of chance
		synctest.Test(t, func(t *testing.T) {
			cards := simulator.Fleet(40)
			groups := []Group{testGroup("a", byIMEI, cards[:20]), testGroup("b", byIMEI, cards[20:])}
			env := newTestEnv(t, simulator.New(cards), groups, func(s *Settings) { s.Concurrency = 1 })
			env.sim.SetBehaviour(simulator.Behaviour{Latency: 3 * time.Second})
			answered := make([]int, len(groups))
			var scrapes sync.WaitGroup
			for i, g := range groups { // one of them waits for the other's request to end
				scrapes.Go(func() {
					s, err := env.Scrape(t.Context(), time.Now().Add(20*time.Second), Selection{Only: []string{g.Name}})
					if err != nil {
						t.Error(err)
						return
					}
					answered[i] = len(s.Cards)
				})
			}
			advance(time.Second)
			env.reload(groups...)
			scrapes.Wait()
			if !slices.Equal(answered, []int{20, 20}) {
				t.Errorf("%v cards were served, want 20 of each group", answered)
			}
		})
	}
}

// A reload keeps the answers of the cards that stay, those to requests in flight
// included.
func TestReloadKeepsAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(45)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("old", byIMEI, cards[:40])})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		start := float64(time.Now().Unix())
		expect(t, env.scrape(t), map[string]float64{`simcard_up{group="old"}`: 0})

		// While two requests are in flight their cards move to other batches.
		env.reload(testGroup("new", byIMEI, cards[5:]))
		advance(10 * time.Second)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		got := env.scrape(t)
		expect(t, got, map[string]float64{
			`simcard_group_cards{group="new"}`:                           40,
			`simcard_group_oldest_answer_timestamp_seconds{group="new"}`: start + 15,
		})
		env.sim.SetBehaviour(simulator.Behaviour{})
		advance(time.Minute)

		// Answers of another platform, or in another time zone, would be wrong.
		env.load(AnotherPlatform, testGroup("new", byIMEI, cards[5:]))
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		expectAbsent(t, env.scrape(t), `simcard_group_oldest_answer_timestamp_seconds{group="new"}`)
	})
}

// A reload that leaves a batch as it is leaves its request in flight to the next scrape.
func TestReloadKeepsARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		expect(t, env.scrape(t), map[string]float64{groupUp: 0, groupRequests: 1})
		env.reload(group)
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupRequests: 1})
	})
}

// A batch of which a card spoils each request is bisected at the third failure, whether
// a reload has changed the batch meanwhile or not; one that begins with another card
// begins anew.
func TestReloadKeepsFailures(t *testing.T) {
	cards := simulator.Fleet(41)
	for name, test := range map[string]struct {
		reloaded []simulator.Card
		served   int // at the third scrape
	}{
		"the same cards":         {reloaded: cards[:20], served: 19},
		"one card fewer":         {reloaded: cards[:19], served: 18},
		"without the first":      {reloaded: cards[1:20], served: 18},
		"with a new one as last": {reloaded: slices.Concat(cards[:19], cards[40:]), served: 19},
		"with a new one first":   {reloaded: slices.Concat(cards[40:], cards[:19]), served: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				group, other := testGroup("g", byIMEI, cards[:20]), testGroup("other", byIMEI, cards[20:40])
				env := newTestEnv(t, simulator.New(cards), []Group{group, other})
				env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML, Only: func(ids []string) bool {
					return slices.Contains(ids, cards[3].IMEI)
				}})
				eachMinute(2, func(int) { expectCards(t, env.scrape(t), 20) })
				group.Cards = testCards(byIMEI, test.reloaded)
				env.reload(group, other)
				expectCards(t, env.scrape(t), test.served+20)
			})
		})
	}
}

// Requests that were in flight before a reload count for the limits after it.
func TestReloadKeepsTheLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		env.scrape(t)
		env.reload(testGroup("g", byIMEI, cards))
		env.scrape(t)
		if n := env.sim.Counters().MaxInFlight; n != 4 {
			t.Errorf("%d requests in flight, want 4", n)
		}
		advance(time.Minute)
	})
}

// After a reload only batches with new cards are asked for: answers younger than
// max_age are kept.
func TestReloadKeepsYoungAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		group := testGroup("g", byIMEI, cards[:40])
		group.MaxAge = time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.scrape(t)
		advance(time.Minute)
		group.Cards = testCards(byIMEI, slices.Concat(cards[5:25], cards[50:], cards[25:40]))
		env.reload(group)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		got := env.scrape(t)
		expectCards(t, got, 35) // those that stayed
		env.sim.SetBehaviour(simulator.Behaviour{})
		env.sim.ResetCounters()
		got = env.scrape(t)
		expectCards(t, got, 45)
		if n := env.sim.Counters().Requests; n != 1 {
			t.Errorf("%d requests, want that of the batch with new cards", n)
		}
	})
}

// A reload keeps what is known of refused cards: the others of their batches
// are asked for in one request each, as before.
func TestReloadForgetsNoRefusal(t *testing.T) {
	t.Parallel()
	cards := simulator.Fleet(400)
	bad := onePerBatch(cards, 7)
	for name, test := range map[string]struct {
		reloaded []simulator.Card
		served   int
	}{
		"same cards":         {reloaded: cards, served: 380},
		"batches that shift": {reloaded: cards[1:], served: 379},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				group := testGroup("g", byIMEI, cards)
				group.StaleIfError = 0 // or it would hide cards that were not asked for
				env := newTestEnv(t, simulator.New(cards), []Group{group})
				var seen requestCounts
				env.sim.SetBehaviour(seen.observe(simulator.Behaviour{Refuse: identifiers(bad...)}, batchOrCard))
				var got map[string]float64
				eachMinute(10, func(int) { got = env.scrape(t) })
				if n := countSeries(got, "found"); n != 380 {
					t.Fatalf("%d cards before the reload, want 380", n)
				}

				group.Cards = testCards(byIMEI, test.reloaded)
				env.reload(group)
				eachMinute(6, func(minute int) {
					seen.take()
					got := env.scrape(t)
					requests := seen.take()
					if n := countSeries(got, "found"); n != test.served || requests["batch"] != 20 || requests["card"] > 20+2 { // refused ten times in a row, they cost a control
						t.Errorf("scrape %d after the reload: %d cards and requests %v, want %d and 20 for batches", minute+1, n, requests, test.served)
					}
					expect(t, got, map[string]float64{
						groupUp: 1,
						cardSeries("refused", simulator.Card{IMEI: bad[0].IMEI}): 1,
					})
				})
			})
		})
	}
}
