package collector

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/szzkc/simulator"
)

func TestPageCards(t *testing.T) {
	for name, group := range map[string]Group{
		"by IMEI":  byIMEIs("g", simulator.PageCards()),
		"by ICCID": byICCIDs("g", simulator.PageCards()),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, simulator.New(simulator.PageCards()), false, []Group{group})
			got := r.scrape(t, 10*time.Second)
			first := `{iccid="89860423191970454839",imei="352019040635785"}`
			second := `{iccid="89860423191970454000",imei="352019040625281"}`
			third := `{iccid="898604231919c0083314",imei="352019041648936"}`
			expect(t, got, map[string]float64{
				"simcard_status" + first:                    1,
				"simcard_status" + second:                   1,
				"simcard_status" + third:                    1,
				"simcard_balance_bytes" + first:             8505344,
				"simcard_balance_bytes" + second:            0,
				"simcard_balance_bytes" + third:             4096,
				"simcard_expiry_timestamp_seconds" + first:  1593932929,
				"simcard_expiry_timestamp_seconds" + second: 1561184984,
				"simcard_expiry_timestamp_seconds" + third:  1597485327,
				"simcard_found" + first:                     1,
				`simcard_up{group="g"}`:                     1,
			})
		})
	}
}

func TestFewestRequests(t *testing.T) {
	cards := simulator.Fleet(2000)
	group := byIMEIs("g", cards[:1000])
	group.Cards = append(group.Cards, byICCIDs("", cards[1000:]).Cards...)
	r := newRig(t, simulator.New(cards), false, []Group{group})
	got := r.scrape(t, 10*time.Second)
	asked := r.sim.Counters()
	if asked.Requests != 100 || asked.Refused != 0 || asked.LargestBatch != 20 || asked.Identifiers != 2000 {
		t.Errorf("asked %+v", asked)
	}
	expect(t, got, map[string]float64{
		`simcard_up{group="g"}`:                   1,
		`simcard_group_cards{group="g"}`:          2000,
		`simcard_group_batches{group="g"}`:        100,
		`simcard_group_batches_failed{group="g"}`: 0,
		"simcard_exporter_requests_in_flight":     0,
		"simcard_exporter_unexpected_cards_total": 0,
	})
	if n := count(got, "simcard_found"); n != 2000 {
		t.Errorf("%d cards, want 2000", n)
	}
}

// If the platform is slower than the scrape timeout, data arrives one scrape
// late, and every scraper gets it.
func TestLateAnswerIsServedByTheNextScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 15 * time.Second})

		start := time.Now()
		got := r.scrape(t, 10*time.Second)
		if took := time.Since(start); took != 9500*time.Millisecond-40*writeTime {
			t.Errorf("scrape took %v, want until its deadline", took)
		}
		expect(t, got, map[string]float64{
			`simcard_up{group="g"}`:                                    0,
			`simcard_group_batches_failed{group="g"}`:                  2,
			`simcard_group_oldest_answer_timestamp_seconds{group="g"}`: absent,
			"simcard_exporter_requests_in_flight":                      2,
		})

		pass(20 * time.Second) // another scraper, half a minute later
		got = r.scrape(t, 10*time.Second)
		expect(t, got, map[string]float64{
			`simcard_up{group="g"}`: 1,
			`simcard_group_oldest_answer_timestamp_seconds{group="g"}`: float64(start.Unix() + 15),
			`simcard_group_refresh_duration_seconds{group="g"}`:        0,
			`simcard_group_requests_total{group="g"}`:                  2,
		})
		if n := count(got, "simcard_balance_bytes"); n != len(cards) {
			t.Errorf("%d balances, want %d", n, len(cards))
		}

		// Then the answers are due, and served until newer ones come.
		pass(30 * time.Second)
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{
			`simcard_up{group="g"}`: 1,
			`simcard_group_oldest_answer_timestamp_seconds{group="g"}`: float64(start.Unix() + 15),
			`simcard_group_requests_total{group="g"}`:                  4,
		})
	})
}

func TestOverlappingScrapesShareRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		results := make([]map[string]float64, 2)
		var scrapes sync.WaitGroup
		for i := range results {
			scrapes.Go(func() { results[i] = r.scrape(t, 10*time.Second) })
		}
		scrapes.Wait()
		for _, got := range results {
			expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
		}
		if asked := r.sim.Counters(); asked.Requests != 20 || asked.MaxInFlight != 4 {
			t.Errorf("%d requests, %d in flight, want 20 and 4", asked.Requests, asked.MaxInFlight)
		}
	})
}

