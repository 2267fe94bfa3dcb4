package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// A reload keeps what is known of refused cards: the others of their batches
// are asked for in one request each, as before.
func TestReloadForgetsNoRefusal(t *testing.T) {
	t.Parallel()
	cards := simulator.Fleet(2000)
	bad := eachTwentieth(cards)
	for name, test := range map[string]struct {
		reloaded []simulator.Card
		served   int
	}{
		"same cards":         {reloaded: cards, served: 1900},
		"batches that shift": {reloaded: cards[1:], served: 1899},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				group := byIMEIs("g", cards)
				group.StaleIfError = 0 // or it would hide cards that were not asked for
				r := newRig(t, simulator.New(cards), true, []Group{group})
				var seen sightings
				r.sim.SetBehaviour(seen.watched(simulator.Behaviour{Refuse: identifiers(bad...)}, wholeOrAlone))
				var got map[string]float64
				eachMinute(10, func(int) { got = r.scrape(t, 10*time.Second) })
				if n := count(got, "simcard_found"); n != 1900 {
					t.Fatalf("%d cards before the reload, want 1900", n)
				}

				group.Cards = byIMEIs("", test.reloaded).Cards
				r.reload([]Group{group})
				eachMinute(6, func(minute int) {
					seen.take()
					got := r.scrape(t, 10*time.Second)
					requests := seen.take()
					if n := count(got, "simcard_found"); n != test.served || requests["whole"] != 100 || requests["alone"] > 100 {
						t.Errorf("scrape %d after the reload: %d cards and requests %v, want %d and 100 whole", minute+1, n, requests, test.served)
					}
					expect(t, got, map[string]float64{
						`simcard_up{group="g"}`:                                  1,
						of("simcard_refused", simulator.Card{IMEI: bad[0].IMEI}): 1,
					})
				})
			})
		})
	}
}

// A card for which the platform goes wrong, in whatever way, costs its
// neighbours a few scrapes and no more.
func TestCardThatSpoilsItsBatch(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		dark  int // minutes until the neighbours are served
	}{
		"500":              {fault: simulator.ServerError, dark: 3},
		"404":              {fault: simulator.NotFoundPage, dark: 3},
		"maintenance page": {fault: simulator.HTML, dark: 3},
		"hangs":            {fault: simulator.Hang, dark: 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(40)
				bad := cards[3]
				r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
				var seen sightings
				r.sim.SetBehaviour(seen.watched(simulator.Behaviour{Fault: test.fault, Only: func(ids []string) bool {
					return slices.Contains(ids, bad.IMEI)
				}}, wholeOrAlone))
				dark := darkMinutes(t, r, 39)
				t.Logf("dark for %d minutes", dark)
				if dark > test.dark {
					t.Fatalf("neighbours are dark for %d minutes, want at most %d", dark, test.dark)
				}
				eachMinute(3, func(int) { r.scrape(t, 10*time.Second) })
				eachMinute(60, func(int) {
					seen.take()
					got := r.scrape(t, 10*time.Second)
					if n := seen.take()["whole"]; n != 2 {
						t.Errorf("%d requests for two batches", n)
					}
					wantCards(t, got, 39)
					expect(t, got, map[string]float64{
						`simcard_up{group="g"}`:                               1,
						`simcard_group_batches_failed{group="g"}`:             0,
						of("simcard_refused", simulator.Card{IMEI: bad.IMEI}): 1,
					})
				})
			})
		})
	}
}

// A card that is refused one day is served for as long as its answer may be,
// said to be refused from then on, and back within the hour when it is not.
func TestRefusedCardKeepsItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		bad := cards[7]
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		refused, found := of("simcard_refused", bad), of("simcard_found", bad)
		healthy := map[string]float64{`simcard_up{group="g"}`: 1, refused: absent, found: 1}
		scrapeFor := func(minutes int) (last map[string]float64) {
			eachMinute(minutes, func(int) { last = r.scrape(t, 10*time.Second) })
			return last
		}
		expect(t, scrapeFor(3), healthy)

		r.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(bad)})
		expect(t, scrapeFor(50), map[string]float64{`simcard_up{group="g"}`: 1, refused: 1, found: 1})
		// By now the answer is older than max_age and stale_if_error.
		got := scrapeFor(30)
		expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1, refused: 1, found: absent})
		wantCards(t, got, 19)
		if n := count(got, "simcard_refused"); n != 1 {
			t.Errorf("%d cards are said to be refused, want 1", n)
		}

		r.sim.SetBehaviour(simulator.Behaviour{})
		expect(t, scrapeFor(64), healthy)
	})
}

// Many cards in quarantine that hang, each for as long as a request may take, do
// not keep the others of their batch from being asked for.
func TestHangingQuarantineKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		bad := identifiers(cards[5:15]...)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang, Only: func(ids []string) bool {
			return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(bad, id) })
		}})
		known := 0 // for how many scrapes it has been known which hang
		eachMinute(240, func(minute int) {
			start := time.Now()
			got := r.scrape(t, 10*time.Second)
			if n := count(got, "simcard_refused"); n == 10 {
				known++
			} else if known > 0 || minute > 60 {
				t.Errorf("minute %d: %d cards refused, want 10", minute, n)
			}
			if known < 3 {
				return
			}
			if age := float64(start.Unix()) - got[oldestAnswer]; age > 120 {
				t.Errorf("minute %d: the oldest answer of a good card is %v s old", minute, age)
			}
		})
	})
}
