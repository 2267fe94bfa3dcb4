package collector

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// countedSpan is how long the tests that count requests scrape: half of the span, in
// whole hours, which the periods of all groups divide.
func countedSpan() time.Duration { return max(time.Hour, (*operationSpan / 2).Truncate(time.Hour)) }

// TestCalmSpan scrapes for some calm hours. The requests must be no more than
// --config.check predicts for a day, in proportion, and at most 2 % fewer. Requests
// for cards in quarantine are not part of the plan, so they are not counted, nor is
// the first hour, in which these cards are found.
func TestCalmSpan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const warmUp = time.Hour
		random := rand.New(rand.NewPCG(1, 1))
		w := newWeather(1, random)
		w.fast, w.live = span{least: 500 * time.Millisecond, most: 1500 * time.Millisecond}, span{least: 8 * time.Second, most: 16 * time.Second}
		v := &violations{t: t, epoch: time.Now(), weather: w, counts: make(map[string]int)}
		x := newTruth(v, w, Settings{Timeout: 20 * time.Second, Concurrency: 4, MaxRetries: 2}, random)
		// Half a minute below a multiple of the interval: right at it, the
		// latency would decide how many scrapes find a batch due.
		x.groups[terminals].MaxAge = 30 * time.Second
		x.groups[liveCards].MaxAge = 9*time.Minute + 30*time.Second
		x.groups[pickyCards].MaxAge = 59*time.Minute + 30*time.Second
		sim := simulator.New(x.platformCards())
		sim.SetBehaviour(w.behaviour(x))
		env := &testEnv{sim: sim, client: recordedPlatform(t, x, sim), settings: x.settings}
		env.start(t, x.configured())

		start := time.Now()
		for next := start; next.Before(start.Add(warmUp + countedSpan())); next = next.Add(time.Minute) {
			<-time.After(time.Until(next))
			env.scrape(t)
			if next.Before(start.Add(warmUp)) {
				x.takeSeveral()
			}
		}
		<-time.After(time.Minute) // for requests that no scrape waits for
		several := x.takeSeveral()

		plan := plannedRequests(x.settings, x.configured()) * float64(countedSpan()) / float64(24*time.Hour)
		t.Logf("%d requests, planned are %v; %d in all, with the first hour's and those for quarantined cards", several, plan, x.arrivals)
		if n := float64(several); n > plan || n < .98*plan {
			t.Errorf("%v requests, planned are %v", n, plan)
		}
	})
}

// takeSeveral returns how many requests there were since the last call, without
// those for a single refused card.
func (x *truth) takeSeveral() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := x.several
	x.several = 0
	return n
}

// plannedRequests returns how many requests a day the plan predicts.
func plannedRequests(settings Settings, groups []Group) (n float64) {
	for _, g := range Plan(new(szzkc.Client), settings, groups).Groups {
		n += g.RequestsPerDay(testEstimate)
	}
	return n
}
