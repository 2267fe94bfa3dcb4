package collector

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

func TestBatches(t *testing.T) {
	cards := simulator.Fleet(100)
	mixed := Group{Name: "mixed"}
	for i, c := range cards[:50] {
		if i%2 == 0 {
			mixed.Cards = append(mixed.Cards, Card{IMEI: c.IMEI})
		} else {
			mixed.Cards = append(mixed.Cards, Card{ICCID: c.ICCID})
		}
	}
	groups := []Group{mixed, byIMEIs("twenty", cards[50:70]), byIMEIs("one more", cards[70:91]), {Name: "none"}}
	describe := func(f *fleet) (batches []string) {
		for _, g := range f.groups {
			for _, b := range g.batches {
				batches = append(batches, fmt.Sprintln(g.Name, b.kind, names(b.cards)))
			}
		}
		return batches
	}
	f := newFleet(nil, Settings{}, groups, nil)
	var sizes []string
	for _, g := range f.groups {
		for _, b := range g.batches {
			sizes = append(sizes, fmt.Sprintf("%s %s %d", g.Name, b.kind, len(b.cards)))
			if len(b.cards) > szzkc.MaxBatch {
				t.Errorf("a batch of %d", len(b.cards))
			}
		}
	}
	want := "[mixed imei 20 mixed imei 5 mixed iccid 20 mixed iccid 5 twenty imei 20 one more imei 20 one more imei 1]"
	if got := fmt.Sprint(sizes); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if again := newFleet(nil, Settings{}, groups, f); !slices.Equal(describe(again), describe(f)) {
		t.Errorf("the next load has other batches:\n%v\n%v", describe(f), describe(again))
	}
}

// A reload keeps the answers of cards that stay, and takes what is in flight.
func TestLoadKeepsAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(45)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("old", cards[:40])})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		start := float64(time.Now().Unix())
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="old"}`: 0})

		// While two requests are in flight their cards move to other batches.
		r.reload([]Group{byIMEIs("new", cards[5:])})
		pass(10 * time.Second)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		got := r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{
			`simcard_group_cards{group="new"}`:                           40,
			`simcard_group_oldest_answer_timestamp_seconds{group="new"}`: start + 15,
		})
		r.sim.SetBehaviour(simulator.Behaviour{})
		pass(time.Minute)

		// Another platform or zone would have answered otherwise.
		r.Load(r.client, r.settings, []Group{byIMEIs("new", cards[5:])}, AnotherPlatform)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{
			`simcard_group_oldest_answer_timestamp_seconds{group="new"}`: absent,
		})
	})
}

// Requests that are in flight from before a reload count for its limits.
func TestLoadKeepsTheGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})
		r.scrape(t, 10*time.Second)
		r.reload([]Group{byIMEIs("g", cards)})
		r.scrape(t, 10*time.Second)
		if n := r.sim.Counters().MaxInFlight; n != 4 {
			t.Errorf("%d requests in flight, want 4", n)
		}
		pass(time.Minute)
	})
}
