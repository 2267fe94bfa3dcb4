package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// What is older than a group allows is not served, whatever keeps the platform
// from saying something newer.
func TestHangingPlatformServesNoOldAnswerAsNew(t *testing.T) {
	for name, test := range map[string]struct {
		cards     int
		behaviour simulator.Behaviour
	}{
		"hangs":                 {cards: 20, behaviour: simulator.Behaviour{Fault: simulator.Hang}},
		"asks to be left alone": {cards: 400, behaviour: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: 290 * time.Second}},
		"answers late":          {cards: 80, behaviour: simulator.Behaviour{Latency: 15 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(test.cards)
				group := byIMEIs("g", cards)
				group.MaxAge, group.StaleIfError = 0, 0
				r := newRig(t, simulator.New(cards), true, []Group{group})
				eachMinute(6, func(minute int) {
					got := r.scrape(t, 10*time.Second)
					if minute == 0 {
						expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
						wantCards(t, got, test.cards)
						r.sim.SetBehaviour(test.behaviour)
						return
					}
					expect(t, got, map[string]float64{`simcard_up{group="g"}`: 0})
					wantCards(t, got, 0)
				})
			})
		})
	}
}

// An answer that came after its scrape had ended is not new an hour later.
func TestGapInScrapingServesNoOldAnswerAsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := byIMEIs("g", cards)
		group.Live, group.MaxAge, group.StaleIfError = true, 0, 0
		r := newRig(t, simulator.New(cards), true, []Group{group})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		start := time.Now()
		wantCards(t, r.scrape(t, 10*time.Second), 0)

		pass(59*time.Minute - time.Since(start))
		r.sim.SetBehaviour(simulator.Behaviour{})
		got := r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{
			`simcard_up{group="g"}`: 1,
			`simcard_group_oldest_answer_timestamp_seconds{group="g"}`: float64(start.Add(59 * time.Minute).Unix()),
		})
		wantCards(t, got, 20)
		if n := r.sim.Counters().LiveRequests; n != 2 {
			t.Errorf("%d requests, want one of each scrape", n)
		}
	})
}

// An answer is served for stale_if_error beyond max_age, to everyone who asks.
func TestAnswerIsServedForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := byIMEIs("g", cards)
		group.MaxAge, group.StaleIfError = 10*time.Minute, 30*time.Minute
		r := newRig(t, simulator.New(cards), true, []Group{group})
		start := time.Now()
		r.scrape(t, 10*time.Second)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		for _, step := range []struct {
			age           time.Duration
			cards         int
			up            float64
			failedBatches float64
		}{
			{age: 9 * time.Minute, cards: 20, up: 1, failedBatches: 0},
			{age: 11 * time.Minute, cards: 20, up: 0, failedBatches: 1},
			{age: 31 * time.Minute, cards: 20, up: 0, failedBatches: 1},
			{age: 39 * time.Minute, cards: 20, up: 0, failedBatches: 1},
			{age: 41 * time.Minute, cards: 0, up: 0, failedBatches: 1},
		} {
			pass(step.age - time.Since(start))
			for range 2 { // serving changes nothing
				got := r.scrape(t, 10*time.Second)
				expect(t, got, map[string]float64{
					`simcard_up{group="g"}`:                   step.up,
					`simcard_group_batches_failed{group="g"}`: step.failedBatches,
				})
				if n := count(got, "simcard_found"); n != step.cards {
					t.Errorf("%d cards with answers %v old, want %d", n, step.age, step.cards)
				}
			}
		}
	})
}

// The first scrapes of a fleet that is too large for one look like all others.
func TestLargeFleetLooksAlikeFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(1000)
		group := byIMEIs("g", cards)
		group.MaxAge, group.StaleIfError = 0, 0
		r := newRig(t, simulator.New(cards), true, []Group{group})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		eachMinute(8, func(minute int) {
			// Four slots, and nine seconds in which a request can be answered.
			if n := count(r.scrape(t, 10*time.Second), "simcard_found"); n != 4*9*20 {
				t.Errorf("minute %d: %d cards, want 720", minute, n)
			}
		})
	})
}

// A sweep that is longer than its scrape ends nevertheless, and is the last
// when nobody scrapes any more.
func TestSweepGoesOnAfterItsScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(1000)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		got := r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{
			`simcard_up{group="g"}`:                   0,
			`simcard_group_batches_failed{group="g"}`: 50 - 4*9,
		})
		wantCards(t, got, 4*9*20)

		pass(10 * time.Second)
		if n := r.sim.Counters().Requests; n != 50 {
			t.Errorf("%d requests after the scrape, want those of one sweep", n)
		}
		start := time.Now()
		got = r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1, `simcard_group_batches_failed{group="g"}`: 0})
		wantCards(t, got, 1000)
		if took := time.Since(start); took > 0 {
			t.Errorf("a scrape with nothing to wait for took %v", took)
		}
		pass(time.Hour)
		if n := r.sim.Counters().Requests; n != 50 {
			t.Errorf("%d requests an hour later, want no more", n)
		}
	})
}
