package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// An outage that refuses everything says nothing about a single card. After it
// the good ones are back at once, also where one of each batch really is
// refused, so that no whole batch can be answered.
func TestGoodCardsAreBackAfterRefuseAll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cards   int
		outage  time.Duration
		latency time.Duration
		dark    int // scrapes after the end that are not whole
	}{
		"70 minutes":                    {cards: 20, outage: 70 * time.Minute, dark: 2},
		"300 minutes":                   {cards: 20, outage: 300 * time.Minute, dark: 2},
		"600 minutes":                   {cards: 20, outage: 600 * time.Minute, dark: 2},
		"too slow to ask for each card": {cards: 20, outage: 70 * time.Minute, latency: 500 * time.Millisecond, dark: 3},
		"many batches":                  {cards: 400, outage: 70 * time.Minute, latency: 500 * time.Millisecond, dark: 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(test.cards)
				bad := eachTwentieth(cards)
				r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
				r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Latency: test.latency})
				eachMinute(int(test.outage/time.Minute), func(int) {
					expect(t, r.scrape(t, 10*time.Second), map[string]float64{
						`simcard_up{group="g"}`:                                  0,
						of("simcard_refused", simulator.Card{IMEI: bad[0].IMEI}): absent,
					})
				})

				r.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(bad...), Latency: test.latency})
				dark := darkMinutes(t, r, len(cards)-len(bad))
				t.Logf("%d requests until the end; dark for %d scrapes after an outage of %v", r.sim.Counters().Requests, dark, test.outage)
				if dark > test.dark {
					t.Fatalf("dark for %d scrapes after an outage of %v, want at most %d", dark, test.outage, test.dark)
				}
				checkQuarantined(t, r, bad, len(cards)/20)
			})
		})
	}
}

// checkQuarantined checks that the bad cards, which never had an answer, are
// what is missing, that the group is none the worse for it, and that it costs
// little.
func checkQuarantined(t *testing.T, r *rig, bad []simulator.Card, batches int) {
	t.Helper()
	eachMinute(3, func(int) { r.scrape(t, 10*time.Second) })
	r.sim.ResetCounters()
	eachMinute(60, func(int) {
		if t.Failed() {
			return // once is enough
		}
		got := r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1, `simcard_group_batches_failed{group="g"}`: 0, available: 1})
		for _, c := range bad {
			expect(t, got, map[string]float64{of("simcard_refused", simulator.Card{IMEI: c.IMEI}): 1})
		}
	})
	// Asked alone after 1, 2, 4 … minutes, at most seven times within an hour.
	if n := r.sim.Counters().Requests; n > 60*batches+7*len(bad) {
		t.Errorf("%d requests in the hour after, want %d and those for refused cards", n, 60*batches)
	}
}
