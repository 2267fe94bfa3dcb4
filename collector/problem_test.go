package collector

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// A card that the platform does not know any more keeps both identifiers and stays gone, over
// a restart too, until it is known again.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		for i := range cards {
			cards[i].Status, cards[i].Balance, cards[i].ExpireTS = 1, "4000.00KB", "2001-01-01T00:00:00"
		}
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = 10 * time.Minute
		env := newSavingEnv(t, simulator.New(cards[:19]), group) // the last one is never known
		step := func(known []simulator.Card, want map[string]float64) {
			t.Helper()
			env.sim.SetCards(known)
			advance(11 * time.Minute)
			got := env.scrape(t)
			expect(t, got, want)
			expectCount(t, got, "simcard_problem", len(want))
		}
		unknown := problemSeries("unknown", simulator.Card{IMEI: cards[19].IMEI})
		gone := problemSeries("gone", cards[3])
		step(cards[:19], map[string]float64{unknown: 1})
		without := slices.Concat(cards[:3], cards[4:19])
		step(without, map[string]float64{unknown: 1, gone: 1})
		env.restart(t, group)
		expect(t, env.scrape(t), map[string]float64{unknown: 1, gone: 1, groupRequests: 0, `simcard_group_problem_cards{group="g",problem="gone"}`: 1})
		step(without, map[string]float64{unknown: 1, gone: 1})
		if found, ok := env.Pages(testEstimate).Card(cards[3].ICCID); !ok || found.ID != cards[3].IMEI {
			t.Errorf("the page of the ICCID that it had: %v %v", found.ID, ok)
		}
		step(cards, map[string]float64{})
	})
}

// A card that is not in use has its values, and no problem.
func TestNotInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(3)
		for i := range cards {
			cards[i].Status = 0
		}
		group := testGroup("g", byICCID, cards)
		group.Cards[1].NotInUse = true
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		got := env.scrape(t)
		expectCount(t, got, "simcard_status", 3)
		expect(t, got, map[string]float64{
			`simcard_group_state_cards{group="g",state="not_in_use"}`: 1, `simcard_group_state_cards{group="g",state="out_of_service"}`: 2,
			`simcard_group_problem_cards{group="g",problem="suspended"}`: 2,
		})
		expectAbsent(t, got, problemSeries("suspended", cards[1]))
	})
}

// A limit that fits the cards badly is logged once a load.
func TestManyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(8)
		for i := range cards {
			cards[i].ExpireTS = "2001-01-01T00:00:00"
			if i < 3 {
				cards[i].ExpireTS = "2000-01-20T00:00:00"
			}
		}
		group, fits := testGroup("g", byIMEI, cards[:4]), testGroup("fits", byIMEI, cards[4:])
		env := newTestEnv(t, simulator.New(cards), []Group{group, fits})
		for range 3 {
			env.scrape(t)
			advance(time.Minute)
		}
		env.reload(group, fits)
		env.scrape(t)
		if n := strings.Count(env.log.String(), `are expiring: expiring_within does not fit them, as when they are paid by the month" group=g expiring=3 cards=4`); n != 2 {
			t.Errorf("logged %d times, want 2:\n%s", n, env.log.String())
		}
	})
}

// The balance of a card that a group lists twice counts once.
func TestBalanceOfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(2)
		cards[0].Balance, cards[1].Balance = "3.00KB", "5.00KB"
		twice := testGroup("twice", byIMEI, cards)
		twice.Cards = append(twice.Cards, Card{ICCID: cards[0].ICCID})
		other := testGroup("other", byICCID, nil)
		other.Cards = []Card{{ICCID: cards[1].ICCID}}
		env := newTestEnv(t, simulator.New(cards), []Group{twice, other})
		env.scrape(t)
		advance(time.Minute)
		got := env.scrape(t)
		expect(t, got, map[string]float64{
			`simcard_group_balance_bytes{group="twice"}`: 8 << 10, `simcard_group_balance_bytes{group="other"}`: 5 << 10,
			`simcard_group_cards{group="twice"}`: 3, `simcard_group_problem_cards{group="twice",problem="data_low"}`: 3,
		})
	})
}

// A card with two mentions is judged by both: the second says which device should hold it,
// and is in quarantine. Its group's limits and in_use are those of the first.
func TestProblemsOfTwoMentions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		cards[0].Status, cards[0].Balance, cards[0].ExpireTS = 1, "512.00KB", "2001-01-01T00:00:00"
		first, second := testGroup("g", byIMEI, cards[:1]), testGroup("second", byICCID, cards[:20])
		second.Cards[0].IMEI, second.Cards[0].NotInUse, second.LowBalance = cards[1].IMEI, true, 0
		env := newTestEnv(t, simulator.New(cards), []Group{first, second, testGroup("others", byIMEI, cards[20:])})
		env.scrape(t)
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[0].ICCID}})
		advance(time.Minute)
		env.scrape(t)
		got := env.scrape(t)
		expect(t, got, map[string]float64{
			problemSeries("moved", cards[0]): 1, problemSeries("refused", cards[0]): 1, problemSeries("data_low", cards[0]): 512 << 10,
			`simcard_group_problem_cards{group="second",problem="moved"}`: 1, `simcard_group_state_cards{group="second",state="not_in_use"}`: 0,
		})
	})
}
