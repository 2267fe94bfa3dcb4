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

// While the platform is down, an answer is served for stale_if_error beyond max_age, to
// everyone who asks, and simcard_up is 0 from the first refresh that fails.
func TestAnswerIsServedForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge, group.StaleIfError = 10*time.Minute, 30*time.Minute
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		start := time.Now()
		env.scrape(t)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		oldest := float64(start.Unix())
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
					groupOldestAnswer:  oldest, // also when it is too old to be served
				})
				if n := countSeries(got, "found"); n != step.cards {
					t.Errorf("%d cards with answers %v old, want %d", n, step.age, step.cards)
				}
			}
		}
		env.sim.SetBehaviour(simulator.Behaviour{})
		advance(time.Minute)
		got := env.scrape(t)
		expect(t, got, map[string]float64{groupUp: 1, groupBatchesFailed: 0})
		if newest := got[groupOldestAnswer] - oldest; newest < 41*60 || newest > 42*60 {
			t.Errorf("the oldest answer came %v s after the first one, want the last minute", newest)
		}
	})
}
