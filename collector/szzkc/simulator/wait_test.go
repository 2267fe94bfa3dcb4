package simulator

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLatency(t *testing.T) {
	plain, live := `{"imeis":"352019040635785"}`, `{"imeis":"352019040635785","update":true}`
	tests := map[string]struct {
		behaviour Behaviour
		body      string
		min, max  time.Duration
	}{
		"none":               {behaviour: Behaviour{}, body: plain},
		"all":                {behaviour: Behaviour{Latency: time.Second}, body: plain, min: time.Second, max: time.Second},
		"live like others":   {behaviour: Behaviour{Latency: time.Second}, body: live, min: time.Second, max: time.Second},
		"live":               {behaviour: Behaviour{Latency: time.Second, LiveLatency: time.Minute}, body: live, min: time.Minute, max: time.Minute},
		"not live":           {behaviour: Behaviour{Latency: time.Second, LiveLatency: time.Minute}, body: plain, min: time.Second, max: time.Second},
		"jitter":             {behaviour: Behaviour{Latency: time.Second, Jitter: time.Second}, body: plain, min: time.Second, max: 2 * time.Second},
		"faults":             {behaviour: Behaviour{Latency: time.Second, Fault: ServerError}, body: plain, min: time.Second, max: time.Second},
		"broken rules":       {behaviour: Behaviour{Latency: time.Second}, body: `{}`, min: time.Second, max: time.Second},
		"jitter of its own":  {behaviour: Behaviour{Jitter: time.Second}, body: plain, max: time.Second},
		"jitter of the live": {behaviour: Behaviour{LiveLatency: time.Hour, Jitter: time.Second}, body: live, min: time.Hour, max: time.Hour + time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := New(PageCards())
				sim.SetBehaviour(test.behaviour)
				start := time.Now()
				record(t.Context(), sim, test.body)
				if took := time.Since(start); took < test.min || took > test.max {
					t.Errorf("took %v, want %v to %v", took, test.min, test.max)
				}
			})
		})
	}
}

func TestLatencyEndsWithTheBehaviour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := New(PageCards())
		sim.SetBehaviour(Behaviour{Latency: time.Hour, Fault: NoState})
		start := time.Now()
		answer := make(chan string)
		go func() { answer <- record(t.Context(), sim, `{"imeis":"352019040635785"}`).Body.String() }()
		synctest.Wait()
		sim.SetBehaviour(Behaviour{})
		// Only the latency ends: the fault is that of the old behaviour.
		if got := <-answer; got != "{}" {
			t.Errorf("got %s", got)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}

func TestLatencyEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := New(PageCards())
		sim.SetBehaviour(Behaviour{Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		answer := record(ctx, sim, `{"imeis":"352019040635785"}`)
		if took := time.Since(start); took != time.Minute || answer.Body.Len() != 0 {
			t.Errorf("took %v, answered %q", took, answer.Body)
		}
		if got := sim.Counters().InFlight; got != 0 {
			t.Errorf("%d in flight", got)
		}
	})
}

// hangAll makes every request hang. The function that it returns waits until n more
// requests have arrived.
func hangAll(sim *Simulator) (waitForArrivals func(n int)) {
	arrivals := make(chan struct{})
	sim.SetBehaviour(Behaviour{Fault: Hang, Only: func([]string) bool {
		arrivals <- struct{}{}
		return true
	}})
	return func(n int) {
		for range n {
			<-arrivals
		}
	}
}

func TestHangEndsWithTheBehaviour(t *testing.T) {
	sim, server := serve(t)
	waitForArrivals := hangAll(sim)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			checkBody(t, query(t, server, "352019040635785"), holding(first))
		})
	}
	waitForArrivals(3)
	if got := sim.Counters(); got.InFlight != 3 || got.MaxInFlight != 3 {
		t.Errorf("while they hang %d are in flight, at most %d", got.InFlight, got.MaxInFlight)
	}
	sim.ResetCounters()
	sim.SetBehaviour(Behaviour{})
	group.Wait()
	query(t, server, "352019040635785")
	if got := sim.Counters(); got.InFlight != 0 || got.MaxInFlight > 4 || got.MaxInFlight < 3 {
		t.Errorf("afterwards %d are in flight, at most %d", got.InFlight, got.MaxInFlight)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	sim, server := serve(t)
	waitForArrivals := hangAll(sim)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(`{"imeis":"352019040635785"}`))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		if response, err := server.Client().Do(request); err == nil {
			_ = response.Body.Close()
			t.Error("a hanging request was answered")
		}
	})
	waitForArrivals(1)
	cancel()
	group.Wait()
	server.Close() // waits for the handler
	if got := sim.Counters(); got.InFlight != 0 || got.ByFault[Hang] != 1 {
		t.Errorf("counted %+v", got)
	}
}
