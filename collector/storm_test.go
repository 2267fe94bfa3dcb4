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

// TestStorm scrapes, from two clients at once, a platform of which one request
// in five goes wrong, with each fault in turn. No wrong value is served, every
// card is fresh again with the second scrape after it at the latest, and
// goroutines and heap are back where they began.
func TestStorm(t *testing.T) {
	n, lasts, every := 400, 3*time.Second, 20*time.Millisecond
	if *storm > 0 {
		n, lasts, every = 10000, *storm, time.Second
	}
	cards := simulator.Fleet(n)
	sim := simulator.New(cards)
	r := newRig(t, sim, false, []Group{byIMEIs("a", cards[:n/2]), byICCIDs("b", cards[n/2:])},
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

	splits := checkCalm(t, r, n)
	r.Wait()
	goroutinesAfter, heapAfter := resources(r)
	t.Logf("%v scrapes, %v cards served; %d requests, of which %d went wrong, %v splits; goroutines %d before and %d after; heap %d KiB before and %d KiB after",
		scrapes, served, sim.Counters().Requests, sim.Counters().FaultsServed, splits,
		goroutines, goroutinesAfter, heap>>10, heapAfter>>10)
	if goroutinesAfter > goroutines {
		t.Errorf("%d goroutines, %d before", goroutinesAfter, goroutines)
	}
	if heapAfter > heap+heap/2+1<<20 {
		t.Errorf("%d bytes of heap, %d before", heapAfter, heap)
	}
}

// checkCalm checks that all is well after a storm, and returns how many
// batches it has had split.
func checkCalm(t *testing.T, r *rig, cards int) (splits float64) {
	t.Helper()
	r.sim.SetBehaviour(simulator.Behaviour{})
	end := float64(time.Now().Unix())
	r.scrape(t, 10*time.Second)
	got := r.scrape(t, 10*time.Second)
	checkTruth(t, r.sim, got)
	for _, g := range []string{"a", "b"} {
		expect(t, got, map[string]float64{`simcard_up{group="` + g + `"}`: 1})
		if oldest := got[`simcard_group_oldest_answer_timestamp_seconds{group="`+g+`"}`]; oldest < end {
			t.Errorf("group %s: the oldest answer is of %v s before the storm's end", g, end-oldest)
		}
	}
	if fresh := count(got, "simcard_balance_bytes"); fresh != cards {
		t.Errorf("%d balances after it all, want %d", fresh, cards)
	}
	return got["simcard_exporter_batch_splits_total"]
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
