package collector

import (
	"context"
	"flag"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

var stress = flag.Duration("stress", 0, "how long TestStress goes on, with 10,000 cards and a scrape a second; 0 is 1s with 400 cards")

// TestStress scrapes, from two clients at once and over real connections, a
// platform of which one request in five goes wrong, with each fault in turn. No
// wrong value is served, no card is lost, and goroutines and heap are back where
// they began.
func TestStress(t *testing.T) {
	n, lasts, every := 400, time.Second, 20*time.Millisecond
	if *stress > 0 {
		n, lasts, every = 10000, *stress, time.Second
	}
	cards := simulator.Fleet(n)
	sim := simulator.New(cards)
	groups := []Group{testGroup("a", byIMEI, cards[:n/2]), testGroup("b", byICCID, cards[n/2:])}
	groups[0].MaxAge, groups[1].MaxAge = 0, 0 // each scrape asks
	env := newTestEnvOverTCP(t, sim, groups,
		func(s *Settings) { s.Timeout, s.Concurrency = time.Second, 32 })
	env.scrape(t)
	goroutines, heap := resources(env)

	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	var clients sync.WaitGroup
	scrapes, served := make([]int, 2), make([]int, 2)
	for i := range scrapes {
		clients.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for ; ctx.Err() == nil; scrapes[i]++ {
				got := env.scrapeFor(t, 2*time.Second)
				checkValues(t, sim, got)
				served[i] += countSeries(got, "found")
				<-tick.C
			}
		})
	}
	faults := simulator.Faults()
	for i := 0; ctx.Err() == nil; i++ {
		sim.SetBehaviour(simulator.Behaviour{Fault: faults[i%len(faults)], Share: .2, RetryAfter: time.Second,
			Latency: 2 * time.Millisecond, Jitter: 2 * time.Millisecond})
		select {
		case <-time.After(lasts / time.Duration(2*len(faults))): // each fault twice
		case <-ctx.Done():
		}
	}
	clients.Wait()

	sim.SetBehaviour(simulator.Behaviour{})
	got := env.scrape(t)
	checkTruth(t, sim, got)
	if served := countSeries(got, "simcard_balance_bytes"); served != n {
		t.Errorf("%d balances after it all, want %d", served, n)
	}
	goroutinesAfter, heapAfter := resources(env)
	t.Logf("%v scrapes, %v cards served; %d requests, of which %d went wrong; goroutines %d before and %d after; heap %d KiB before and %d KiB after",
		scrapes, served, sim.Counters().Requests, sim.Counters().FaultsServed,
		goroutines, goroutinesAfter, heap>>10, heapAfter>>10)
	if goroutinesAfter > goroutines {
		t.Errorf("%d goroutines, %d before", goroutinesAfter, goroutines)
	}
	if heapAfter > heap+heap/2+1<<20 {
		t.Errorf("%d bytes of heap, %d before", heapAfter, heap)
	}
}

// resources counts goroutines and bytes of heap at rest, without idle
// connections, whose goroutines come and go.
func resources(env *testEnv) (goroutines int, heap uint64) {
	env.client.CloseIdleConnections()
	env.log.Reset()
	var m runtime.MemStats
	least := 1 << 30
	for range 50 { // connections that were closed take a moment to end
		runtime.Gosched()
		runtime.GC()
		least = min(least, runtime.NumGoroutine())
	}
	runtime.ReadMemStats(&m)
	return least, m.HeapAlloc
}

// Loads, scrapes and answers overlap. The race detector watches.
func TestLoadsRaceWithScrapes(t *testing.T) {
	cards := simulator.Fleet(400)
	group := testGroup("g", byIMEI, cards)
	group.MaxAge = 0
	env := newTestEnvOverTCP(t, simulator.New(cards), []Group{group}, func(s *Settings) { s.Concurrency, s.MaxRetries = 8, 0 })
	env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Share: .5})
	var scrapes sync.WaitGroup
	for range 2 {
		scrapes.Go(func() {
			for range 15 {
				env.scrapeFor(t, time.Second)
			}
		})
	}
	for i := range 40 {
		moved := group
		moved.Cards = slices.Concat(group.Cards[i%20:], group.Cards[:i%20])
		env.load([]Change{SamePlatform, SamePlatform, AnotherAccount, AnotherPlatform}[i%4], moved)
	}
	scrapes.Wait()
}
