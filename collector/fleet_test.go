package collector

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// A group has as few batches as can be, in the order of the configuration, and
// the next load splits it in the same way.
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
	groups := []Group{mixed, testGroup("twenty", byIMEI, cards[50:70]), testGroup("one more", byIMEI, cards[70:91]), {Name: "none"}}
	describe := func(f *fleet) (batches []string) {
		for _, g := range f.groups {
			for _, b := range g.batches {
				batches = append(batches, fmt.Sprintln(g.Name, b.kind, ids(b.cards)))
			}
		}
		return batches
	}
	f := newFleet(new(szzkc.Client), Settings{}, groups, nil)
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
	if again := newFleet(new(szzkc.Client), Settings{}, groups, f); !slices.Equal(describe(again), describe(f)) {
		t.Errorf("the next load has other batches:\n%v\n%v", describe(f), describe(again))
	}
}

// A card is known by its ICCID, in upper case, or else by its IMEI.
func TestCardKey(t *testing.T) {
	for name, test := range map[string]struct {
		card Card
		key  string
		kind kind
	}{
		"IMEI":  {card: Card{IMEI: "352019040635785"}, key: "352019040635785", kind: byIMEI},
		"ICCID": {card: Card{ICCID: "898604231919c0083314"}, key: "898604231919C0083314", kind: byICCID},
		"both":  {card: Card{IMEI: "352019040635785", ICCID: "89860423191970454839"}, key: "89860423191970454839", kind: byICCID},
	} {
		if key, kind := keyOf(test.card); key != test.key || kind != test.kind {
			t.Errorf("%s: %s by %s, want %s by %s", name, key, kind, test.key, test.kind)
		}
	}
}

// A card that is listed again counts once, and the first mention stands.
func TestRepeatedCard(t *testing.T) {
	page := simulator.PageCards()[:2]
	f := newFleet(new(szzkc.Client), Settings{}, []Group{testGroup("a", byIMEI, page[:1]), testGroup("b", byIMEI, page)}, nil)
	if a, b := f.groups[0].shardCards, f.groups[1].shardCards; a != 1 || b != 1 || len(f.cards) != 2 {
		t.Errorf("%d and %d cards, %d in all, want 1, 1 and 2", a, b, len(f.cards))
	}
	if g := f.card(page[0].IMEI).batch.group.Name; g != "a" {
		t.Errorf("the card is in group %s, want a", g)
	}
}

// What the next fleet takes over of the last: the counters of requests, and what is
// known of the cards, but not whether live or not.
func TestFleetTakesOver(t *testing.T) {
	page := simulator.PageCards()
	groups := []Group{testGroup("g", byIMEI, page[:1]), testGroup("live", byIMEI, page[1:2]), testGroup("old", byIMEI, page[2:])}
	last := newFleet(new(szzkc.Client), Settings{}, groups, nil)
	groups[1].Live = true
	groups[2].Name = "new"
	f := newFleet(new(szzkc.Client), Settings{}, groups, last)
	for i, want := range []bool{true, false, true} {
		if kept := f.card(page[i].IMEI).record == last.card(page[i].IMEI).record; kept != want {
			t.Errorf("card %d: what is known of it is kept: %t, want %t", i, kept, want)
		}
	}
	for i, want := range []bool{true, true, false} {
		if kept := f.groups[i].groupCounts == last.groups[i].groupCounts; kept != want {
			t.Errorf("group %s: the counts are kept: %t, want %t", f.groups[i].Name, kept, want)
		}
	}
}

// shardOwners returns which of n shards has each card, by key.
func shardOwners(t *testing.T, groups []Group, n int) map[string]int {
	t.Helper()
	owners := make(map[string]int)
	for i := range n {
		mine := newFleet(new(szzkc.Client), Settings{Shard: Shard{Index: i, Count: n}}, groups, nil).cards
		if share := 3000 / n; len(mine) < share*9/10 || len(mine) > share*11/10 {
			t.Errorf("shard %d of %d has %d cards, want about %d", i, n, len(mine), share)
		}
		for key := range mine {
			if other, taken := owners[key]; taken {
				t.Errorf("%v is in shards %d and %d", key, i, other)
			}
			owners[key] = i
		}
	}
	return owners
}

// Each card is in one shard, and another shard takes its share evenly from those
// there are.
func TestAnotherShardMovesFewCards(t *testing.T) {
	cards := simulator.Fleet(3000)
	groups := []Group{testGroup("a", byIMEI, cards[:2000]), testGroup("b", byICCID, cards[2000:])}
	one, three, four := shardOwners(t, groups, 1), shardOwners(t, groups, 3), shardOwners(t, groups, 4)
	if len(three) != 3000 || len(four) != 3000 || !maps.Equal(one, shardOwners(t, groups, 1)) {
		t.Fatalf("%d and %d cards in all, want 3000", len(three), len(four))
	}
	moved := 0
	for key, shard := range three {
		if four[key] != shard {
			moved++
			if four[key] != 3 {
				t.Errorf("%v moved from shard %d to %d", key, shard, four[key])
			}
		}
	}
	if moved < 3000/4*9/10 || moved > 3000/4*11/10 {
		t.Errorf("%d of 3000 cards moved, want about a quarter", moved)
	}
}

// TestShardsStay: a card is in the shard that it was in before, whatever the version and the
// machine are, or an update would ask for all cards again.
func TestShardsStay(t *testing.T) {
	var got []int
	for _, key := range []string{"352019040635785", "352019040625281", "898604231919c0083314", "89860423191970454839", "8986042319197000001F", ""} {
		for i := range 5 {
			if (Shard{Index: i, Count: 5}).has(key) {
				got = append(got, i)
			}
		}
	}
	if want := []int{4, 3, 3, 3, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// All shards together serve the fleet, and ask for each card once.
func TestShards(t *testing.T) {
	cards := simulator.Fleet(3000)
	groups := []Group{testGroup("a", byIMEI, cards[:2000]), testGroup("b", byICCID, cards[2000:])}
	sim := simulator.New(cards)
	found := 0
	for i := range 3 {
		env := newTestEnv(t, sim, groups, func(s *Settings) { s.Shard = Shard{Index: i, Count: 3} })
		got := env.scrapeFor(t, 30*time.Second)
		checkTruth(t, sim, got)
		found += countSeries(got, "found")
		expect(t, got, map[string]float64{
			`simcard_group_configured_cards{group="a"}`: 2000,
			`simcard_group_configured_cards{group="b"}`: 1000,
			"simcard_exporter_shard_index":              float64(i),
			"simcard_exporter_shards":                   3,
		})
	}
	if n := sim.Counters().Identifiers; found != 3000 || n != 3000 {
		t.Errorf("%d cards found, %d asked for, want 3000", found, n)
	}
}
