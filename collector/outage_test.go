package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

const available = "simcard_exporter_platform_available"

// While the platform is down it is asked less than in health, and it is asked
// for everything again soon after.
func TestOutageDrawsFewRequests(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour simulator.Behaviour
		dark      int // scrapes after the end that are not whole
	}{
		"5xx":                  {behaviour: simulator.Behaviour{Fault: simulator.ServerError}, dark: 2},
		"timeout":              {behaviour: simulator.Behaviour{Fault: simulator.Hang}, dark: 2},
		"maintenance page":     {behaviour: simulator.Behaviour{Fault: simulator.HTML}, dark: 2},
		"refusals":             {behaviour: simulator.Behaviour{Fault: simulator.Rejected}, dark: 2},
		"429":                  {behaviour: simulator.Behaviour{Fault: simulator.Throttled}, dark: 2},
		"429 with Retry-After": {behaviour: simulator.Behaviour{Fault: simulator.Throttled, RetryAfter: time.Minute}, dark: 3},
		"503 with Retry-After": {behaviour: simulator.Behaviour{Fault: simulator.Unavailable, RetryAfter: time.Minute}, dark: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const batches = 100
				cards := simulator.Fleet(20 * batches)
				group := byIMEIs("g", cards)
				group.MaxAge = 12 * time.Hour
				r := newRig(t, simulator.New(cards), true, []Group{group})
				test.behaviour.Latency = time.Second
				r.sim.SetBehaviour(test.behaviour)

				requests := hourOfOutage(t, r, batches)
				first, rest := sum(requests[:3]), sum(requests[3:])
				if first > 60 {
					t.Errorf("%d requests until the outage was noticed, want at most 60", first)
				}
				if rest > 57 {
					t.Errorf("%d requests in the other 57 minutes, want a probe a minute", rest)
				}
				if n := slices.Max(requests); test.behaviour.RetryAfter > 0 && n > r.settings.Concurrency {
					t.Errorf("%d requests within a minute of a platform that asks for a minute's pause, want at most %d", n, r.settings.Concurrency)
				}

				r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
				r.sim.ResetCounters()
				dark := darkMinutes(t, r, len(cards))
				n := r.sim.Counters().Requests
				t.Logf("%d requests in the hour, %d of them in its first three minutes; dark for %d scrapes after it, which took %d requests for %d batches",
					first+rest, first, dark, n, batches)
				if dark > test.dark {
					t.Errorf("dark for %d scrapes after the outage, want at most %d", dark, test.dark)
				}
				if n > batches*11/10 {
					t.Errorf("%d requests after the outage, want hardly more than the %d batches", n, batches)
				}
			})
		})
	}
}

// hourOfOutage scrapes for an hour and returns how many requests each minute drew.
func hourOfOutage(t *testing.T, r *rig, batches int) (requests []int) {
	t.Helper()
	var got map[string]float64
	for range 60 {
		before := r.sim.Counters().Requests
		eachMinute(1, func(int) { got = r.scrape(t, 10*time.Second) })
		requests = append(requests, r.sim.Counters().Requests-before)
	}
	expect(t, got, map[string]float64{
		available:               0,
		`simcard_up{group="g"}`: 0,
		`simcard_group_batches_failed{group="g"}`: float64(batches),
	})
	wantCards(t, got, 0)
	return requests
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}

// darkMinutes scrapes, once a minute for at most a day, until so many cards are
// served, and returns how many scrapes had fewer.
func darkMinutes(t *testing.T, r *rig, cards int) (dark int) {
	t.Helper()
	whole := false
	for dark = 0; dark < 24*60; dark++ {
		eachMinute(1, func(int) { whole = count(r.scrape(t, 10*time.Second), "simcard_found") == cards })
		if whole {
			return dark
		}
	}
	return dark
}

// However often it is scraped, and by however many, an outage draws one request
// in ten seconds, and the first answer ends it.
func TestProbesAreTenSecondsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		r := newRig(t, simulator.New(cards), true, []Group{byIMEIs("g", cards)})
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Latency: 100 * time.Millisecond})
		scrapeOften := func(scrapes int) (last map[string]float64) {
			for range scrapes {
				next := time.Now().Add(3 * time.Second)
				last = r.scrape(t, 2*time.Second)
				pass(time.Until(next))
			}
			return last
		}
		scrapeOften(20)
		r.sim.ResetCounters()
		expect(t, scrapeOften(200), map[string]float64{available: 0, `simcard_up{group="g"}`: 0})
		if n := r.sim.Counters().Requests; n > 61 || n < 30 {
			t.Errorf("%d requests in ten minutes, want one in ten seconds", n)
		}
		r.sim.SetBehaviour(simulator.Behaviour{Latency: 100 * time.Millisecond})
		got := scrapeOften(10)
		expect(t, got, map[string]float64{available: 1, `simcard_up{group="g"}`: 1})
		wantCards(t, got, 200)
	})
}
