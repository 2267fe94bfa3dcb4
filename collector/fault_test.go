package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// faultReasons has the faults that fail a whole request.
var faultReasons = map[simulator.Fault]platform.Reason{
	simulator.ServerError:  platform.HTTP5xx,
	simulator.Unavailable:  platform.HTTP5xx,
	simulator.Throttled:    platform.Throttled,
	simulator.NotFoundPage: platform.HTTP4xx,
	simulator.Redirect:     platform.Decode,
	simulator.Reset:        platform.Connect,
	simulator.Hang:         platform.Timeout,
	simulator.Truncated:    platform.Connect,
	simulator.HalfJSON:     platform.Decode,
	simulator.Oversize:     platform.TooLarge,
	simulator.HTML:         platform.Decode,
	simulator.Empty:        platform.Decode,
	simulator.Rejected:     platform.Rejected,
	simulator.NullResult:   platform.Decode,
	simulator.NoState:      platform.Decode,
}

// TestFaults has one group suffer each fault: the scrape is a 200 inside its
// deadline, the other group is whole, the reason is counted, no wrong value is
// served, and when cooldowns are over, all is whole again.
func TestFaults(t *testing.T) {
	for _, fault := range simulator.Faults() {
		t.Run(fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testFault(t, fault) })
		})
	}
}

// faultGroup is how many cards either group has: three batches.
const faultGroup = 60

func testFault(t *testing.T, fault simulator.Fault) {
	cards := simulator.Fleet(2 * faultGroup)
	sick, well := cards[:faultGroup], cards[faultGroup:]
	sim := simulator.New(cards)
	env := newTestEnv(t, sim, []Group{testGroup("sick", byIMEI, sick), testGroup("well", byICCID, well)},
		func(s *Settings) { s.MaxRetries, s.Timeout = 0, 2*time.Second })
	sim.SetBehaviour(simulator.Behaviour{Fault: fault, RetryAfter: time.Second, Only: asksByIMEI}) // the sick group
	got := env.scrape(t)
	checkTruth(t, sim, got)
	expect(t, got, map[string]float64{
		`simcard_up{group="well"}`:                                1,
		`simcard_group_batches_failed{group="well"}`:              0,
		`promhttp_metric_handler_errors_total{cause="gathering"}`: 0,
	})
	checkReasons(t, got, fault)
	checkSickGroup(t, env, got, fault)

	sim.SetBehaviour(simulator.Behaviour{})
	advance(firstCooldown) // for those that were refused
	env.scrape(t)
	advance(time.Minute)
	got = env.scrape(t)
	checkTruth(t, sim, got)
	expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 1, `simcard_up{group="well"}`: 1})
	expectCount(t, got, "simcard_balance_bytes", len(cards))
}

// checkReasons checks what the failed requests are counted under.
func checkReasons(t *testing.T, got map[string]float64, fault simulator.Fault) {
	t.Helper()
	reason, fails := faultReasons[fault]
	for _, other := range platform.Reasons() {
		want := 0.
		switch {
		case !fails || other != reason:
		case fault == simulator.Rejected: // as often as it takes to find the cards
			continue
		default:
			want = 3
		}
		expect(t, got, map[string]float64{fmt.Sprintf(`simcard_exporter_request_failures_total{reason=%q}`, other): want})
	}
}

// checkSickGroup checks what the group that suffers the fault serves.
func checkSickGroup(t *testing.T, env *testEnv, got map[string]float64, fault simulator.Fault) {
	t.Helper()
	_, fails := faultReasons[fault]
	switch {
	case fault == simulator.Rejected: // by a platform that answers for others
		expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 0}) // beyond the bound of the group
		if n := countSeries(got, "refused"); n > 20 {
			t.Errorf("%d cards are called refused, of a group of 60", n)
		}
	case fault == simulator.UnreadableItem:
		expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 0})
	case fails:
		expect(t, got, map[string]float64{
			`simcard_up{group="sick"}`:                   0,
			`simcard_group_batches_failed{group="sick"}`: 3,
		})
		expectCards(t, got, faultGroup)
		if n := strings.Count(env.log.String(), "\n"); n != 1 || !strings.Contains(env.log.String(), "group=sick") {
			t.Errorf("log has %d lines, want one about the group:\n%s", n, env.log)
		}
	default:
		expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 1})
	}
}