// What a scrape has started goes on after it, and is waited for by the next.
func TestRefreshOutlivesItsScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)}, func(s *Settings) { s.Concurrency = 2 })
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		var short, long map[string]float64
		var scrapes sync.WaitGroup
		scrapes.Go(func() { short = r.scrape(t, 2*time.Second) })
		scrapes.Go(func() { long = r.scrape(t, 10*time.Second) })
		scrapes.Wait()
		expect(t, short, map[string]float64{`simcard_up{group="g"}`: 0, `simcard_group_batches_failed{group="g"}`: 8})
		expect(t, long, map[string]float64{`simcard_up{group="g"}`: 1, `simcard_group_requests_total{group="g"}`: 10})
	})
}

// When scrapes stop, requests stop.
func TestNothingIsAskedWithoutAScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[7].IMEI}})
		r.scrape(t, 10*time.Second)
		before := r.sim.Counters().Requests
		pass(24 * time.Hour)
		if n := r.sim.Counters().Requests - before; n != 0 {
			t.Errorf("%d requests in a day without a scrape", n)
		}
	})
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(1000)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)},
			func(s *Settings) { s.RateLimit = 5 })
		expect(t, r.scrape(t, 20*time.Second), map[string]float64{`simcard_up{group="g"}`: 1})
		if asked := r.sim.Counters(); asked.MaxPerSecond > 5 || asked.Requests != 50 {
			t.Errorf("%d requests, %d in a second, want 50 and at most 5", asked.Requests, asked.MaxPerSecond)
		}
	})
}

func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour simulator.Behaviour
		retries   int
		timeout   time.Duration
		requests  int
		atLeast   time.Duration
	}{
		"backoff":                      {simulator.Behaviour{Fault: simulator.ServerError}, 2, 10 * time.Second, 3, 500 * time.Millisecond},
		"none":                         {simulator.Behaviour{Fault: simulator.ServerError}, 0, 10 * time.Second, 1, 0},
		"not what will not pass":       {simulator.Behaviour{Fault: simulator.HTML}, 2, 10 * time.Second, 1, 0},
		"as late as the platform asks": {simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: 3 * time.Second}, 2, 10 * time.Second, 3, 6 * time.Second},
		"after the scrape":             {simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute}, 2, 10 * time.Second, 3, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, simulator.New(simulator.PageCards()), true, []Group{byIMEIs("g", simulator.PageCards())},
					func(s *Settings) { s.MaxRetries = test.retries })
				r.sim.SetBehaviour(test.behaviour)
				expect(t, r.scrape(t, test.timeout), map[string]float64{`simcard_up{group="g"}`: 0})
				pass(test.atLeast)
				if asked := r.sim.Counters(); asked.Requests != test.requests {
					t.Errorf("%d requests, want %d", asked.Requests, test.requests)
				}
				r.sim.SetBehaviour(simulator.Behaviour{})
				pass(time.Minute) // for which the platform may want to be left alone
				expect(t, r.scrape(t, test.timeout), map[string]float64{
					`simcard_up{group="g"}`:                  1,
					"simcard_exporter_request_retries_total": float64(test.requests - 1),
				})
			})
		})
	}
}

// A renewal that the end of the process cancels is no failure.
func TestShutdownFailsNoBatch(t *testing.T) {
	for range 50 { // what is noticed first is a matter of chance
		synctest.Test(t, func(t *testing.T) {
			cards := simulator.Fleet(100)
			r := newRig(t, simulator.New(cards), true, nil)
			ctx, cancel := context.WithCancel(t.Context())
			c := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			c.Load(r.client, r.settings, []Group{byIMEIs("g", cards)}, SamePlatform)
			var running sync.WaitGroup
			running.Go(func() { c.Run(ctx) })
			scrape := func() int {
				s, err := c.Scrape(t.Context(), time.Now().Add(10*time.Second), Selection{})
				if err != nil {
					t.Fatal(err)
				}
				return s.Groups[0].BatchesFailed
			}
			scrape()
			r.sim.SetBehaviour(simulator.Behaviour{Latency: 5 * time.Second})
			pass(time.Minute)
			failed := make(chan int)
			go func() { failed <- scrape() }()
			pass(time.Second)
			cancel()
			if n := <-failed; n != 0 {
				t.Errorf("%d batches failed, want none", n)
			}
			running.Wait()
		})
	}
}
