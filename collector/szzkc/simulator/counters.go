package simulator

import (
	"maps"
	"sync"
	"time"
)

// Counters counts the requests to a [Simulator]. It is a copy: it does not change
// and may be changed. The zero value counts no requests.
type Counters struct {
	// Requests counts all requests, LiveRequests those with update:true.
	Requests, LiveRequests int
	// Identifiers is the total number of requested identifiers, LargestBatch
	// the maximum in one request. Both include requests that break a rule.
	Identifiers, LargestBatch int

	// Violations counts the requests that break a rule of the API: a wrong
	// method, a body that is malformed or too large, no identifiers, too many of
	// them, or a mix of IMEIs and ICCIDs. TooMany and Mixed count the last two; a
	// request that breaks both rules is in TooMany.
	Violations, TooMany, Mixed int

	// FaultsServed counts the requests that a fault hit, even if their answer
	// had no items to corrupt or their client disconnected. ByFault has the
	// same requests by fault; it is nil if there are none.
	FaultsServed int
	ByFault      map[Fault]int

	// InFlight is the number of requests that wait for their answer, MaxInFlight
	// its maximum.
	InFlight, MaxInFlight int
	// MaxPerSecond is the maximum number of requests in a sliding window of one
	// second; requests exactly one second apart do not share a window. It is at
	// most 65536.
	MaxPerSecond int
}

// maxWindow limits the arrivals that a tally remembers.
const maxWindow = 1 << 16

// tally maintains Counters. The zero value is ready for use. It is safe for
// concurrent use.
type tally struct {
	// mu guards all fields. It is held for counting only, so that requests are
	// served concurrently.
	mu       sync.Mutex
	counters Counters
	// arrivals[oldest:] are the arrivals of the last second, oldest first.
	arrivals []time.Time
	oldest   int
}

// start counts a request that arrives.
func (t *tally) start(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.counters
	c.Requests++
	c.InFlight++
	c.MaxInFlight = max(c.MaxInFlight, c.InFlight)

	t.arrivals = append(t.arrivals, now)
	windowStart := now.Add(-time.Second)
	for !t.arrivals[t.oldest].After(windowStart) || len(t.arrivals)-t.oldest > maxWindow {
		t.oldest++
	}
	c.MaxPerSecond = max(c.MaxPerSecond, len(t.arrivals)-t.oldest)
	// Compacting only if more than half is unused keeps the cost of an arrival
	// constant on average.
	if t.oldest > len(t.arrivals)/2 {
		t.arrivals = append(t.arrivals[:0], t.arrivals[t.oldest:]...)
		t.oldest = 0
	}
}

// record counts the content of a request and the fault that hits it.
func (t *tally) record(b batch, v violation, fault Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.counters
	if b.live {
		c.LiveRequests++
	}
	c.Identifiers += len(b.identifiers)
	c.LargestBatch = max(c.LargestBatch, len(b.identifiers))
	if v != valid {
		c.Violations++
	}
	switch v {
	case tooMany:
		c.TooMany++
	case mixedKinds:
		c.Mixed++
	}
	if fault != None {
		if c.ByFault == nil {
			c.ByFault = make(map[Fault]int)
		}
		c.FaultsServed++
		c.ByFault[fault]++
	}
}

// finish takes a request out of InFlight.
func (t *tally) finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counters.InFlight--
}

func (t *tally) snapshot() Counters {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counters
	c.ByFault = maps.Clone(c.ByFault)
	return c
}

func (t *tally) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	inFlight := t.counters.InFlight
	t.counters = Counters{InFlight: inFlight, MaxInFlight: inFlight}
	t.arrivals, t.oldest = nil, 0
}
