package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// If the platform has one ICCID in two devices, and all three identifiers are
// listed, two cards are served, whatever the order.
func TestOneICCIDInTwoListedDevices(t *testing.T) {
	cards := simulator.Fleet(5)[3:]
	cards[1].ICCID = cards[0].ICCID
	listed := []Card{{IMEI: cards[0].IMEI}, {IMEI: cards[1].IMEI}, {ICCID: cards[0].ICCID}}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var groups []Group
				for _, i := range order {
					group := testGroup(fmt.Sprint("g", i), byIMEI, nil)
					group.Cards = []Card{listed[i]}
					groups = append(groups, group)
				}
				env := newTestEnv(t, simulator.New(cards), groups)
				eachMinute(3, func(int) {
					text := env.scrapeText(t)
					for _, metric := range []string{"simcard_status", "simcard_info"} {
						if n := strings.Count(text, "\n"+metric+"{"); n != 2 {
							t.Errorf("%d series of %s, want 2", n, metric)
						}
					}
					expect(t, parse(t, text), map[string]float64{cardSeries("found", cards[0]): 1, cardSeries("found", cards[1]): 1})
				})
			})
		})
	}
}

// A card that is found by one identifier and unknown by the other has two series,
// and neither depends on which answer is younger.
func TestFoundOneWayUnknownTheOtherDoesNotFlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		found, unknown := testGroup("found", byIMEI, cards), testGroup("unknown", byICCID, cards)
		found.MaxAge, unknown.MaxAge = 90*time.Second, 150*time.Second
		env := newTestEnv(t, simulator.New(cards), []Group{found, unknown})
		env.sim.SetBehaviour(simulator.Behaviour{Edit: func(ids, items []string) []string {
			if asksByIMEI(ids) {
				return items
			}
			return nil
		}})
		eachMinute(20, func(int) {
			got := env.scrape(t)
			expectCards(t, got, 40)
			expect(t, got, map[string]float64{
				cardSeries("found", cards[5]):                              1,
				cardSeries("found", simulator.Card{ICCID: cards[5].ICCID}): 0,
			})
		})
	})
}

// Group and labels of a card are those of its first mention in the configuration,
// whatever is answered.
func TestInfoKeepsToTheFirstMention(t *testing.T) {
	for name, answeredFirst := range map[string]bool{"goes stale": true, "never answered": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				card := simulator.Fleet(5)[4]
				first, second := testGroup("first", byIMEI, nil), testGroup("second", byIMEI, nil)
				first.Cards = []Card{{IMEI: card.IMEI, Labels: []string{"corner"}}}
				second.Cards = []Card{{ICCID: card.ICCID, Labels: []string{"market"}}}
				env := newTestEnv(t, simulator.New([]simulator.Card{card}), []Group{first, second},
					func(s *Settings) { s.LabelNames = []string{"shop"} })
				if answeredFirst {
					env.scrape(t)
					advance(time.Minute)
				}
				env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML, Only: func(ids []string) bool { return ids[0] == card.IMEI }})
				info := fmt.Sprintf(`simcard_info{group="first",iccid=%q,imei=%q,service_number=%q,shop="corner"}`, card.ICCID, card.IMEI, card.ServiceNum)
				eachMinute(90, func(minute int) {
					// There may be one more without the ICCID, of the first mention.
					text := env.scrapeText(t)
					if n := strings.Count(text, fmt.Sprintf("simcard_info{group=\"first\",iccid=%q,", card.ICCID)); n != 1 || parse(t, text)[info] != 1 {
						t.Errorf("minute %d: %d series of simcard_info with the ICCID, want %s", minute, n, info)
					}
				})
			})
		})
	}
}

// Of two cards in one device the same is always served, whatever the platform's
// order.
func TestTwoCardsInOneDeviceDoNotFlip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		device := cards[4]
		twin := device
		twin.ICCID = "89860400000000000001"
		turn := 0 // one request at a time
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Edit: func(_, items []string) []string {
			turn++
			second := strings.ReplaceAll(items[4], device.ICCID, twin.ICCID)
			if turn%2 == 0 {
				return append([]string{second}, items...)
			}
			return append(items, second)
		}})
		eachMinute(6, func(int) {
			got := env.scrape(t)
			expectCards(t, got, 20)
			expect(t, got, map[string]float64{cardSeries("found", twin): 1, groupUp: 1})
			expectAbsent(t, got, cardSeries("found", device))
		})
	})
}

// A card that is listed in many ways has each series once, and the scrape has no
// error, whatever the platform answers.
func TestOneCardManyWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := simulator.PageCards()
		groups := []Group{
			testGroup("a", byIMEI, page),
			testGroup("b", byICCID, page),
			{Name: "c", Cards: []Card{{ICCID: strings.ToUpper(page[2].ICCID)}, {IMEI: page[2].IMEI}}},
		}
		env := newTestEnv(t, simulator.New(page), groups, func(s *Settings) { s.Concurrency = 1 })
		for _, fault := range []simulator.Fault{simulator.None, simulator.RepeatedItems, simulator.ForeignItems,
			simulator.ICCIDCase, simulator.InvalidUTF8, simulator.ShuffledItems} {
			env.sim.SetBehaviour(simulator.Behaviour{Fault: fault})
			got := env.scrape(t)
			advance(time.Minute)
			if n := countSeries(got, "simcard_balance_bytes"); n != 3 {
				t.Errorf("%v: %d balances, want 3", fault, n)
			}
			for series, value := range got {
				if strings.HasPrefix(series, "found{") && value != 1 {
					t.Errorf("%v: %s = %v", fault, series, value)
				}
			}
			expect(t, got, map[string]float64{
				`simcard_up{group="a"}`: 1, `simcard_up{group="b"}`: 1, `simcard_up{group="c"}`: 0, // which has no card
				`promhttp_metric_handler_errors_total{cause="gathering"}`: 0,
				`promhttp_metric_handler_errors_total{cause="encoding"}`:  0,
			})
		}
		// Two requests see three cards each, twice or with a foreign one. The
		// third group has nothing left to ask for.
		if n := env.scrape(t)["simcard_exporter_unexpected_cards_total"]; n != 6+2 {
			t.Errorf("%v unexpected cards, want 8", n)
		}
	})
}

// The younger answer wins; group and labels stay those of the first mention.
func TestYoungerAnswerWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := simulator.PageCards()[:1]
		env := newTestEnv(t, simulator.New(page), []Group{testGroup("first", byIMEI, page), testGroup("second", byICCID, page)},
			func(s *Settings) { s.Concurrency = 1 })
		// The second group is asked a second after the first, by when the
		// card has been suspended.
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		go func() {
			<-time.After(1500 * time.Millisecond)
			page[0].Status = 0
			env.sim.SetCards(page)
		}()
		card := `iccid="89860423191970454839",imei="352019040635785"`
		got := env.scrape(t)
		expect(t, got, map[string]float64{
			"simcard_status{" + card + "}":                                              0,
			`simcard_info{group="first",` + card + `,service_number="460044352904839"}`: 1,
		})
		expectAbsent(t, got, `simcard_info{group="second",`+card+`,service_number="460044352904839"}`)
	})
}
