package collector

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// eachMinute calls scrape at the start of each of n minutes, with how many have
// gone before: Prometheus at its usual interval.
func eachMinute(n int, scrape func(minute int)) {
	for minute := range n {
		next := time.Now().Add(time.Minute)
		scrape(minute)
		pass(time.Until(next))
	}
}

// of is the series of a card.
func of(metric string, c simulator.Card) string {
	return fmt.Sprintf("%s{iccid=%q,imei=%q}", metric, c.ICCID, c.IMEI)
}

// ofGroup is the series of a group.
func ofGroup(metric, group string) string { return fmt.Sprintf("%s{group=%q}", metric, group) }

// identifiers are those that a platform needs to know to spoil the cards,
// however they are asked for.
func identifiers(cards ...simulator.Card) []string {
	var ids []string
	for _, c := range cards {
		ids = append(ids, c.IMEI, c.ICCID)
	}
	return ids
}

// eachTwentieth returns one card of each twenty.
func eachTwentieth(cards []simulator.Card) (some []simulator.Card) {
	for i := 7; i < len(cards); i += 20 {
		some = append(some, cards[i])
	}
	return some
}

// sightings counts the requests that arrive at the platform, by kind. The zero
// value is ready.
type sightings struct {
	mu    sync.Mutex // protects all below
	kinds map[string]int
}

func (s *sightings) add(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kinds == nil {
		s.kinds = make(map[string]int)
	}
	s.kinds[kind]++
}

// take returns what was counted since the last take.
func (s *sightings) take() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := s.kinds
	s.kinds = nil
	return kinds
}

// watched returns b, with kind called for every request to say how it counts.
func (s *sightings) watched(b simulator.Behaviour, kind func(ids []string) string) simulator.Behaviour {
	only := b.Only
	hits := b.Fault != simulator.None
	if !hits {
		b.Fault = simulator.HTML // or Only would not be called
	}
	b.Only = func(ids []string) bool {
		s.add(kind(ids))
		return hits && (only == nil || only(ids))
	}
	return b
}

// wholeOrAlone tells the requests of batches from those of single cards.
func wholeOrAlone(ids []string) string {
	if len(ids) == 1 {
		return "alone"
	}
	return "whole"
}

// wantCards checks how many cards the platform is said to know.
func wantCards(t testing.TB, got map[string]float64, want int) {
	t.Helper()
	if n := count(got, "simcard_found"); n != want {
		t.Errorf("%d cards are served, want %d", n, want)
	}
}
