package collector

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// TestCardAfterRestart: what the page of a card says of its answer and its quarantine
// survives a restart, and it is found by what the platform reports.
func TestCardAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		cards[1].Balance, cards[2].ActiveTS, cards[2].ExpireTS = "--", "", ""
		group := testGroup("g", byICCID, cards)
		group.MaxAge = time.Hour
		for i := range group.Cards {
			group.Cards[i].Place = Place(i)
		}
		env := newSavingEnv(t, simulator.New(cards), group)
		env.settings.PlaceText = func(p Place) string { return fmt.Sprintf("cards.csv:%d", p) }
		env.reload(group)
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[3])})
		env.scrape(t)
		facts := func() (all []pages.Card) {
			source := env.Pages(testEstimate)
			for _, id := range []string{cards[0].IMEI, cards[1].IMEI, cards[2].IMEI, cards[3].ICCID} {
				c, found := source.Card(id)
				if !found {
					t.Errorf("%s is not found", id)
				}
				c.Attempts, c.Scraped = nil, time.Time{}
				all = append(all, c)
			}
			return all
		}
		before := facts()
		env.restart(t, group)
		after := facts()
		for i := range before {
			if !reflect.DeepEqual(before[i].Refusal, after[i].Refusal) || before[i].Place != fmt.Sprintf("cards.csv:%d", i) && i > 0 {
				t.Errorf("card %d, at %s: refusal %+v became %+v", i, before[i].Place, before[i].Refusal, after[i].Refusal)
			}
			if a, b := before[i].Answer, after[i].Answer; i < 3 && (!a.At.Equal(b.At) || !slices.EqualFunc(a.Invalid, b.Invalid, sameField)) {
				t.Errorf("card %d: answer %+v became %+v", i, a, b)
			}
		}
		if n := len(before[2].Answer.Invalid); n != 2 {
			t.Errorf("%d invalid fields of a card that was never activated, want 2", n)
		}
	})
}

// sameField compares all but the place in the answer, which is not saved.
func sameField(a, b platform.InvalidField) bool { return a.Field == b.Field && a.Text == b.Text }

// TestNextDueWithBatch: a card is asked for again as soon as another card of its batch is
// due, and while the clock is behind its answer.
func TestNextDueWithBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		sim := simulator.New(cards)
		sim.SetBehaviour(simulator.Behaviour{Edit: func(_, items []string) []string {
			items[1] = `{"IMEI":7}` // unreadable
			return items
		}})
		env := newTestEnv(t, sim, []Group{group})
		nextDue := func() time.Time {
			c, _ := env.Pages(testEstimate).Card(cards[0].IMEI)
			return c.NextDue
		}
		for range maxUnreadable {
			env.scrape(t)
			if due, batch := nextDue(), env.fleet.Load().card(cards[0].IMEI).batch; due.IsZero() != batch.due(wallClock()) {
				t.Errorf("due at %v, but its batch is due now: %t", due, batch.due(wallClock()))
			}
		}
		rec := env.fleet.Load().card(cards[0].IMEI).record
		a := *rec.answer.Load()
		a.came += platform.Instant(time.Minute)
		rec.answer.Store(&a)
		if due := nextDue(); !due.IsZero() {
			t.Errorf("with an answer from the future: due at %v", due)
		}
	})
}

// TestScrapedBeforeAnotherPlatform: after a load with another platform, no page says that
// no scrape has come yet, and the requests of the day still count.
func TestScrapedBeforeAnotherPlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.scrape(t)
		source := env.Pages(testEstimate)
		for _, change := range []Change{SamePlatform, AnotherAccount, AnotherPlatform} {
			env.load(change, group)
			c, _ := source.Card(cards[0].IMEI)
			if o := source.Overview(); c.Scraped.IsZero() || o.Groups[0].RequestsToday != 1 {
				t.Errorf("after change %d: scraped %v, %d requests", change, c.Scraped, o.Groups[0].RequestsToday)
			}
		}
	})
}
