package simulator

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"
)

// Behaviour is how the platform treats requests. The zero value is a healthy
// platform that answers at once.
type Behaviour struct {
	// Every answer, faults included, is delayed by Latency and a random time
	// below Jitter.
	Latency, Jitter time.Duration
	// LiveLatency, if not 0, takes the place of Latency for requests with
	// update:true.
	LiveLatency time.Duration

	// Fault is what goes wrong.
	Fault Fault
	// Share of the requests that the fault hits: 0, and 1 or more, mean all.
	// It is spread evenly and not at random: 0.25 hits every fourth request,
	// counted from when the behaviour was set.
	Share float64
	// Only, if not nil, confines the fault, and what Share is a share of, to
	// requests whose identifiers it returns true for. It must be safe for
	// concurrent use, and is called before the answer is delayed.
	Only func(identifiers []string) bool
	// Draw, if not nil, takes the place of Fault, Share and Only: it is called
	// once for each request, and returns the fault that hits it and a delay
	// that is added to its latency. It must be safe for concurrent use. What
	// it draws from is its own concern, so that a test can be replayed.
	Draw func(identifiers []string, live bool) (Fault, time.Duration)

	// Edit, if not nil, replaces the items of an answer, after the fault has
	// spoilt them: each is one JSON text. With none left the answer is that no
	// data was found. It must be safe for concurrent use, and is called when
	// the answer goes out.
	Edit func(identifiers, items []string) []string

	// RetryAfter is sent with [Throttled] and [Unavailable] if above 0, in
	// seconds, rounded up.
	RetryAfter time.Duration
	// ErrorText is sent with [Rejected]; empty means "系统繁忙,请稍后再试".
	ErrorText string

	// Refuse holds identifiers that spoil every batch they are in: it is
	// answered with state:false and "卡号不合法". Case does not matter. A fault
	// that hits such a batch comes first, unless it needs cards to spoil.
	Refuse []string

	// AlwaysCurrent answers requests without update:true with the balances of
	// the moment too, where the platform has them as of the end of the
	// previous day. It concerns cards with [Card.BalanceAt] alone.
	AlwaysCurrent bool
}

// regime is a behaviour in force. A request keeps the one it arrived under.
type regime struct {
	Behaviour
	refused map[string]bool // keys in upper case
	matched atomic.Uint64   // requests that the fault could hit
	changed chan struct{}   // closed when another regime follows
}

func newRegime(b Behaviour) *regime {
	refused := make(map[string]bool, len(b.Refuse))
	for _, identifier := range b.Refuse {
		refused[strings.ToUpper(identifier)] = true
	}
	return &regime{Behaviour: b, refused: refused, changed: make(chan struct{})}
}

func (g *regime) refuses(identifiers []string) bool {
	if len(g.refused) == 0 {
		return false
	}
	for _, identifier := range identifiers {
		if g.refused[strings.ToUpper(identifier)] {
			return true
		}
	}
	return false
}

// draw is the fault that hits the next request, and how much longer than usual
// its answer takes.
func (g *regime) draw(b batch) (Fault, time.Duration) {
	if g.Draw == nil {
		return g.next(b.identifiers), 0
	}
	fault, delay := g.Draw(b.identifiers, b.live)
	if fault.spoilsItems() && g.refuses(b.identifiers) {
		return None, delay
	}
	return fault, delay
}

// next is the fault that hits the next request.
func (g *regime) next(identifiers []string) Fault {
	if g.Fault == None || g.Only != nil && !g.Only(identifiers) {
		return None
	}
	if g.Fault.spoilsItems() && g.refuses(identifiers) {
		return None
	}
	n := float64(g.matched.Add(1))
	if g.Share <= 0 || g.Share >= 1 {
		return g.Fault
	}
	// Products such as 100×0.29 fall just short of the whole number they
	// mean; the addend is far below any share worth asking for.
	const slack = 1e-9
	if math.Floor(n*g.Share+slack) == math.Floor((n-1)*g.Share+slack) {
		return None
	}
	return g.Fault
}

func (g *regime) delay(live bool) time.Duration {
	delay := g.Latency
	if live && g.LiveLatency != 0 {
		delay = g.LiveLatency
	}
	if g.Jitter > 0 {
		delay += rand.N(g.Jitter)
	}
	return delay
}

// hold keeps a request waiting for as long as its regime says. It returns false
// if the client went away meanwhile.
func (g *regime) hold(ctx context.Context, delay time.Duration, fault Fault) bool {
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-g.changed:
		case <-ctx.Done():
			return false
		}
	}
	if fault == Hang {
		select {
		case <-g.changed:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
