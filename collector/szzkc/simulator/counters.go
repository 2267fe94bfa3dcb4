package simulator

import (
	"maps"
	"sync"
	"time"
)

// Counters is what a client has asked of the platform, at one moment.
type Counters struct {
	// Requests is every request that arrived; LiveRequests are those of them
	// with update:true.
	Requests, LiveRequests int
	// Identifiers is how many were asked for in all, and LargestBatch the most
	// in one request, whether or not a rule was broken.
	Identifiers, LargestBatch int

	// Refused are the requests that broke a rule of the call: method, JSON,
	// no identifiers, too many, or both kinds. TooMany and Mixed are the parts
	// of it that went by the number or by the kinds; a request that breaks both
	// rules is TooMany. What [Behaviour.Refuse] does is not in it.
	Refused, TooMany, Mixed int

	// FaultsServed is how many requests a fault hit, those included that found
	// nothing to spoil or whose client did not wait; ByFault is the same by
	// fault, and the caller's.
	FaultsServed int
	ByFault      map[Fault]int

	// InFlight is how many requests have arrived and have no answer on its way
	// yet. MaxInFlight is the most there were at once.
	InFlight, MaxInFlight int
	// MaxPerSecond is the most requests that arrived within any one second: a
	// window that slides, and holds its end but not its start. It does not
	// grow beyond 65536.
	MaxPerSecond int
}

// maxWindow bounds what the counting of requests per second remembers.
const maxWindow = 1 << 16

// tally counts. The zero value is ready.
type tally struct {
	// mu guards everything below. Nothing is done under it but counting, so
	// that it does not order requests that the platform would serve at once.
	mu       sync.Mutex
	counters Counters
	// arrivals[oldest:] are the arrivals of the last second, oldest first.
	arrivals []time.Time
	oldest   int
}

func (t *tally) arrive(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.counters
	c.Requests++
	c.InFlight++
	c.MaxInFlight = max(c.MaxInFlight, c.InFlight)

	t.arrivals = append(t.arrivals, now)
	start := now.Add(-time.Second)
	for !t.arrivals[t.oldest].After(start) || len(t.arrivals)-t.oldest > maxWindow {
		t.oldest++
	}
	c.MaxPerSecond = max(c.MaxPerSecond, len(t.arrivals)-t.oldest)
	// Moved down only once half is waste, so that an arrival costs the same
	// however many there are.
	if t.oldest > len(t.arrivals)/2 {
		t.arrivals = append(t.arrivals[:0], t.arrivals[t.oldest:]...)
		t.oldest = 0
	}
}

// read counts what a request turned out to ask for.
func (t *tally) read(b batch, broken violation, fault Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.counters
	if b.live {
		c.LiveRequests++
	}
	c.Identifiers += len(b.identifiers)
	c.LargestBatch = max(c.LargestBatch, len(b.identifiers))
	switch broken {
	case lawful:
	case tooMany:
		c.TooMany++
	case mixedKinds:
		c.Mixed++
	}
	if broken != lawful {
		c.Refused++
	}
	if fault != None {
		if c.ByFault == nil {
			c.ByFault = make(map[Fault]int)
		}
		c.FaultsServed++
		c.ByFault[fault]++
	}
}

// leave ends what arrive began.
func (t *tally) leave() {
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
	still := t.counters.InFlight
	t.counters = Counters{InFlight: still, MaxInFlight: still}
	t.arrivals, t.oldest = nil, 0
}
