package simulator

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorded asks without a network, which synctest could not see through.
func recorded(sim *Simulator, body string) string {
	recorder := httptest.NewRecorder()
	sim.ServeHTTP(recorder, httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(body)))
	return recorder.Body.String()
}

func TestCounters(t *testing.T) {
	sim, server := serve(t)
	sim.SetClock(func() time.Time { return time.Unix(0, 0) })
	ask(t, server, pageIMEIs()...)
	ask(t, server, "352019040635785", "89860423191970454839")
	ask(t, server, strings.Split(strings.Repeat("352019040635785,", 20)+"1", ",")...)
	send(t, server, http.MethodPost, `{"imeis":"352019040635785","update":true}`)
	send(t, server, http.MethodPost, `nonsense`)
	send(t, server, http.MethodGet, ``)
	sim.SetBehaviour(Behaviour{Fault: Empty})
	ask(t, server, pageIMEIs()...)
	sim.SetBehaviour(Behaviour{Fault: HTML, Share: 0.5})
	ask(t, server, pageIMEIs()...)
	ask(t, server, pageIMEIs()...)

	want := Counters{
		Requests:     9,
		LiveRequests: 1,
		Identifiers:  3 + 2 + 21 + 1 + 3*3,
		LargestBatch: 21,
		Refused:      4,
		TooMany:      1,
		Mixed:        1,
		FaultsServed: 2,
		ByFault:      map[Fault]int{Empty: 1, HTML: 1},
		MaxInFlight:  1,
		MaxPerSecond: 9,
	}
	got := sim.Counters()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got.ByFault[Reset] = 1
	if sim.Counters().ByFault[Reset] != 0 {
		t.Error("a snapshot's map is the simulator's own")
	}
	sim.ResetCounters()
	if got := sim.Counters(); !reflect.DeepEqual(got, Counters{}) {
		t.Errorf("after a reset %+v", got)
	}
}

func TestMaxPerSecond(t *testing.T) {
	tests := map[string]struct {
		gaps []time.Duration
		want int
	}{
		"one":             {[]time.Duration{0}, 1},
		"a burst":         {[]time.Duration{0, 0, 0}, 3},
		"five a second":   {repeat(200*time.Millisecond, 50), 5},
		"across a second": {[]time.Duration{0, 900 * time.Millisecond, 0, 99 * time.Millisecond, 2 * time.Millisecond}, 4},
		"far apart":       {repeat(time.Second, 50), 1},
		"back in time":    {[]time.Duration{0, -time.Hour, 0}, 3},
		"bounded":         {repeat(0, maxWindow+10), maxWindow},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var counts tally
			now := time.Unix(0, 0)
			for _, gap := range test.gaps {
				now = now.Add(gap)
				counts.start(now)
			}
			if got := counts.snapshot().MaxPerSecond; got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
			if remembered := len(counts.arrivals); remembered > 2*maxWindow {
				t.Errorf("%d arrivals are remembered", remembered)
			}
		})
	}
}

func repeat(gap time.Duration, n int) []time.Duration {
	gaps := make([]time.Duration, n)
	for i := range gaps {
		gaps[i] = gap
	}
	return gaps
}

// hangAll makes every request hang. What it returns waits until n have arrived.
func hangAll(sim *Simulator) (arrived func(n int)) {
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
	arrived := hangAll(sim)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			body(holding(first))(t, ask(t, server, "352019040635785"))
		})
	}
	arrived(3)
	if got := sim.Counters(); got.InFlight != 3 || got.MaxInFlight != 3 {
		t.Errorf("while they hang %d are in flight, at most %d", got.InFlight, got.MaxInFlight)
	}
	sim.ResetCounters()
	sim.SetBehaviour(Behaviour{})
	group.Wait()
	ask(t, server, "352019040635785")
	if got := sim.Counters(); got.InFlight != 0 || got.MaxInFlight > 4 || got.MaxInFlight < 3 {
		t.Errorf("afterwards %d are in flight, at most %d", got.InFlight, got.MaxInFlight)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	sim, server := serve(t)
	arrived := hangAll(sim)
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
	arrived(1)
	cancel()
	group.Wait()
	server.Close() // returns once the handler has
	if got := sim.Counters(); got.InFlight != 0 || got.ByFault[Hang] != 1 {
		t.Errorf("counted %+v", got)
	}
}

func TestLatencyEndsWithTheBehaviour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := New(PageCards())
		sim.SetBehaviour(Behaviour{Latency: time.Hour, Fault: NoState})
		start := time.Now()
		answer := make(chan string)
		go func() { answer <- recorded(sim, `{"imeis":"352019040635785"}`) }()
		synctest.Wait()
		sim.SetBehaviour(Behaviour{})
		// The request keeps the rest of the behaviour that it arrived under.
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
		recorder := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(`{"imeis":"352019040635785"}`))
		start := time.Now()
		sim.ServeHTTP(recorder, request)
		if took := time.Since(start); took != time.Minute || recorder.Body.Len() != 0 {
			t.Errorf("took %v, answered %q", took, recorder.Body)
		}
		if got := sim.Counters().InFlight; got != 0 {
			t.Errorf("%d in flight", got)
		}
	})
}
