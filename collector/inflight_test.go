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

// A request that was sent before another, and is answered after it, does not
// undo what that one brought.
func TestSlowRequestOverwritesNoNewerAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(25)
		group := byIMEIs("g", cards[:20])
		group.MaxAge = 12 * time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group})
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
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang, Only: isSlow, Edit: edit})
		start := time.Now()
		r.scrape(t, 10*time.Second)
		group.Cards = byIMEIs("", cards[5:]).Cards
		r.reload([]Group{group})
		r.scrape(t, 10*time.Second)
		pass(25*time.Second - time.Since(start))
		r.sim.SetBehaviour(simulator.Behaviour{Edit: edit}) // which lets the slow one go on
		pass(time.Second)

		got := r.scrape(t, 10*time.Second)
		wantCards(t, got, 20)
		for _, c := range cards[5:] {
			if series := of("simcard_status", c); got[series] != 1 {
				t.Fatalf("%s = %v, want what the newer request brought", series, got[series])
			}
		}
		if n := r.sim.Counters().Requests; n != 2 {
			t.Errorf("%d requests, want 2", n)
		}
	})
}

// A reload that puts cards into other batches does not ask for those again that
// are being asked for.
func TestReloadHasNoCardInFlightTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(80)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)},
			func(s *Settings) { s.Concurrency = 16 }) // so that nothing has to wait for a slot
		var mu sync.Mutex // protects what follows
		inFlight, twice := make(map[string]int), 0
		note := func(ids []string, change int) {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				if inFlight[id] += change; inFlight[id] > 1 {
					twice++
				}
			}
		}
		r.sim.SetBehaviour(simulator.Behaviour{
			Latency: 15 * time.Second,
			Fault:   simulator.ShuffledItems, // whose Only sees each request
			Only:    func(ids []string) bool { note(ids, 1); return true },
			Edit:    func(ids, items []string) []string { note(ids, -1); return items },
		})
		for _, cut := range []int{0, 5, 10} {
			r.reload([]Group{byIMEIs("g", slices.Concat(cards[cut:], cards[:cut]))})
			r.scrape(t, 5*time.Second)
		}
		pass(2 * time.Minute)
		got := r.scrape(t, time.Minute)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
		wantCards(t, got, 80)
		if twice > 0 {
			t.Errorf("%d times a card was asked for while it was asked for already", twice)
		}
		t.Logf("%d requests", r.sim.Counters().Requests)
	})
}
