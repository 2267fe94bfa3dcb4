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

var soak = flag.Duration("soak", 2*time.Second, "how long TestSoak goes on")

// TestSoak scrapes in a loop, from two clients at once, a platform that goes
// from fault to fault. No wrong value is served, every card is there again
// after it, and goroutines and heap are back where they began.
func TestSoak(t *testing.T) {
	cards := simulator.Fleet(400)
	sim := simulator.New(cards)
	r := newRig(t, sim, false, []Group{byIMEIs("a", cards[:200]), byICCIDs("b", cards[200:])},
		func(s *Settings) { s.Timeout = time.Second })
	r.scrape(t, time.Second)
	goroutines, heap := resources(r)

	ctx, cancel := context.WithTimeout(t.Context(), *soak)
	defer cancel()
	var clients sync.WaitGroup
	scrapes := make([]int, 2)
	for i := range scrapes {
		clients.Go(func() {
			for ; ctx.Err() == nil; scrapes[i]++ {
				checkTruth(t, sim, r.scrape(t, time.Second))
			}
		})
	}
	faults := simulator.Faults()
	for i := 0; ctx.Err() == nil; i++ {
		sim.SetBehaviour(simulator.Behaviour{Fault: faults[i%len(faults)], Share: .3, RetryAfter: time.Second,
			Latency: time.Millisecond, Jitter: time.Millisecond})
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	clients.Wait()

	sim.SetBehaviour(simulator.Behaviour{})
	got := r.scrape(t, 10*time.Second)
	checkTruth(t, sim, got)
	expect(t, got, map[string]float64{`simcard_up{group="a"}`: 1, `simcard_up{group="b"}`: 1})
	if n := count(got, "simcard_balance_bytes"); n != len(cards) {
		t.Errorf("%d balances after it all, want %d", n, len(cards))
	}
	r.Wait()
	goroutinesAfter, heapAfter := resources(r)
	t.Logf("%v scrapes, %d requests; goroutines %d before and %d after; heap %d KiB before and %d KiB after",
		scrapes, sim.Counters().Requests, goroutines, goroutinesAfter, heap>>10, heapAfter>>10)
	if goroutinesAfter > goroutines {
		t.Errorf("%d goroutines, %d before", goroutinesAfter, goroutines)
	}
	if heapAfter > heap+heap/2 {
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
