package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// One ICCID in two devices, with all three listed, is two cards, in whatever
// order they are.
func TestOneICCIDInTwoListedDevices(t *testing.T) {
	cards := simulator.Fleet(5)[3:]
	cards[1].ICCID = cards[0].ICCID
	ways := []Card{{IMEI: cards[0].IMEI}, {IMEI: cards[1].IMEI}, {ICCID: cards[0].ICCID}}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var groups []Group
				for _, i := range order {
					group := byIMEIs(fmt.Sprint("g", i), nil)
					group.Cards = []Card{ways[i]}
					groups = append(groups, group)
				}
				r := newRig(t, simulator.New(cards), true, groups)
				eachMinute(3, func(int) {
					text := r.text(t, 10*time.Second, "")
					for _, metric := range []string{"simcard_found", "simcard_status", "simcard_info"} {
						if n := strings.Count(text, "\n"+metric+"{"); n != 2 {
							t.Errorf("%d series of %s, want 2", n, metric)
						}
					}
					expect(t, parse(t, text), map[string]float64{of("simcard_found", cards[0]): 1, of("simcard_found", cards[1]): 1})
				})
			})
		})
	}
}

// What is found by one identifier and unknown by the other is two series, and
// neither changes with whose answer is younger.
func TestFoundOneWayUnknownTheOtherDoesNotFlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		found, unknown := byIMEIs("found", cards), byICCIDs("unknown", cards)
		found.MaxAge, unknown.MaxAge = 90*time.Second, 150*time.Second
		r := newRig(t, simulator.New(cards), true, []Group{found, unknown})
		r.sim.SetBehaviour(simulator.Behaviour{Edit: func(ids, items []string) []string {
			if byKind(ids) == "sick" { // by IMEI
				return items
			}
			return nil
		}})
		eachMinute(20, func(int) {
			got := r.scrape(t, 10*time.Second)
			wantCards(t, got, 40)
			expect(t, got, map[string]float64{
				of("simcard_found", cards[5]):                              1,
				of("simcard_found", simulator.Card{ICCID: cards[5].ICCID}): 0,
			})
		})
	})
}

// Group and labels of a card are those of its first mention, whatever becomes
// of the answers.
func TestInfoKeepsToTheFirstMention(t *testing.T) {
	for name, answeredFirst := range map[string]bool{"goes stale": true, "never answered": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				card := simulator.Fleet(5)[4]
				first, second := byIMEIs("first", nil), byIMEIs("second", nil)
				first.Cards = []Card{{IMEI: card.IMEI, Labels: []string{"corner"}}}
				second.Cards = []Card{{ICCID: card.ICCID, Labels: []string{"market"}}}
				r := newRig(t, simulator.New([]simulator.Card{card}), true, []Group{first, second},
					func(s *Settings) { s.LabelNames = []string{"shop"} })
				if answeredFirst {
					r.scrape(t, 10*time.Second)
					pass(time.Minute)
				}
				r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML, Only: func(ids []string) bool { return ids[0] == card.IMEI }})
				info := fmt.Sprintf(`simcard_info{group="first",iccid=%q,imei=%q,service_number=%q,shop="corner"}`, card.ICCID, card.IMEI, card.ServiceNum)
				eachMinute(90, func(minute int) {
					// Without an ICCID there may be one more, of a way that is refused.
					text := r.text(t, 10*time.Second, "")
					if n := strings.Count(text, fmt.Sprintf(",iccid=%q,", card.ICCID)); n != 1 || parse(t, text)[info] != 1 {
						t.Errorf("minute %d: %d series of simcard_info with the ICCID, want %s", minute, n, info)
					}
				})
			})
		})
	}
}

// Of two cards in one device the same is served, whatever the platform's order.
func TestTwoCardsInOneDeviceDoNotFlip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		device := cards[4]
		twin := device
		twin.ICCID = "89860400000000000001"
		turn := 0 // one request at a time
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Edit: func(_, items []string) []string {
			turn++
			second := strings.ReplaceAll(items[4], device.ICCID, twin.ICCID)
			if turn%2 == 0 {
				return append([]string{second}, items...)
			}
			return append(items, second)
		}})
		eachMinute(6, func(int) {
			got := r.scrape(t, 10*time.Second)
			wantCards(t, got, 20)
			expect(t, got, map[string]float64{
				of("simcard_found", twin):   1,
				of("simcard_found", device): absent,
				`simcard_up{group="g"}`:     1,
			})
		})
	})
}
