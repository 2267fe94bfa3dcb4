package collector

import (
	"context"
	"flag"
	"runtime"
	"sync"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

var storm = flag.Duration("storm", 0, "have TestStorm go on for so long, with 10,000 cards and a scrape a second; 0 is a small one of 3s")

// TestStorm scrapes, from two clients at once and over real connections, a
// platform of which one request in five goes wrong, with each fault in turn. No
// wrong value is served, no card is lost, and goroutines and heap are back where
// they began.
func TestStorm(t *testing.T) {
	n, lasts, every := 400, 3*time.Second, 20*time.Millisecond
	if *storm > 0 {
		n, lasts, every = 10000, *storm, time.Second
	}
	cards := simulator.Fleet(n)
	sim := simulator.New(cards)
	groups := []Group{byIMEIs("a", cards[:n/2]), byICCIDs("b", cards[n/2:])}
	groups[0].MaxAge, groups[1].MaxAge = 0, 0 // each scrape asks
	r := newRig(t, sim, false, groups,
		func(s *Settings) { s.Timeout, s.Concurrency = time.Second, 32 })
	r.scrape(t, 10*time.Second)
	goroutines, heap := resources(r)

	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	var clients sync.WaitGroup
	scrapes, served := make([]int, 2), make([]int, 2)
	for i := range scrapes {
		clients.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for ; ctx.Err() == nil; scrapes[i]++ {
				got := r.scrape(t, 2*time.Second)
				checkValues(t, sim, got)
				served[i] += count(got, "simcard_found")
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
	got := r.scrape(t, 10*time.Second)
	checkTruth(t, sim, got)
	if served := count(got, "simcard_balance_bytes"); served != n {
		t.Errorf("%d balances after it all, want %d", served, n)
	}
	goroutinesAfter, heapAfter := resources(r)
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

// resources counts goroutines and bytes of heap while all is quiet: without
// idle connections, whose goroutines come and go.
func resources(r *rig) (goroutines int, heap uint64) {
	r.client.CloseIdleConnections()
	r.log.Reset()
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
