package limits

import (
	"testing"
	"time"
)

// send counts n requests, each sent as soon as it may be, and returns when the last
// one was.
func send(p *Pacer, now time.Time, n int) time.Time {
	for range n {
		now = now.Add(p.Delay(now))
		p.Sent(now)
	}
	return now
}

func TestPacer(t *testing.T) {
	start := time.Unix(1e9, 0)
	for name, test := range map[string]struct {
		prepare  func(p *Pacer)
		requests int
		want     time.Duration
	}{
		"no limit":                       {prepare: func(*Pacer) {}, requests: 100, want: 0},
		"two a second":                   {prepare: func(p *Pacer) { p.Set(start, 2) }, requests: 5, want: 2 * time.Second},
		"no limit any more":              {prepare: func(p *Pacer) { p.Set(start, 2); p.Set(start, 0) }, requests: 5, want: 0},
		"a higher limit while one waits": {prepare: func(p *Pacer) { p.Set(start, .001); send(p, start, 1); p.Set(start, .5) }, requests: 1, want: 2 * time.Second},
		"a pause":                        {prepare: func(p *Pacer) { p.Pause(start, 10*time.Second) }, requests: 2, want: 10 * time.Second},
		"a pause and a shorter one":      {prepare: func(p *Pacer) { p.Pause(start, 10*time.Second); p.Pause(start, 3*time.Second) }, requests: 1, want: 10 * time.Second},
		"a pause of an hour":             {prepare: func(p *Pacer) { p.Pause(start, time.Hour) }, requests: 1, want: maxPause},
	} {
		p := NewPacer()
		test.prepare(p)
		if got := send(p, start, test.requests).Sub(start); got != test.want {
			t.Errorf("%s: the last request after %v, want %v", name, got, test.want)
		}
	}
}

// To ask, and to set the same limit again, costs those that wait nothing.
func TestPacerAskedOften(t *testing.T) {
	p := NewPacer()
	start := time.Unix(1e9, 0)
	p.Set(start, 1)
	p.Sent(start)
	for i := range 10 {
		now := start.Add(time.Duration(i) * 100 * time.Millisecond)
		p.Set(now, 1)
		if got, want := now.Add(p.Delay(now)), start.Add(time.Second); got.Sub(want).Abs() > time.Microsecond {
			t.Fatalf("to be sent %v after the first one, want %v", got.Sub(start), want.Sub(start))
		}
	}
}
