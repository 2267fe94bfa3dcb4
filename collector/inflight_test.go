package collector

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// The late answer to an older request does not replace the answer to a newer one.
func TestSlowRequestOverwritesNoNewerAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(25)
		group := testGroup("g", byIMEI, cards[:20])
		group.MaxAge = 12 * time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		isSlow := func(ids []string) bool { return ids[0] == cards[0].IMEI }
		edit := func(ids, items []string) []string {
			status := `"Status":1`
			if isSlow(ids) {
				status = `"Status":0`
			}
			for i := range items {
				items[i] = strings.NewReplacer(`"Status":0`, status, `"Status":1`, status).Replace(items[i])
			}
			return items
		}
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang, Only: isSlow, Edit: edit})
		start := time.Now()
		env.scrape(t)
		group.Cards = testCards(byIMEI, cards[5:])
		env.reload(group)
		env.scrape(t)
		advance(25*time.Second - time.Since(start))
		env.sim.SetBehaviour(simulator.Behaviour{Edit: edit}) // the slow one goes on
		advance(time.Second)

		got := env.scrape(t)
		expectCards(t, got, 20)
		for _, c := range cards[5:] {
			if series := cardSeries("simcard_status", c); got[series] != 1 {
				t.Fatalf("%s = %v, want what the newer request brought", series, got[series])
			}
		}
		if n := env.sim.Counters().Requests; n != 2 {
			t.Errorf("%d requests, want 2", n)
		}
	})
}

// A batch that failed has not failed any more when the answer to an older request has
// brought all that it would be asked for.
func TestAnswerToAnOlderRequestEndsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = 12 * time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group}, func(s *Settings) { s.Concurrency, s.MaxRetries = 1, 0 })
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		expect(t, env.scrape(t), map[string]float64{groupUp: 0})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		expect(t, env.scrape(t), map[string]float64{groupUp: 0})
		group.Cards = group.Cards[1:]
		env.reload(group)
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupBatchesFailed: 0, groupRequests: 2})
	})
}

// After a reload that puts cards into other batches, some of them are asked for again
// while an older request for them is in flight: at most as many batches as there are
// slots. What the later request brings counts.
func TestReloadAsksLittleTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 50)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Latency: 5 * time.Second})
		env.scrapeFor(t, 5*time.Second)
		group.Cards = testCards(byIMEI, slices.Concat(cards[5:], cards[:5]))
		env.reload(group)
		got := env.scrapeFor(t, 2*time.Minute)
		expect(t, got, map[string]float64{groupUp: 1})
		expectCards(t, got, len(cards))
		if n := env.sim.Counters().Requests; n > 50+4 {
			t.Errorf("%d requests for 50 batches, want at most 4 more", n)
		}
	})
}
