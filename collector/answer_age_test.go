package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// An answer younger than max_age is reused by every scrape.
func TestMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(100)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = 10 * time.Minute
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		start := float64(time.Now().Unix())
		for range 10 { // the answers are 9m58s old at the last
			got := env.scrape(t)
			expect(t, got, map[string]float64{groupUp: 1, groupOldestAnswer: start + 1})
			expectCards(t, got, 100)
			advance(time.Minute)
		}
		if n := env.sim.Counters().Requests; n != 5 {
			t.Errorf("%d requests for ten scrapes within max_age, want 5", n)
		}
		advance(5 * time.Second)
		second := float64(time.Now().Unix())
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupOldestAnswer: second + 1})
		if n := env.sim.Counters().Requests; n != 10 {
			t.Errorf("%d requests after max_age, want 10", n)
		}
	})
}

// While the platform is down, answers are served for stale_if_error beyond
// max_age, and simcard_up is 0 from the first refresh that fails.
func TestStaleIfError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge, group.StaleIfError = 5*time.Minute, 30*time.Minute
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		start := float64(time.Now().Unix())
		env.scrape(t)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		for minute := 1; minute < 40; minute++ {
			advance(time.Minute)
			got := env.scrape(t)
			up, cards := 1., 20
			if minute >= 5 {
				up = 0
			}
			if minute > 35 {
				cards = 0
			}
			expect(t, got, map[string]float64{
				groupUp:            up,
				groupBatchesFailed: 1 - up,
				groupOldestAnswer:  start, // also when it is too old to be served
			})
			expectCount(t, got, "simcard_balance_bytes", cards)
			if t.Failed() {
				t.Fatalf("in minute %d", minute)
			}
		}
		env.sim.SetBehaviour(simulator.Behaviour{})
		advance(time.Minute)
		now := float64(time.Now().Unix())
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupOldestAnswer: now})
	})
}

// An answer is served for stale_if_error beyond max_age, to everyone who asks.
func TestAnswerIsServedForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge, group.StaleIfError = 10*time.Minute, 30*time.Minute
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		start := time.Now()
		env.scrape(t)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		for _, step := range []struct {
			age           time.Duration
			cards         int
			up            float64
			failedBatches float64
		}{
			{age: 9 * time.Minute, cards: 20, up: 1, failedBatches: 0},
			{age: 11 * time.Minute, cards: 20, up: 0, failedBatches: 1},
			{age: 31 * time.Minute, cards: 20, up: 0, failedBatches: 1},
			{age: 39 * time.Minute, cards: 20, up: 0, failedBatches: 1},
			{age: 41 * time.Minute, cards: 0, up: 0, failedBatches: 1},
		} {
			advance(step.age - time.Since(start))
			for range 2 { // serving changes nothing
				got := env.scrape(t)
				expect(t, got, map[string]float64{
					groupUp:            step.up,
					groupBatchesFailed: step.failedBatches,
				})
				if n := countSeries(got, "simcard_found"); n != step.cards {
					t.Errorf("%d cards with answers %v old, want %d", n, step.age, step.cards)
				}
			}
		}
	})
}

// What is older than a group allows is not served, whatever keeps the platform
// from saying something newer.
func TestHangingPlatformServesNoOldAnswerAsNew(t *testing.T) {
	for name, test := range map[string]struct {
		cards     int
		behaviour simulator.Behaviour
	}{
		"hangs":                 {cards: 20, behaviour: simulator.Behaviour{Fault: simulator.Hang}},
		"asks to be left alone": {cards: 400, behaviour: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: 290 * time.Second}},
		"answers late":          {cards: 80, behaviour: simulator.Behaviour{Latency: 15 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(test.cards)
				group := testGroup("g", byIMEI, cards)
				group.MaxAge, group.StaleIfError = 0, 0
				env := newTestEnv(t, simulator.New(cards), []Group{group})
				eachMinute(6, func(minute int) {
					got := env.scrape(t)
					if minute == 0 {
						expect(t, got, map[string]float64{groupUp: 1})
						expectCards(t, got, test.cards)
						env.sim.SetBehaviour(test.behaviour)
						return
					}
					expect(t, got, map[string]float64{groupUp: 0})
					expectCards(t, got, 0)
				})
			})
		})
	}
}

// An answer that came after its scrape had ended is not new an hour later.
func TestGapInScrapingServesNoOldAnswerAsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.Live, group.MaxAge, group.StaleIfError = true, 0, 0
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		start := time.Now()
		expectCards(t, env.scrape(t), 0)

		advance(59*time.Minute - time.Since(start))
		env.sim.SetBehaviour(simulator.Behaviour{})
		got := env.scrape(t)
		expect(t, got, map[string]float64{
			groupUp:           1,
			groupOldestAnswer: float64(start.Add(59 * time.Minute).Unix()),
		})
		expectCards(t, got, 20)
		if n := env.sim.Counters().LiveRequests; n != 2 {
			t.Errorf("%d requests, want one of each scrape", n)
		}
	})
}
