package collector

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

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
		for _, part := range slices.Backward(x.parts) {
			sizes = append(sizes, len(part))
		}
		if !slices.Equal(sizes, test.want) {
			t.Errorf("%s: requests for %v cards, want %v", name, sizes, test.want)
		}
		if first := x.parts[len(x.parts)-1][0]; first != b.cards[test.first] {
			t.Errorf("%s: %s first, want %s", name, first.id, b.cards[test.first].id)
		}
	}
}

// Who else must have been answered for a failure to be the fault of these cards.
func TestOthersAnswered(t *testing.T) {
	b := testBatch(3)
	for name, test := range map[string]struct {
		situation
		before, own int // requests answered before the refresh, and by it
		undecided   int // cards of the batch that were refused alone
		since       uint64
		answered    uint64 // requests until now, those of the batch included
		want        bool
	}{
		"one refused, others of the batch answered": {situation: situation{outcome: refused, cards: 1}, own: 1, undecided: 1, answered: 1, want: true},
		"one refused, nobody answered":              {situation: situation{outcome: refused, cards: 1}, undecided: 1},
		"one refused, only another batch answered":  {situation: situation{outcome: refused, cards: 1}, undecided: 1, answered: 1},
		"all refused, another batch answered":       {situation: situation{outcome: refused, cards: 1}, undecided: 3, answered: 1, want: true},
		"all refused, others answered only before":  {situation: situation{outcome: refused, cards: 1}, before: 4, undecided: 3, answered: 4},
		"failed, another batch answered":            {situation: situation{outcome: failed, cards: 3}, answered: 1, want: true},
		"failed again, none answered since":         {situation: situation{outcome: failed, cards: 3, failures: 1}, since: 4, answered: 4},
		"failed again, another answered since":      {situation: situation{outcome: failed, cards: 3, failures: 1}, since: 4, answered: 5, want: true},
	} {
		r := &refresher{answered: test.answered}
		b.othersBefore = test.since
		x := &refresh{batch: b, together: b.cards, answeredBefore: uint64(test.before), answered: uint64(test.own), undecided: make([]undecided, test.undecided)}
		if got := r.othersAnswered(x, test.situation); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

// At the end of a refresh it is decided whether the cards that were refused alone
// are to blame, or the platform.
func TestSettle(t *testing.T) {
	cause := errors.New("refused")
	for name, test := range map[string]struct {
		undecided   int    // of the three cards of the batch
		answered    uint64 // requests of the batch
		others      uint64 // requests of other batches that were answered
		err         error  // of the refresh, before
		quarantined int
		banned      bool
		failures    int
	}{
		"answered":                          {answered: 1},
		"failed":                            {err: cause, failures: 1},
		"breaker open":                      {err: errUnavailable},
		"one refused":                       {undecided: 1, answered: 1, quarantined: 1},
		"all refused, others were answered": {undecided: 3, others: 1, quarantined: 3},
		"all refused, like all others":      {undecided: 3, banned: true, failures: 1},
	} {
		r := newRefresher(slog.New(slog.DiscardHandler), newMetrics(prometheus.NewRegistry()))
		r.answered = test.answered + test.others
		b := testBatch(3)
		x := &refresh{batch: b, together: b.cards, answered: test.answered, err: test.err}
		for _, c := range b.cards[:test.undecided] {
			x.undecided = append(x.undecided, undecided{
				card:      c,
				situation: situation{outcome: refused, cards: 1, partial: true},
				result:    result{err: cause},
			})
		}
		r.settle(x)
		quarantined := 0
		for _, c := range b.cards {
			if c.quarantined() {
				quarantined++
			}
		}
		if quarantined != test.quarantined {
			t.Errorf("%s: %d cards in quarantine, want %d", name, quarantined, test.quarantined)
		}
		if banned := b.ban.until.After(time.Now()); banned != test.banned || b.failures != test.failures {
			t.Errorf("%s: banned %t, %d failures, want %t and %d", name, banned, b.failures, test.banned, test.failures)
		}
	}
}
