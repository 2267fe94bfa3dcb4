package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// byKind tells sick cards, which these tests ask for by IMEI, from good ones.
func byKind(ids []string) string {
	if len(ids[0]) == 15 {
		return "sick"
	}
	return "good"
}

// However many requests hang, and for however long, those that do not are
// answered in every scrape once it is known which are which.
func TestSickBatchesStarveNoGoodOnes(t *testing.T) {
	t.Parallel()
	cards := simulator.Fleet(600)
	mixed := byIMEIs("g", cards[:80]) // as many hanging batches as slots
	mixed.Cards = append(mixed.Cards, byICCIDs("", cards[80:400]).Cards...)
	for name, test := range map[string]struct {
		groups  []Group
		good    int           // batches
		timeout time.Duration // of one request
		reloads bool          // at each minute
		warmUp  int           // minutes until it is known which are sick
	}{
		"one group": {groups: []Group{mixed}, good: 16, timeout: 30 * time.Second, warmUp: 10},
		"two sick groups": {groups: []Group{
			byIMEIs("sick", cards[:200]), byIMEIs("sicker", cards[200:400]), byICCIDs("well", cards[400:]),
		}, good: 10, timeout: 30 * time.Second, warmUp: 10},
		"a sick group, and reloads": {groups: []Group{
			byIMEIs("sick", cards[:200]), byICCIDs("well", cards[400:]),
		}, good: 10, timeout: 90 * time.Second, reloads: true, warmUp: 15}, // requests hang from one reload to the next
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, simulator.New(cards), true, test.groups, func(s *Settings) { s.Timeout = test.timeout })
				var seen sightings
				r.sim.SetBehaviour(seen.watched(simulator.Behaviour{Fault: simulator.Hang, Only: func(ids []string) bool {
					return byKind(ids) == "sick"
				}}, byKind))
				const minutes = 240
				var starved []int // minutes
				eachMinute(minutes, func(minute int) {
					if test.reloads {
						r.reload(test.groups)
					}
					seen.take()
					got := r.scrape(t, 10*time.Second)
					if seen.take()["good"] != test.good {
						starved = append(starved, minute)
					}
					if minute > test.warmUp && count(got, "simcard_found") != 20*test.good {
						t.Errorf("minute %d: %d good cards of %d", minute, count(got, "simcard_found"), 20*test.good)
					}
				})
				t.Logf("starved in %d scrapes of %d: minutes %v", len(starved), minutes, starved[:min(len(starved), 20)])
				if i := slices.IndexFunc(starved, func(minute int) bool { return minute > test.warmUp }); i >= 0 {
					t.Errorf("good batches were not all asked for in %d scrapes of %d, later than the first %d minutes",
						len(starved)-i, minutes, test.warmUp)
				}
			})
		})
	}
}

// A request that waits to be tried again leaves its slot to others.
func TestWaitingToRetryHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)},
			func(s *Settings) { s.Concurrency = 1 })
		var order []string // one request at a time
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Only: func(ids []string) bool {
			order = append(order, ids[0])
			return len(order) == 1
		}})
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{
			`simcard_up{group="g"}`:                  1,
			"simcard_exporter_request_retries_total": 1,
		})
		if want := []string{order[0], cards[20].IMEI, order[0]}; order[0] != cards[0].IMEI || !slices.Equal(order, want) {
			t.Errorf("asked for %v, want the second batch while the first waits", order)
		}
	})
}
