package collector

import (
	"strings"
	"sync"
	"time"

	"simcard_exporter/collector/szzkc"
)

// batch is what one request asks for: at most szzkc.MaxBatch cards of one
// group, all by IMEI or all by ICCID.
type batch struct {
	group   *group
	kind    kind
	members []member

	// mu makes looking at the answer and starting a request one step, so that
	// two scrapes cannot both start one. It is never held during a request.
	mu     sync.Mutex
	flight *flight // nil while no request is in flight
	late   bool    // the last answer came when no scrape was waiting for it, and none has served it
}

// flight is a request in flight, which any number of scrapes may wait for.
type flight struct {
	done    chan struct{}
	err     error // valid once done is closed
	waiting int   // scrapes; protected by batch.mu
}

// answer is what the platform last said about one card. It is immutable.
type answer struct {
	at    time.Time
	state state
	card  szzkc.Card // valid if found
}

type state int

const (
	found      state = iota
	unknown          // the platform answered without the card
	unreadable       // the answer holds an item that cannot be told from the card
)

func newBatch(g *group, k kind, members []member) *batch {
	return &batch{group: g, kind: k, members: members}
}

func (b *batch) identifiers() []string {
	ids := make([]string, len(b.members))
	for i, m := range b.members {
		ids[i] = m.id
	}
	return ids
}

// oldest returns the time of the oldest of the cards' answers, or the zero time
// if a card has none.
func (b *batch) oldest() time.Time {
	var oldest time.Time
	for i, m := range b.members {
		a := m.answer.Load()
		if a == nil {
			return time.Time{}
		}
		if i == 0 || a.at.Before(oldest) {
			oldest = a.at
		}
	}
	return oldest
}

// fresh reports whether the batch need not be asked: it has an answer since
// then, or one that no scrape has served yet.
func (b *batch) fresh(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.freshLocked(since)
}

// serve is fresh for the scrape that is about to serve the answers.
func (b *batch) serve(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := b.freshLocked(since)
	b.late = false
	return fresh
}

func (b *batch) freshLocked(since time.Time) bool { return b.late || !b.oldest().Before(since) }

// join returns the request in flight, having called start for a new one if
// there is none; nil if the batch is fresh.
func (b *batch) join(since time.Time, start func(*flight)) (f *flight, started bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.flight == nil {
		if b.freshLocked(since) {
			return nil, false
		}
		b.flight = &flight{done: make(chan struct{})}
		started = true
		start(b.flight)
	}
	b.flight.waiting++
	return b.flight, started
}

// leave gives up waiting for f.
func (b *batch) leave(f *flight) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f.waiting--
}

// land ends f. The answers, if there are any, are stored by then.
func (b *batch) land(f *flight, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.late = err == nil && f.waiting == 0
	f.err = err
	b.flight = nil
	close(f.done)
}

// store takes the answer of the platform apart, by identifier. It returns how
// many items nobody asked for: foreign ones, and repetitions.
func (b *batch) store(a szzkc.Answer, at time.Time) (unexpected int) {
	answers := make([]*answer, len(b.members))
	missing := unknown
	for _, f := range a.Invalid {
		if f.Field == "item" || f.Field == string(b.kind) {
			missing = unreadable
		}
	}
	for _, c := range a.Cards {
		switch i := b.find(c); {
		case i >= 0 && answers[i] == nil:
			answers[i] = &answer{at: at, state: found, card: c}
		case c.IMEI != "" && b.kind == byIMEI, c.ICCID != "" && b.kind == byICCID:
			unexpected++
		}
	}
	for i, m := range b.members {
		if answers[i] == nil {
			answers[i] = &answer{at: at, state: missing}
		}
		m.answer.Store(answers[i])
	}
	return unexpected
}

// find returns the index of the member that c answers for, or -1.
func (b *batch) find(c szzkc.Card) int {
	for i, m := range b.members {
		if b.kind == byIMEI && c.IMEI == m.id || b.kind == byICCID && strings.EqualFold(c.ICCID, m.id) {
			return i
		}
	}
	return -1
}
