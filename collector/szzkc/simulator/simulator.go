package simulator

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Simulator simulates the platform. Create it with [New]; the zero value is not
// usable. All methods are safe for concurrent use. A Simulator serves every path,
// starts no goroutines and need not be closed.
//
// A delayed request stops waiting if its client disconnects or the behaviour
// changes. Tests and servers can end without waiting for the latency.
type Simulator struct {
	// The settings can change at any time. Each is replaced as a whole, and each
	// request loads it once or, like the clock, whenever needed.
	cards     atomic.Pointer[index]
	behaviour atomic.Pointer[behaviourState]
	clock     atomic.Pointer[func() time.Time]

	tally tally
}

// New returns a healthy Simulator with a copy of the cards. If cards share an
// identifier, it finds the last of them.
func New(cards []Card) *Simulator {
	s := new(Simulator)
	s.SetCards(cards)
	s.behaviour.Store(newBehaviourState(Behaviour{}))
	s.SetClock(time.Now)
	return s
}

// SetCards replaces all cards with a copy of the given ones.
func (s *Simulator) SetCards(cards []Card) {
	s.cards.Store(newIndex(cards))
}

// SetBehaviour replaces the behaviour for requests that arrive from now on. Earlier
// requests that still wait, for a latency or in a [Hang], are answered at once under
// the old behaviour.
func (s *Simulator) SetBehaviour(b Behaviour) {
	close(s.behaviour.Swap(newBehaviourState(b)).replaced)
}

// SetClock replaces the clock, which is [time.Now] at first. It determines the
// balances and [Counters.MaxPerSecond]. Latencies always pass in real time. The
// function must be safe for concurrent use.
func (s *Simulator) SetClock(now func() time.Time) {
	s.clock.Store(&now)
}

// Counters returns the counts since the start or the last reset.
func (s *Simulator) Counters() Counters {
	return s.tally.snapshot()
}

// ResetCounters sets all counts to 0, except that requests in flight remain in
// InFlight and MaxInFlight.
func (s *Simulator) ResetCounters() {
	s.tally.reset()
}

// Truth returns the card with the given IMEI or ICCID, in any case of its letters,
// and whether there is one. It ignores the behaviour and counts nothing.
func (s *Simulator) Truth(identifier string) (Card, bool) {
	return s.cards.Load().find(identifier)
}

// ServeHTTP implements [http.Handler].
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	behaviour := s.behaviour.Load()
	s.tally.start(s.now())

	b, violation := readBatch(w, r)
	fault, delay := None, time.Duration(0)
	if violation == valid {
		fault, delay = behaviour.draw(b)
	}
	s.tally.record(b, violation, fault)

	connected := behaviour.wait(r.Context(), behaviour.latency(b.live)+delay, fault)
	// Finish before answering: the client's next request may arrive before this
	// function returns.
	s.tally.finish()

	switch {
	case !connected:
	case violation != valid:
		violation.answer(w)
	default:
		s.answer(w, behaviour, b, fault)
	}
}

func (s *Simulator) now() time.Time {
	return (*s.clock.Load())()
}

// body returns the JSON that answers a valid batch.
func (s *Simulator) body(behaviour *behaviourState, b batch, fault Fault) []byte {
	if behaviour.refuses(b.identifiers) {
		return failure(textRefused)
	}
	at := s.now()
	if !b.live && !behaviour.AlwaysCurrent {
		at = endOfPreviousDay(at)
	}
	cards := s.cards.Load()
	items := make([]wireItem, 0, len(b.identifiers))
	for i, identifier := range b.identifiers {
		repeated := slices.ContainsFunc(b.identifiers[:i], func(earlier string) bool {
			return strings.EqualFold(earlier, identifier)
		})
		if card, ok := cards.find(identifier); ok && !repeated {
			items = append(items, newWireItem(card, at))
		}
	}
	items = behaviour.edit(b.identifiers, corrupt(items, fault))
	if len(items) == 0 {
		return failure(textNoData)
	}
	return success(items)
}

// index finds cards by their identifiers. It is immutable.
type index struct {
	cards   []Card
	byIMEI  map[string]int // index into cards
	byICCID map[string]int // index into cards; keys in upper case
}

func newIndex(cards []Card) *index {
	x := &index{
		cards:   slices.Clone(cards),
		byIMEI:  make(map[string]int, len(cards)),
		byICCID: make(map[string]int, len(cards)),
	}
	for i, card := range x.cards {
		x.byIMEI[card.IMEI] = i
		x.byICCID[strings.ToUpper(card.ICCID)] = i
	}
	return x
}

func (x *index) find(identifier string) (Card, bool) {
	var i int
	var ok bool
	switch {
	case isIMEI(identifier):
		i, ok = x.byIMEI[identifier]
	case isICCID(identifier):
		i, ok = x.byICCID[strings.ToUpper(identifier)]
	}
	if !ok {
		return Card{}, false
	}
	return x.cards[i], true
}
