package collector

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// What cannot be read replaces nothing, shows as a failure, and is asked for
// again by the next scrape.
func TestUnreadableItemReplacesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := byIMEIs("g", cards)
		group.MaxAge = 12 * time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group})
		start := time.Now()
		r.scrape(t, 10*time.Second)

		pass(12*time.Hour + time.Minute)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.UnreadableItem})
		got := r.scrape(t, 10*time.Second)
		wantCards(t, got, 20)
		expect(t, got, map[string]float64{
			`simcard_up{group="g"}`:                   0,
			`simcard_group_batches_failed{group="g"}`: 1,
			oldest("g"): float64(start.Unix()),
		})

		pass(time.Minute)
		r.sim.SetBehaviour(simulator.Behaviour{})
		got = r.scrape(t, 10*time.Second)
		wantCards(t, got, 20)
		expect(t, got, map[string]float64{
			`simcard_up{group="g"}`:                   1,
			`simcard_group_batches_failed{group="g"}`: 0,
			oldest("g"): float64(start.Add(12*time.Hour + 2*time.Minute).Unix()),
		})
		if n := r.sim.Counters().Requests; n != 3 {
			t.Errorf("%d requests, want one a scrape", n)
		}
	})
}

// An answer of which nothing is about a card that was asked for is no answer.
func TestAnswerWithoutAskedCardsIsAFailure(t *testing.T) {
	imei := regexp.MustCompile(`"IMEI":"(\d{12})\d{3}"`)
	for name, instead := range map[string]string{
		"null":                              `"IMEI":null`,
		"a number that has lost its digits": `"IMEI":${1}e3`,
		"another's":                         `"IMEI":"${1}000"`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(40)
				r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
				eachMinute(5, func(minute int) {
					got := r.scrape(t, 10*time.Second)
					up, failed := 0., 2.
					if minute == 0 {
						up, failed = 1, 0
						r.sim.SetBehaviour(simulator.Behaviour{Edit: func(_, items []string) []string {
							for i := range items {
								items[i] = imei.ReplaceAllString(items[i], instead)
							}
							return items
						}})
					}
					wantCards(t, got, 40)
					expect(t, got, map[string]float64{`simcard_up{group="g"}`: up, `simcard_group_batches_failed{group="g"}`: failed})
				})
			})
		})
	}
}

// A card whose item never can be read is quarantined at the third time, and
// the others of its batch are none the worse for it.
func TestCardThatIsNeverReadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		bad := cards[5]
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.scrape(t, 10*time.Second)
		pass(time.Minute)
		r.sim.SetBehaviour(simulator.Behaviour{Edit: func(ids, items []string) []string {
			for i, id := range ids {
				if id == bad.IMEI {
					items[i] = `"查询失败"`
				}
			}
			return items
		}})
		eachMinute(10, func(minute int) {
			got := r.scrape(t, 10*time.Second)
			switch {
			case minute < 2:
				expect(t, got, map[string]float64{`simcard_up{group="g"}`: 0, of("simcard_refused", bad): absent})
			case minute > 2:
				expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1, of("simcard_refused", bad): 1})
			}
			wantCards(t, got, 20) // the bad one as it was
			checkTruth(t, r.sim, got)
		})
	})
}

func oldest(group string) string {
	return ofGroup("simcard_group_oldest_answer_timestamp_seconds", group)
}
