package simulator

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Simulator is the platform. Create it with [New]; all its methods are safe for
// concurrent use. It answers at every path, starts no goroutines and needs no
// closing.
//
// A request that has to wait is let go early when its client goes away, and
// when the behaviour changes, so that neither a test nor a server's shutdown
// waits for a latency that nobody wants any more.
type Simulator struct {
	// Each of these is an immutable value that is swapped whole.
	cards  atomic.Pointer[index]
	regime atomic.Pointer[regime]
	clock  atomic.Pointer[func() time.Time]

	tally tally
}

// New is a healthy platform that knows the cards. Of two cards with one
// identifier, the later is found by it.
func New(cards []Card) *Simulator {
	s := new(Simulator)
	s.SetCards(cards)
	s.regime.Store(newRegime(Behaviour{}))
	s.SetClock(time.Now)
	return s
}

// SetCards replaces all cards by others. The slice is copied.
func (s *Simulator) SetCards(cards []Card) {
	s.cards.Store(newIndex(cards))
}

// SetBehaviour replaces the behaviour for requests that arrive from now on.
// Those that wait under the old one, for a latency or in a [Hang], are
// answered at once.
func (s *Simulator) SetBehaviour(b Behaviour) {
	close(s.regime.Swap(newRegime(b)).changed)
}

// SetClock replaces the clock, [time.Now] at first, that says which balance
// holds and which second a request belongs to. Latency passes in real time
// whatever it says.
func (s *Simulator) SetClock(now func() time.Time) {
	s.clock.Store(&now)
}

// Counters is what has been asked since the start or the last reset.
func (s *Simulator) Counters() Counters {
	return s.tally.snapshot()
}

// ResetCounters sets everything counted to 0, but for the requests that are
// still being answered.
func (s *Simulator) ResetCounters() {
	s.tally.reset()
}

// Truth is the card with that IMEI or ICCID, whatever the case of its letters,
// and false if there is none.
func (s *Simulator) Truth(identifier string) (Card, bool) {
	return s.cards.Load().find(identifier)
}

// ServeHTTP answers one call.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	current := s.regime.Load()
	s.tally.arrive(s.now())

	b, broken := readBatch(w, r)
	fault, delay := None, time.Duration(0)
	if broken == lawful {
		fault, delay = current.draw(b)
	}
	s.tally.read(b, broken, fault)

	present := current.hold(r.Context(), current.delay(b.live)+delay, fault)
	// Before the answer goes out: a client that has read it may send its next
	// request before this function returns, and is not to be counted twice.
	s.tally.leave()

	switch {
	case !present:
	case broken != lawful:
		broken.answer(w)
	default:
		s.answer(w, current, b, fault)
	}
}

func (s *Simulator) now() time.Time {
	return (*s.clock.Load())()
}

// body is the JSON of the answer to a lawful batch.
func (s *Simulator) body(current *regime, b batch, fault Fault) []byte {
	if current.refuses(b.identifiers) {
		return failure(textRefused)
	}
	at := s.now()
	if !b.live && !current.AlwaysCurrent {
		at = endOfPreviousDay(at)
	}
	cards := s.cards.Load()
	items := make([]wireItem, 0, len(b.identifiers))
	for i, identifier := range b.identifiers {
		again := slices.ContainsFunc(b.identifiers[:i], func(earlier string) bool {
			return strings.EqualFold(earlier, identifier)
		})
		if card, ok := cards.find(identifier); ok && !again {
			items = append(items, newWireItem(card, at))
		}
	}
	items = current.edit(b.identifiers, spoil(items, fault))
	if len(items) == 0 {
		return failure(textNoData)
	}
	return success(items)
}

// index is a fleet by its identifiers.
type index struct {
	cards   []Card
	byIMEI  map[string]int
	byICCID map[string]int // keys in upper case
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
