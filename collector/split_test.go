package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// One refused card among 1,000: the others are served, and after the first
// scrape it costs one request a scrape.
func TestRefusedCardStandsAlone(t *testing.T) {
	cards := simulator.Fleet(1000)
	r := newRig(t, simulator.New(cards), false, []Group{byIMEIs("g", cards)})
	r.sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[137].IMEI}})
	for scrape := range 5 {
		r.sim.ResetCounters()
		got := r.scrape(t, 10*time.Second)
		checkTruth(t, r.sim, got)
		if n := count(got, "simcard_found"); n != 999 {
			t.Errorf("scrape %d: %d cards, want 999", scrape, n)
		}
		expect(t, got, map[string]float64{
			`simcard_up{group="g"}`:                   0,
			`simcard_group_batches{group="g"}`:        51,
			`simcard_group_batches_failed{group="g"}`: 1,
			"simcard_exporter_batch_splits_total":     4, // 20, 10, 5, 3
		})
		want := 51
		if scrape == 0 {
			want = 50 + 2*4
		}
		if n := r.sim.Counters().Requests; n != want {
			t.Errorf("scrape %d: %d requests, want %d", scrape, n, want)
		}
	}

	// Forgiven, it joins the others again at the next load.
	r.sim.SetBehaviour(simulator.Behaviour{})
	r.scrape(t, 10*time.Second)
	r.Load(r.client, r.settings, []Group{byIMEIs("g", cards)}, false)
	expect(t, r.scrape(t, 10*time.Second), map[string]float64{
		`simcard_up{group="g"}`: 1, `simcard_group_batches{group="g"}`: 50,
	})
}

func TestRefusedCards(t *testing.T) {
	cards := simulator.Fleet(20)
	for name, test := range map[string]struct {
		refused  []int
		served   int
		batches  float64
		requests int // of the second scrape
	}{
		"none":            {nil, 20, 1, 1},
		"the first":       {[]int{0}, 19, 2, 2},
		"the last":        {[]int{19}, 19, 2, 2},
		"two neighbours":  {[]int{6, 7}, 18, 3, 3},
		"two far apart":   {[]int{1, 18}, 18, 3, 3},
		"all but one":     {[]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19}, 1, 20, 20},
		"all, hopelessly": {[]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, 0, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, simulator.New(cards), false, []Group{byICCIDs("g", cards)})
			var refuse []string
			for _, i := range test.refused {
				refuse = append(refuse, cards[i].ICCID)
			}
			r.sim.SetBehaviour(simulator.Behaviour{Refuse: refuse})
			for scrape := range 3 {
				r.sim.ResetCounters()
				got := r.scrape(t, 10*time.Second)
				if n := count(got, "simcard_found"); n != test.served {
					t.Errorf("scrape %d: %d cards, want %d", scrape, n, test.served)
				}
				expect(t, got, map[string]float64{`simcard_group_batches{group="g"}`: test.batches})
			}
			if n := r.sim.Counters().Requests; n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
			// All is served again as soon as nothing is refused.
			r.sim.SetBehaviour(simulator.Behaviour{})
			expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="g"}`: 1})
		})
	}
}

// A platform that refuses everything is not asked much more for it.
func TestOverloadedPlatformIsSpared(t *testing.T) {
	cards := simulator.Fleet(2000)
	r := newRig(t, simulator.New(cards), false, []Group{byIMEIs("g", cards)})
	r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected})
	for scrape := range 3 {
		r.sim.ResetCounters()
		if failed := r.scrape(t, 10*time.Second)[`simcard_group_batches_failed{group="g"}`]; failed < 100 {
			t.Errorf("scrape %d: %v batches failed", scrape, failed)
		}
		// What is split at the most before the limit of the rate.
		if n := r.sim.Counters().Requests; n > 100+2*60+5 {
			t.Errorf("scrape %d: %d requests", scrape, n)
		}
	}
	r.sim.SetBehaviour(simulator.Behaviour{})
	for range 8 { // the longest that anything has stayed apart
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="g"}`: 1})
	}
	r.sim.ResetCounters()
	expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_group_batches{group="g"}`: 100})
	if n := r.sim.Counters().Requests; n != 100 {
		t.Errorf("%d requests after it, want 100", n)
	}
}

// A platform so slow that a scrape sees one answer only still finds the card,
// over several scrapes, and serves what came late meanwhile.
func TestSplitGoesOnOverScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 8 * time.Second, Refuse: []string{cards[3].IMEI}})
		for scrape := range 24 {
			got := r.scrape(t, 10*time.Second)
			if n := count(got, "simcard_found"); scrape >= 8 && n != 19 {
				t.Errorf("scrape %d: %d cards, want 19", scrape, n)
			}
			pass(time.Minute)
		}
	})
}

// What is refused now and then, for no card's sake, is soon whole again, though
// later each time.
func TestSplitsDoNotLast(t *testing.T) {
	cards := simulator.Fleet(20)
	r := newRig(t, simulator.New(cards), false, []Group{byIMEIs("g", cards)})
	var apart []int
	for range 4 {
		// The whole is refused, no matter which of its cards are asked for.
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Only: func(ids []string) bool { return len(ids) == 20 }})
		r.scrape(t, 10*time.Second)
		r.sim.SetBehaviour(simulator.Behaviour{})
		n := 0
		for ; r.scrape(t, 10*time.Second)[`simcard_group_batches{group="g"}`] > 1; n++ {
		}
		apart = append(apart, n)
	}
	if apart[0] != 0 || apart[1] != 0 || apart[2] != 2 || apart[3] != 6 {
		t.Errorf("apart for %v scrapes, want 0, 0, 2 and 6", apart)
	}
}
