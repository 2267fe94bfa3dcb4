package simulator

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Behaviour says how the platform treats requests. The zero value is a healthy
// platform that answers at once. Its functions must be safe for concurrent use.
type Behaviour struct {
	// Latency and a random duration below Jitter delay every answer, also if it
	// is faulty.
	Latency, Jitter time.Duration
	// LiveLatency, if not 0, replaces Latency for requests with update:true.
	LiveLatency time.Duration

	// Fault hits the requests that Share and Only select.
	Fault Fault
	// Share is the fraction of requests that the fault hits; 0 means all, like 1
	// and more. Hits are spread evenly: 0.25 hits every fourth request, counted
	// from the call of [Simulator.SetBehaviour].
	Share float64
	// Only, if not nil, limits the fault to requests for whose identifiers it
	// returns true; Share counts only these. It is called before the delay.
	Only func(identifiers []string) bool
	// Draw, if not nil, replaces Fault, Share and Only. It is called once for
	// each request and returns its fault and a delay in addition to the latency.
	// A test that draws from its own seeded source can be repeated.
	Draw func(identifiers []string, live bool) (Fault, time.Duration)

	// Edit, if not nil, replaces the items of an answer after the fault; each
	// is JSON text. If it returns none, the answer is that no data was found.
	// It is called after the delay.
	Edit func(identifiers, items []string) []string

	// RetryAfter, if positive, is sent with [Throttled] and [Unavailable], in
	// seconds, rounded up.
	RetryAfter time.Duration
	// ErrorText is sent with [Rejected]; empty means "系统繁忙,请稍后再试".
	ErrorText string

	// Refuse lists identifiers that the platform refuses, in any case of their
	// letters. A batch with one of them is answered with state:false and
	// "卡号不合法". A fault that hits the batch takes precedence, unless it
	// corrupts items.
	Refuse []string

	// AlwaysCurrent sends current balances without update:true, too, instead of
	// those at the end of the previous day. It affects only cards with
	// [Card.BalanceAt].
	AlwaysCurrent bool
}

// behaviourState is a Behaviour that is or was in use. A request keeps the one that
// was in use when it arrived.
type behaviourState struct {
	Behaviour
	refused  map[string]bool // keys in upper case
	eligible atomic.Uint64   // number of requests so far that Share counts
	replaced chan struct{}   // closed by SetBehaviour
}

func newBehaviourState(b Behaviour) *behaviourState {
	refused := make(map[string]bool, len(b.Refuse))
	for _, identifier := range b.Refuse {
		refused[strings.ToUpper(identifier)] = true
	}
	return &behaviourState{Behaviour: b, refused: refused, replaced: make(chan struct{})}
}

// refuses reports whether the platform refuses one of the identifiers.
func (s *behaviourState) refuses(identifiers []string) bool {
	return len(s.refused) > 0 && slices.ContainsFunc(identifiers, func(identifier string) bool {
		return s.refused[strings.ToUpper(identifier)]
	})
}

// draw returns the fault that hits a valid request and the delay that Draw adds.
func (s *behaviourState) draw(b batch) (Fault, time.Duration) {
	if s.Draw == nil {
		return s.nextFault(b.identifiers), 0
	}
	fault, delay := s.Draw(b.identifiers, b.live)
	if fault.corruptsItems() && s.refuses(b.identifiers) {
		return None, delay
	}
	return fault, delay
}

// nextFault returns the fault that hits the next request according to Fault, Share
// and Only.
func (s *behaviourState) nextFault(identifiers []string) Fault {
	if s.Fault == None || s.Only != nil && !s.Only(identifiers) {
		return None
	}
	if s.Fault.corruptsItems() && s.refuses(identifiers) {
		return None
	}
	n := float64(s.eligible.Add(1))
	if s.Share <= 0 || s.Share >= 1 {
		return s.Fault
	}
	// Rounding leaves products such as 100×0.29 just below a whole number. The
	// tolerance is far smaller than any useful share.
	const tolerance = 1e-9
	if math.Floor(n*s.Share+tolerance) == math.Floor((n-1)*s.Share+tolerance) {
		return None
	}
	return s.Fault
}

// latency returns the delay of a request, without the one that Draw adds.
func (s *behaviourState) latency(live bool) time.Duration {
	latency := s.Latency
	if live && s.LiveLatency != 0 {
		latency = s.LiveLatency
	}
	if s.Jitter > 0 {
		latency += rand.N(s.Jitter)
	}
	return latency
}

// wait delays a request, and forever if the fault is Hang. It returns early if the
// behaviour is replaced or the client disconnects, and reports whether the client is
// still connected.
func (s *behaviourState) wait(ctx context.Context, delay time.Duration, fault Fault) bool {
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.replaced:
		case <-ctx.Done():
			return false
		}
	}
	if fault == Hang {
		select {
		case <-s.replaced:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
