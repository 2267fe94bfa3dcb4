package simulator

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCounters(t *testing.T) {
	sim, server := serve(t)
	sim.SetClock(func() time.Time { return time.Unix(0, 0) })
	query(t, server, pageIMEIs()...)
	query(t, server, "352019040635785", "89860423191970454839")
	query(t, server, strings.Split(strings.Repeat("352019040635785,", 20)+"1", ",")...)
	send(t, server, http.MethodPost, `{"imeis":"352019040635785","update":true}`)
	send(t, server, http.MethodPost, `nonsense`)
	send(t, server, http.MethodGet, ``)
	sim.SetBehaviour(Behaviour{Fault: Empty})
	query(t, server, pageIMEIs()...)
	sim.SetBehaviour(Behaviour{Fault: HTML, Share: 0.5})
	query(t, server, pageIMEIs()...)
	query(t, server, pageIMEIs()...)

	want := Counters{
		Requests:     9,
		LiveRequests: 1,
		Identifiers:  3 + 2 + 21 + 1 + 3*3,
		LargestBatch: 21,
		Violations:   4,
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
		t.Error("a change of the returned map changes the simulator's")
	}
	sim.ResetCounters()
	if got := sim.Counters(); !reflect.DeepEqual(got, Counters{}) {
		t.Errorf("after a reset %+v", got)
	}
}

func TestMaxPerSecond(t *testing.T) {
	tests := map[string]struct {
		gaps []time.Duration // before each arrival
		want int
	}{
		"one":             {gaps: []time.Duration{0}, want: 1},
		"a burst":         {gaps: []time.Duration{0, 0, 0}, want: 3},
		"five a second":   {gaps: slices.Repeat([]time.Duration{200 * time.Millisecond}, 50), want: 5},
		"across a second": {gaps: []time.Duration{0, 900 * time.Millisecond, 0, 99 * time.Millisecond, 2 * time.Millisecond}, want: 4},
		"far apart":       {gaps: slices.Repeat([]time.Duration{time.Second}, 50), want: 1},
		"back in time":    {gaps: []time.Duration{0, -time.Hour, 0}, want: 3},
		"bounded":         {gaps: make([]time.Duration, maxWindow+10), want: maxWindow},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var counters tally
			now := time.Unix(0, 0)
			for _, gap := range test.gaps {
				now = now.Add(gap)
				counters.start(now)
			}
			if got := counters.snapshot().MaxPerSecond; got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
			if remembered := len(counters.arrivals); remembered > 2*maxWindow {
				t.Errorf("%d arrivals are remembered", remembered)
			}
		})
	}
}
