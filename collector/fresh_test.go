package collector

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

const oldestAnswer = `simcard_group_oldest_answer_timestamp_seconds{group="g"}`

func TestMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(100)
		group := byIMEIs("g", cards)
		group.MaxAge = 10 * time.Minute
		r := newRig(t, simulator.New(cards), true, []Group{group})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		start := float64(time.Now().Unix())
		for range 10 { // the answers are 9m58s old at the last
			got := r.scrape(t, 10*time.Second)
			expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1, oldestAnswer: start + 1})
			if n := count(got, "simcard_found"); n != 100 {
				t.Errorf("%d cards, want 100", n)
			}
			pass(time.Minute)
		}
		if n := r.sim.Counters().Requests; n != 5 {
			t.Errorf("%d requests for ten scrapes within max_age, want 5", n)
		}
		pass(5 * time.Second)
		second := float64(time.Now().Unix())
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="g"}`: 1, oldestAnswer: second + 1})
		if n := r.sim.Counters().Requests; n != 10 {
			t.Errorf("%d requests after max_age, want 10", n)
		}
	})
}

// While the platform is down, answers are served for stale_if_error beyond
// max_age, and simcard_up is 0 from the first refresh that fails.
func TestStaleIfError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := byIMEIs("g", cards)
		group.MaxAge, group.StaleIfError = 5*time.Minute, 30*time.Minute
		r := newRig(t, simulator.New(cards), true, []Group{group})
		start := float64(time.Now().Unix())
		r.scrape(t, 10*time.Second)
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		for minute := 1; minute < 40; minute++ {
			pass(time.Minute)
			got := r.scrape(t, 10*time.Second)
			up, cards := 1., 20
			if minute >= 5 {
				up = 0
			}
			if minute > 35 {
				cards = 0
			}
			expect(t, got, map[string]float64{
				`simcard_up{group="g"}`:                   up,
				`simcard_group_batches_failed{group="g"}`: 1 - up,
				oldestAnswer: start, // also when it is too old to be served
			})
			if n := count(got, "simcard_balance_bytes"); n != cards {
				t.Errorf("minute %d: %d cards, want %d", minute, n, cards)
			}
		}
		r.sim.SetBehaviour(simulator.Behaviour{})
		pass(time.Minute)
		now := float64(time.Now().Unix())
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{`simcard_up{group="g"}`: 1, oldestAnswer: now})
	})
}

// A fleet that needs 45 s is covered whatever the timeout, and stays fresh.
func TestSlowSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 45)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)}, func(s *Settings) { s.Concurrency = 1 })
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		for scrape := range 20 {
			start := time.Now()
			got := r.scrape(t, 10*time.Second)
			up, cards := 1., len(cards)
			if scrape == 0 {
				up, cards = 0, 9*20
			}
			expect(t, got, map[string]float64{`simcard_up{group="g"}`: up})
			if n := count(got, "simcard_found"); n != cards {
				t.Errorf("scrape %d: %d cards of %d", scrape, n, cards)
			}
			if age := float64(start.Unix()) - got[oldestAnswer]; scrape > 0 && age > 90 {
				t.Errorf("scrape %d: the oldest answer is %v s old", scrape, age)
			}
			pass(time.Minute - time.Since(start))
		}
	})
}

// A reload between keeps what is fresh and asks for what is new.
func TestMaxAgeAcrossLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		group := byIMEIs("g", cards[:40])
		group.MaxAge = time.Hour
		r := newRig(t, simulator.New(cards), true, []Group{group})
		r.scrape(t, 10*time.Second)
		pass(time.Minute)
		group.Cards = byIMEIs("", slices.Concat(cards[5:25], cards[50:], cards[25:40])).Cards
		r.reload([]Group{group})
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.HTML})
		got := r.scrape(t, 10*time.Second)
		if n := count(got, "simcard_found"); n != 35 {
			t.Errorf("%d cards while the platform is down, want the 35 that stayed", n)
		}
		r.sim.SetBehaviour(simulator.Behaviour{})
		r.sim.ResetCounters()
		got = r.scrape(t, 10*time.Second)
		if n := count(got, "simcard_found"); n != 45 {
			t.Errorf("%d cards, want 45", n)
		}
		if n := r.sim.Counters().Requests; n != 1 {
			t.Errorf("%d requests, want that of the batch with new cards", n)
		}
	})
}

func TestPickGroups(t *testing.T) {
	cards := simulator.Fleet(60)
	groups := []Group{byIMEIs("a", cards[:20]), byIMEIs("b", cards[20:40]), byIMEIs("c d", cards[40:])}
	for i := range groups {
		groups[i].MaxAge = 0 // each scrape asks
	}
	r := newRig(t, simulator.New(cards), false, groups)
	get := func(query string) (int, string) {
		recorder := httptest.NewRecorder()
		r.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics?"+query, nil))
		return recorder.Code, recorder.Body.String()
	}
	for query, want := range map[string]int{"group=a": 20, "group=a&group=c+d": 40, "group=b&group=b": 20, "": 60,
		"exclude_group=a": 40, "exclude_group=a&exclude_group=b": 20, "group=a&group=b&exclude_group=b": 20} {
		r.sim.ResetCounters()
		status, text := get(query)
		got := parse(t, text)
		if n := count(got, "simcard_found"); status != http.StatusOK || n != want || count(got, "simcard_up") != want/20 || r.sim.Counters().Requests != want/20 {
			t.Errorf("%q: status %d, %d cards, %v", query, status, n, r.sim.Counters())
		}
		_, own := got["simcard_exporter_requests_in_flight"]
		if own == strings.HasPrefix(query, "group=") {
			t.Errorf("%q: the exporter's own metrics are there: %t", query, own)
		}
	}
	for _, query := range []string{"group=z", "group=a&group=z", "group=", "exclude_group=z"} {
		r.sim.ResetCounters()
		status, text := get(query)
		if status != http.StatusBadRequest || r.sim.Counters().Requests != 0 {
			t.Errorf("%q: status %d, %d requests", query, status, r.sim.Counters().Requests)
		}
		if query == "group=z" && text != `unknown group "z", there are: a, b, c d`+"\n" {
			t.Errorf("%q: %s", query, text)
		}
	}
}

func TestShards(t *testing.T) {
	cards := simulator.Fleet(3000)
	groups := []Group{byIMEIs("a", cards[:2000]), byICCIDs("b", cards[2000:])}
	keys := func(shard Shard) map[string]*card {
		return newFleet(nil, Settings{Shard: shard}, groups, nil).cards
	}
	owner := func(n int) map[string]int {
		owners := make(map[string]int)
		for i := range n {
			mine := keys(Shard{i, n})
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
	three, four := owner(3), owner(4)
	if len(three) != 3000 || len(four) != 3000 || !maps.Equal(owner(1), owner(1)) {
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

	sim := simulator.New(cards)
	found := 0
	for i := range 3 {
		r := newRig(t, sim, false, groups, func(s *Settings) { s.Shard = Shard{i, 3} })
		got := r.scrape(t, 30*time.Second)
		checkTruth(t, sim, got)
		found += count(got, "simcard_found")
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
