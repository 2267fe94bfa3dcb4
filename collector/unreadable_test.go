package collector

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// An item that cannot be read replaces nothing and counts as a failure, and the
// next scrape asks for it again.
func TestUnreadableItemReplacesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = 12 * time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		start := time.Now()
		env.scrape(t)

		advance(12*time.Hour + time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.UnreadableItem})
		got := env.scrape(t)
		expectCards(t, got, 20)
		expect(t, got, map[string]float64{
			groupUp:            0,
			groupBatchesFailed: 1,
			groupOldestAnswer:  float64(start.Unix()),
		})

		advance(time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{})
		got = env.scrape(t)
		expectCards(t, got, 20)
		expect(t, got, map[string]float64{
			groupUp:            1,
			groupBatchesFailed: 0,
			groupOldestAnswer:  float64(start.Add(12*time.Hour + 2*time.Minute).Unix()),
		})
		if n := env.sim.Counters().Requests; n != 3 {
			t.Errorf("%d requests, want one a scrape", n)
		}
	})
}

// An answer without any card that was asked for counts as a failure.
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
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
				eachMinute(5, func(minute int) {
					got := env.scrape(t)
					up, failed := 0., 2.
					if minute == 0 {
						up, failed = 1, 0
						env.sim.SetBehaviour(simulator.Behaviour{Edit: func(_, items []string) []string {
							for i := range items {
								items[i] = imei.ReplaceAllString(items[i], instead)
							}
							return items
						}})
					}
					expectCards(t, got, 40)
					expect(t, got, map[string]float64{groupUp: up, groupBatchesFailed: failed})
				})
			})
		})
	}
}

// A card whose item can never be read is quarantined at the third time, and the
// others of its batch are served as before.
func TestCardThatIsNeverReadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		bad := cards[5]
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		advance(time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{Edit: func(ids, items []string) []string {
			for i, id := range ids {
				if id == bad.IMEI {
					items[i] = `"查询失败"`
				}
			}
			return items
		}})
		eachMinute(10, func(minute int) {
			got := env.scrape(t)
			switch {
			case minute < 2:
				expect(t, got, map[string]float64{groupUp: 0})
				expectAbsent(t, got, cardSeries("refused", bad))
			case minute > 2:
				expect(t, got, map[string]float64{groupUp: 1, cardSeries("refused", bad): 1})
			}
			expectCards(t, got, 20) // the bad one with its last answer
			checkTruth(t, env.sim, got)
		})
	})
}

// A card whose item cannot be read is neither found nor unknown.
func TestUnreadableItems(t *testing.T) {
	cards := simulator.Fleet(20)
	sim := simulator.New(cards)
	group := testGroup("g", byIMEI, cards)
	group.MaxAge = 0
	env := newTestEnv(t, sim, []Group{group})
	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.UnreadableItem})
	got := env.scrape(t)
	checkTruth(t, sim, got)
	expectCards(t, got, 18)
	expect(t, got, map[string]float64{
		groupUp: 0,
		`simcard_exporter_invalid_fields_total{field="item"}`: 2,
	})

	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.UnreadableFields})
	got = env.scrape(t)
	checkTruth(t, sim, got)
	if info, status := countSeries(got, "simcard_info"), countSeries(got, "simcard_status"); info != 20 || status != 16 {
		t.Errorf("%d served, %d with a status, want 20 and 16", info, status)
	}
	expect(t, got, map[string]float64{groupUp: 1})
}

// A batch of which a card was unreadable is not failed while each of its cards has a young
// answer, as after a press of the button.
func TestUnreadableAfterAPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.scrape(t)
		advance(59 * time.Minute)
		if err := env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI); err != nil {
			t.Error(err)
		}
		env.sim.SetBehaviour(simulator.Behaviour{Edit: func(ids, items []string) []string {
			if ids[0] == cards[0].IMEI {
				items[0] = `{"Status": 1}`
			}
			return items
		}})
		advance(2 * time.Minute)
		eachMinute(30, func(int) { expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupBatchesFailed: 0}) })
	})
}
