package collector

import (
	"slices"
	"strings"
	"sync"
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

// After a reload that puts cards into other batches, none is asked for while an
// older request for it is in flight.
func TestReloadHasNoCardInFlightTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(80)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)},
			func(s *Settings) { s.Concurrency = 16 }) // so that nothing has to wait for a slot
		var mu sync.Mutex // protects inFlight and twice
		inFlight, twice := make(map[string]int), 0
		count := func(ids []string, change int) {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				if inFlight[id] += change; inFlight[id] > 1 {
					twice++
				}
			}
		}
		env.sim.SetBehaviour(simulator.Behaviour{
			Latency: 15 * time.Second,
			Fault:   simulator.ShuffledItems, // whose Only sees each request
			Only:    func(ids []string) bool { count(ids, 1); return true },
			Edit:    func(ids, items []string) []string { count(ids, -1); return items },
		})
		for _, cut := range []int{0, 5, 10} {
			env.reload(testGroup("g", byIMEI, slices.Concat(cards[cut:], cards[:cut])))
			env.scrapeFor(t, 5*time.Second)
		}
		advance(2 * time.Minute)
		got := env.scrapeFor(t, time.Minute)
		expect(t, got, map[string]float64{groupUp: 1})
		expectCards(t, got, 80)
		if twice > 0 {
			t.Errorf("%d times a card was asked for while it was asked for already", twice)
		}
		t.Logf("%d requests", env.sim.Counters().Requests)
	})
}
