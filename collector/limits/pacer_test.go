package limits

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// waits returns after how long each of n requests may be sent.
func waits(t *testing.T, p *Pacer, n int) (after []time.Duration) {
	start := time.Now()
	for range n {
		if !p.Wait(t.Context(), nil) {
			t.Fatal("not to be sent")
		}
		after = append(after, time.Since(start))
	}
	return after
}

func TestPacer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer()
		if got := waits(t, p, 100); got[99] != 0 {
			t.Errorf("without a limit %v", got[99])
		}
		p.Set(2)
		if got := waits(t, p, 5); got[4]-got[0] != 2*time.Second {
			t.Errorf("5 requests at 2 a second came in %v", got[4]-got[0])
		}
		p.Set(0)
		p.Pause(10 * time.Second)
		p.Pause(3 * time.Second) // does not shorten the other
		if got := waits(t, p, 2); got[0] != 10*time.Second || got[1] != 10*time.Second {
			t.Errorf("a pause of 10 s took %v", got)
		}
		p.Pause(time.Hour)
		if got := waits(t, p, 1); got[0] != maxPause {
			t.Errorf("a pause of an hour took %v", got)
		}
	})
}

// Another limit, or a pause, holds for those that wait already.
func TestPacerChangesForThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer()
		p.Set(.001)
		waits(t, p, 1)
		start := time.Now()
		var waiting sync.WaitGroup
		waiting.Go(func() { waits(t, p, 1) })
		synctest.Wait()
		p.Set(.5)
		synctest.Wait()
		p.Pause(30 * time.Second)
		waiting.Wait()
		if took := time.Since(start); took < 30*time.Second || took > 33*time.Second {
			t.Errorf("took %v, want the pause", took)
		}
	})
}

func TestPacerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer()
		p.Pause(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if p.Wait(ctx, nil) {
			t.Error("sent after all")
		}
	})
}

// However often the same limit is set, those that wait lose nothing.
func TestPacerSetAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer()
		p.Set(1)
		start := time.Now()
		var waiting sync.WaitGroup
		for range 16 {
			waiting.Go(func() { waits(t, p, 1) })
		}
		for range 5 {
			<-time.After(time.Second)
			p.Set(1)
		}
		waiting.Wait()
		if took := time.Since(start); took > 17*time.Second {
			t.Errorf("16 requests at one a second took %v", took)
		}
	})
}

// Waiting ends when it is known that the request will not be sent.
func TestPacerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer()
		p.Pause(time.Minute)
		stop := make(chan struct{})
		start := time.Now()
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() {
				if p.Wait(t.Context(), stop) {
					t.Error("sent after all")
				}
			})
		}
		synctest.Wait()
		close(stop)
		waiting.Wait()
		if took := time.Since(start); took > 0 {
			t.Errorf("waited %v", took)
		}
	})
}
