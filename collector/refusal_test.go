package collector

import (
	"flag"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

var refusalDays = flag.Float64("refusal-days", .5, "for how many days TestSpuriousRefusalsLeaveThePlan has requests refused")

// A platform that is busy now and then is asked little more than one that is
// not, however long it goes on, and nothing of it is left afterwards.
func TestSpuriousRefusalsLeaveThePlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const batches = 20
		cards := simulator.Fleet(20 * batches)
		group := byIMEIs("g", cards)
		group.StaleIfError = 0 // or it would hide cards that were not asked for
		r := newRig(t, simulator.New(cards), true, []Group{group})
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Share: .01, Latency: 10 * time.Millisecond})

		minutes := int(*refusalDays * 24 * 60)
		incomplete := 0
		eachMinute(minutes, func(int) {
			if got := r.scrape(t, 10*time.Second); count(got, "simcard_found") != len(cards) || got[`simcard_up{group="g"}`] != 1 {
				incomplete++
			}
		})
		n, plan := r.sim.Counters().Requests, batches*minutes
		t.Logf("%d requests in %d scrapes, %.3f of the plan; %d scrapes incomplete", n, minutes, float64(n)/float64(plan), incomplete)
		if float64(n) > 1.1*float64(plan) {
			t.Errorf("%d requests with one in a hundred refused, want at most a tenth above the plan of %d", n, plan)
		}
		if incomplete > 0 {
			t.Errorf("%d of %d scrapes were not whole", incomplete, minutes)
		}

		r.sim.SetBehaviour(simulator.Behaviour{})
		eachMinute(60, func(int) { r.scrape(t, 10*time.Second) })
		r.sim.ResetCounters()
		got := r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
		wantCards(t, got, len(cards))
		if n := r.sim.Counters().Requests; n != batches {
			t.Errorf("a scrape an hour after the last refusal took %d requests, want %d", n, batches)
		}
		if n := count(got, "simcard_refused"); n != 0 {
			t.Errorf("%d cards are said to be refused, want none", n)
		}
	})
}
