package collector

import (
	"slices"
	"testing"
	"testing/synctest"

	"simcard_exporter/collector/szzkc/simulator"
)

// A batch with a card that is refused is halved until the card is alone, and what
// is answered is not halved any further.
func TestBisection(t *testing.T) {
	cards := simulator.Fleet(20)
	for name, test := range map[string]struct {
		refused []simulator.Card
		want    []int // cards in each request
	}{
		"none":      {want: []int{20}},
		"the first": {refused: cards[:1], want: []int{20, 10, 5, 3, 2, 1, 1, 1, 2, 5, 10}},
		"the last":  {refused: cards[19:], want: []int{20, 10, 10, 5, 5, 3, 2, 1, 1}},
		"both":      {refused: []simulator.Card{cards[0], cards[19]}, want: []int{20, 10, 5, 3, 2, 1, 1, 1, 2, 5, 10, 5, 5, 3, 2, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
				var sizes []int // one request at a time
				env.sim.SetBehaviour(simulator.Behaviour{
					Refuse: identifiers(test.refused...),
					Fault:  simulator.HTML,
					Only:   func(ids []string) bool { sizes = append(sizes, len(ids)); return false },
				})
				got := env.scrape(t)
				expectCards(t, got, 20-len(test.refused))
				expectCount(t, got, "simcard_refused", len(test.refused))
				if !slices.Equal(sizes, test.want) {
					t.Errorf("requests for %v cards, want %v", sizes, test.want)
				}
			})
		})
	}
}

// Cards are asked for together. In a probe and during a ban one goes first, another
// one each time.
func TestRefreshPlan(t *testing.T) {
	for name, test := range map[string]struct {
		cards, failures int
		oneFirst        bool
		want            []int // cards in each request
		first           int   // card of the first request
	}{
		"together":               {cards: 5, want: []int{5}},
		"one first":              {cards: 5, oneFirst: true, want: []int{1, 4}},
		"another one first":      {cards: 5, failures: 7, oneFirst: true, want: []int{1, 4}, first: 2},
		"the only one":           {cards: 1, oneFirst: true, want: []int{1}},
		"together, after others": {cards: 5, failures: 7, want: []int{5}},
	} {
		b := testBatch(test.cards)
		b.failures = test.failures
		x := &refresh{batch: b, start: wallClock()}
		x.plan(test.oneFirst)
		var sizes []int
		for _, part := range x.parts {
			sizes = append(sizes, len(part))
		}
		if !slices.Equal(sizes, test.want) {
			t.Errorf("%s: requests for %v cards, want %v", name, sizes, test.want)
		}
		if first := x.parts[0][0]; first != b.cards[test.first] {
			t.Errorf("%s: %s first, want %s", name, first.id, b.cards[test.first].id)
		}
	}
}
