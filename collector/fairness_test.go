package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// goodOrSick tells the requests for the cards of these tests that answer from
// those that do not.
func goodOrSick(ids []string) string {
	if asksByIMEI(ids) {
		return "sick"
	}
	return "good"
}

// However many batches hang, and for however long, every scrape asks for all the
// good ones, as soon as it is known which are which.
func TestSickBatchesStarveNoGoodOnes(t *testing.T) {
	t.Parallel()
	cards := simulator.Fleet(320)
	mixed := testGroup("g", byIMEI, cards[:80]) // as many hanging batches as slots
	mixed.Cards = append(mixed.Cards, testCards(byICCID, cards[80:240])...)
	for name, test := range map[string]struct {
		groups  []Group
		good    int           // batches
		timeout time.Duration // of one request
		reloads bool          // at each minute
		warmUp  int           // minutes until it is known which are sick
	}{
		"one group": {groups: []Group{mixed}, good: 8, timeout: 30 * time.Second, warmUp: 10},
		"two sick groups": {groups: []Group{
			testGroup("sick", byIMEI, cards[:100]), testGroup("sicker", byIMEI, cards[100:200]), testGroup("well", byICCID, cards[200:]),
		}, good: 6, timeout: 30 * time.Second, warmUp: 10},
		"a sick group, and reloads": {groups: []Group{
			testGroup("sick", byIMEI, cards[:200]), testGroup("well", byICCID, cards[200:]),
		}, good: 6, timeout: 90 * time.Second, reloads: true, warmUp: 15}, // requests hang from one reload to the next
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newTestEnv(t, simulator.New(cards), test.groups, func(s *Settings) { s.Timeout = test.timeout })
				var seen requestCounts
				env.sim.SetBehaviour(seen.observe(simulator.Behaviour{Fault: simulator.Hang, Only: asksByIMEI}, goodOrSick))
				minutes := int(*operationSpan / (4 * time.Minute))
				var starved []int // minutes
				eachMinute(minutes, func(minute int) {
					if test.reloads {
						env.reload(test.groups...)
					}
					seen.take()
					got := env.scrape(t)
					if seen.take()["good"] != test.good {
						starved = append(starved, minute)
					}
					if n := countSeries(got, "found"); minute > test.warmUp && n != 20*test.good {
						t.Errorf("minute %d: %d good cards of %d", minute, n, 20*test.good)
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

// A request that waits for its next attempt leaves its slot to others.
func TestWaitingToRetryHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)},
			func(s *Settings) { s.Concurrency = 1 })
		var order []string // one request at a time
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Only: func(ids []string) bool {
			order = append(order, ids[0])
			return len(order) == 1
		}})
		expect(t, env.scrape(t), map[string]float64{
			groupUp:                                  1,
			"simcard_exporter_request_retries_total": 1,
		})
		if want := []string{order[0], cards[20].IMEI, order[0]}; order[0] != cards[0].IMEI || !slices.Equal(order, want) {
			t.Errorf("asked for %v, want the second batch while the first waits", order)
		}
	})
}
