package collector

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// swaps is a platform of which a test moves cards between devices.
type swaps struct {
	cards []platform.Card
	down  bool
}

func (*swaps) MaxBatch() int { return 20 }

func (s *swaps) Query(_ context.Context, ids []string, _ bool) (a platform.Answer, err error) {
	if s.down {
		return a, &platform.Error{Reason: platform.Decode, Err: errors.New("down")}
	}
	for _, c := range s.cards {
		if !slices.Contains(ids, c.IMEI) && !slices.Contains(ids, c.ICCID) {
			continue
		}
		if c.Expires == 0 { // in stock
			for _, field := range []string{"activation", "expiry"} {
				a.Invalid = append(a.Invalid, platform.InvalidField{Item: len(a.Cards), Field: field, Text: "0001-01-01T00:00:00"})
			}
		}
		a.Cards = append(a.Cards, c)
	}
	return a, nil
}

// inDevice returns a card in service, in a device.
func inDevice(device, sim simulator.Card) platform.Card {
	return platform.Card{IMEI: device.IMEI, ICCID: sim.ICCID, Status: new(1), Balance: new(5e6), Expires: platform.InstantOf(time.Now().Add(9999 * time.Hour))}
}

// testSwaps begins with a group that lists the devices 0 to 2, or their cards, of which 0 and
// 2 are known, and answered.
func testSwaps(t *testing.T, kind kind, test func(t *testing.T, env *testEnv, s *swaps, cards []simulator.Card, listed Group)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(3)
		s := &swaps{cards: []platform.Card{inDevice(cards[0], cards[0]), inDevice(cards[2], cards[2])}}
		listed := testGroup("g", kind, cards)
		env := newTestEnv(t, simulator.New(nil), nil)
		env.Load(s, env.settings, []Group{listed}, AnotherPlatform)
		env.scrape(t)
		test(t, env, s, cards, listed)
	})
}

// A card that has moved to another listed device is found there, and not where it was.
func TestPageOfAMovedCard(t *testing.T) {
	testSwaps(t, byIMEI, func(t *testing.T, env *testEnv, s *swaps, cards []simulator.Card, _ Group) {
		s.cards[0] = inDevice(cards[1], cards[0])
		advance(time.Hour)
		env.scrape(t)
		source := env.Pages(testEstimate)
		if p, _ := source.Card(cards[0].ICCID); p.ID != cards[1].IMEI {
			t.Errorf("the page of the card is that of %s, %v, want %s, which has it", p.ID, p.State, cards[1].IMEI)
		}
		s.cards = s.cards[1:]
		advance(time.Hour)
		env.scrape(t)
		if p, _ := source.Card(cards[0].ICCID); p.ID != cards[0].IMEI {
			t.Errorf("the page of a card that no device has is that of %s, want %s, which had it first", p.ID, cards[0].IMEI)
		}
	})
}

// A card without an answer is that of the device that has it now, not of one that had it.
func TestUnansweredMentionOfAMovedCard(t *testing.T) {
	testSwaps(t, byIMEI, func(t *testing.T, env *testEnv, s *swaps, cards []simulator.Card, listed Group) {
		s.cards[0] = inDevice(cards[1], cards[0])
		advance(time.Hour)
		env.scrape(t)
		s.down = true
		ledger := testGroup("ledger", byICCID, cards[:1])
		env.Load(s, env.settings, []Group{listed, ledger}, SamePlatform)
		expect(t, env.scrape(t), map[string]float64{
			`simcard_group_problem_cards{group="ledger",problem="gone"}`: 0, `simcard_group_state_cards{group="ledger",state="ok"}`: 1,
		})
	})
}

// That a card had a date counts for both mentions: it has been in use.
func TestDatedByTheOtherMention(t *testing.T) {
	testSwaps(t, byICCID, func(t *testing.T, env *testEnv, s *swaps, cards []simulator.Card, listed Group) {
		s.cards[0] = platform.Card{IMEI: cards[0].IMEI, ICCID: cards[0].ICCID, Status: new(0), Balance: new(0.)}
		advance(time.Hour)
		suspended := map[string]float64{problemSeries("suspended", cards[0]): 1, `simcard_group_state_cards{group="g",state="not_in_use"}`: 0}
		expect(t, env.scrape(t), suspended)
		env.Load(s, env.settings, []Group{listed, testGroup("other", byIMEI, cards[:1])}, SamePlatform)
		expect(t, env.scrape(t), suspended)
		expect(t, env.scrape(t), map[string]float64{`simcard_group_state_cards{group="other",state="out_of_service"}`: 1})
	})
}

// A card has one row, also if the answer that names its other mention comes between the two
// looks at it.
func TestAnswerDuringASnapshot(t *testing.T) {
	testSwaps(t, byICCID, func(t *testing.T, env *testEnv, s *swaps, cards []simulator.Card, listed Group) {
		listed.Cards = append(listed.Cards[:1:1], Card{IMEI: cards[0].IMEI}) // whose batch comes first
		env.Load(s, env.settings, []Group{listed}, AnotherPlatform)
		f := env.fleet.Load()
		device, sim := f.card(cards[0].IMEI), f.card(cards[0].ICCID)
		say := func(c *card, item *platform.Card) {
			c.put(&answer{moments: moments{seq: 1, came: platform.InstantOf(wallClock())}, unknown: item == nil, item: item}, wallClock())
			c.noteTwin(c.last())
		}
		b := &snapshotBuilder{start: wallClock(), now: wallClock(), alone: make([]bool, len(f.cards))}
		var row exposition.Group
		say(device, &s.cards[0])
		say(sim, nil)
		b.addBatch(device.batch, &row)
		say(sim, &s.cards[0])
		b.addBatch(sim.batch, &row)
		if len(b.Cards) != 1 {
			t.Errorf("rows %v, want one", b.Cards)
		}
	})
}
