package collector

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// printedOfOne is how many violations of one invariant are printed.
const printedOfOne = 3

// violations reports what should not have been, and when.
type violations struct {
	t       *testing.T
	seed    uint64
	epoch   time.Time
	weather *weather

	mu      sync.Mutex // guards what follows
	counts  map[string]int
	printed int
}

// violate reports that an invariant was violated now.
func (v *violations) violate(invariant, format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.counts[invariant]++
	if v.counts[invariant] > printedOfOne {
		v.t.Fail()
		return
	}
	v.printed++
	v.t.Errorf("seed %d at %s, %s: %s: %s", v.seed, v.clock(time.Now()), v.weather.now.Load().name, invariant, fmt.Sprintf(format, args...))
}

func (v *violations) tooMany() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.printed >= *operationErrors
}

// clock writes a simulated time as days and the time of the day.
func (v *violations) clock(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	since := at.Sub(v.epoch)
	return fmt.Sprintf("day %d %s", since/(24*time.Hour), time.Time{}.Add(since).Format("15:04:05.000"))
}
