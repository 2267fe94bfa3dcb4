package collector

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/szzkc/simulator"
)

// checkIndex returns what the entries of the cards say otherwise than their records, which
// the metrics come from.
func (r *refresher) checkIndex() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := wallClock()
	for _, g := range r.fleet.Load().groups {
		for _, b := range g.batches {
			for i, c := range b.cards {
				a := c.answer.Load()
				row := c.row(a, g.serves(a, now, now), c.quarantined())
				var states exposition.States
				states.Add(&row, now)
				s := b.entries[i].stateAt(g, now)
				for state, in := range states {
					name := pages.State(exposition.State(state).String())
					if got := s.states&setOf(name) != 0; got != (in > 0) {
						return fmt.Errorf("card %s is %s: %t in the index, %t by its record", c.id, name, got, in > 0)
					}
				}
				if end := endOf(c.reported()); b.ends[i].other.Load() != end {
					return fmt.Errorf("card %s has another reported identifier in the index than %s", c.id, c.reported())
				}
			}
		}
	}
	return nil
}

// TestStateSets: the sets have the order of the states of the pages.
func TestStateSets(t *testing.T) {
	if n := len(pages.States()); n != numStates {
		t.Errorf("%d states, want %d", n, numStates)
	}
	for state, want := range map[pages.State]stateSet{
		pages.OutOfService: outOfServiceState, pages.Suspended: suspendedState, pages.Expired: expiredState, pages.OutOfData: outOfDataState,
		pages.Refused: refusedState, pages.Unknown: unknownState, pages.Moved: movedState, pages.NoAnswer: noAnswerState,
		pages.Stale: staleState, pages.Expiring: expiringState, pages.OK: okState, "": 0, "odd": 0,
	} {
		if got := setOf(state); got != want {
			t.Errorf("%s: %b, want %b", state, got, want)
		}
	}
}

// TestIndexFollows: the index follows the records as time passes, in quarantine, and
// across loads.
func TestIndexFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env, _, cards := searchEnv(t)
		check := func(when string) {
			t.Helper()
			if err := env.refresher.Load().checkIndex(); err != nil {
				t.Errorf("%s: %v", when, err)
			}
		}
		check("before a scrape")
		env.scrape(t)
		check("answered")
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[7])})
		advance(time.Minute)
		if got := env.scrape(t); got[`simcard_group_state_cards{group="shops",state="refused"}`] != 1 {
			t.Error("no card is in quarantine")
		}
		check("with a card in quarantine")
		env.sim.SetBehaviour(simulator.Behaviour{})
		advance(time.Hour)
		check("after an hour")
		env.scrape(t)
		check("answered again")
		groups := env.refresher.Load().fleet.Load().groups
		shops := groups[0].Group
		shops.Cards = testCards(byIMEI, cards[2:9])
		env.load(AnotherAccount, shops)
		check("after a load for another account")
		advance(5 * 24 * time.Hour)
		env.scrape(t)
		check("when a card has expired")
		env.load(AnotherPlatform, shops)
		check("after a load for another platform")
	})
}
