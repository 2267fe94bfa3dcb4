package collector

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// What a scrape has queued is asked for although a load moves every card to
// another batch meanwhile, and no scrape comes after it.
func TestReloadKeepsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 100)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		r.scrape(t, 10*time.Second)
		r.reload([]Group{byIMEIs("g", slices.Concat(cards[7:], cards[:7]))})
		pass(time.Minute)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		got := r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
		wantCards(t, got, len(cards))
	})
}

// A sweep that takes twenty minutes is finished although each ten minutes a
// load moves every card to another batch.
func TestReloadsLetASweepReachItsTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 300)
		group := byIMEIs("g", cards)
		group.MaxAge, group.StaleIfError = 12*time.Hour, time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group}, func(s *Settings) { s.Concurrency = 1 })
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 4 * time.Second})
		var got map[string]float64
		eachMinute(25, func(minute int) {
			if minute%10 == 5 {
				group.Cards = slices.Concat(group.Cards[7:], group.Cards[:7])
				r.reload([]Group{group})
			}
			got = r.scrape(t, 10*time.Second)
		})
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
		wantCards(t, got, len(cards))
		// A batch whose cards were asked for in two sweeps is asked for again.
		if n := r.sim.Counters().Requests; n > 300+3*2 {
			t.Errorf("%d requests for 300 batches and 3 reloads", n)
		}
	})
}

// A scrape that waits for what is queued goes on with what a load makes of it.
func TestScrapeGoesOnAcrossALoad(t *testing.T) {
	for range 30 { // what is seen first is a matter of chance
		synctest.Test(t, func(t *testing.T) {
			cards := simulator.Fleet(40)
			groups := []Group{byIMEIs("a", cards[:20]), byIMEIs("b", cards[20:])}
			r := newRig(t, simulator.New(cards), true, groups, func(s *Settings) { s.Concurrency = 1 })
			r.sim.SetBehaviour(simulator.Behaviour{Latency: 3 * time.Second})
			answered := make([]int, len(groups))
			var scrapes sync.WaitGroup
			for i, g := range groups { // one of them waits for the other's request to end
				scrapes.Go(func() {
					s, err := r.Scrape(t.Context(), time.Now().Add(20*time.Second), Selection{Only: []string{g.Name}})
					if err != nil {
						t.Error(err)
						return
					}
					answered[i] = len(s.Cards)
				})
			}
			pass(time.Second)
			r.reload(groups)
			scrapes.Wait()
			if !slices.Equal(answered, []int{20, 20}) {
				t.Errorf("%v cards were served, want 20 of each group", answered)
			}
		})
	}
}
