package collector

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// batch is at most szzkc.MaxBatch cards of one group, all by IMEI or all by
// ICCID. One request asks for all of it, unless the platform refused that; see
// split.go.
type batch struct {
	group *group
	kind  kind

	// mu makes looking at the answers and starting a flight one step, so that
	// two scrapes cannot both start one. It is never held during a request.
	mu     sync.Mutex
	flight *flight   // nil while none is under way
	late   time.Time // start of the last flight, if no scrape waited for its end and none has served it
	parts  []part    // replaced whole
	refusals
}

// part is what one request asks for.
type part struct {
	members  []member
	whole    bool // not a half of something
	asked    bool // accepted or refused
	accepted bool
	refused  bool // one card, refused all alone
}

// flight is the asking of a batch, which any number of scrapes may wait for.
type flight struct {
	started time.Time
	done    chan struct{}
	err     error // valid once done is closed
	waiting int   // scrapes; protected by batch.mu
}

func newBatch(g *group, k kind, members []member) *batch {
	return &batch{group: g, kind: k, parts: []part{{members: members, whole: true}}}
}

// oldest returns the time of the oldest of the cards' answers, or the zero time
// if a card has none.
func (p part) oldest() time.Time {
	var oldest time.Time
	for i, m := range p.members {
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

func (p part) identifiers() []string {
	ids := make([]string, len(p.members))
	for i, m := range p.members {
		ids[i] = m.id
	}
	return ids
}

// oldest is the same for all parts.
func (b *batch) oldest() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	oldest := b.parts[0].oldest()
	for _, p := range b.parts[1:] {
		if at := p.oldest(); at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// horizon returns the time after which an answer is fresh: since, or earlier
// if no scrape has served yet what came after that. mu is held.
func (b *batch) horizon(since time.Time) time.Time {
	if !b.late.IsZero() && b.late.Before(since) {
		return b.late
	}
	return since
}

// stale returns the parts without a fresh answer, those with the oldest first
// and refused cards last. mu is held.
func (b *batch) stale(since time.Time) []part {
	var stale []part
	for _, p := range b.parts {
		if p.oldest().Before(b.horizon(since)) {
			stale = append(stale, p)
		}
	}
	slices.SortStableFunc(stale, func(a, b part) int {
		if a.refused != b.refused {
			return cmp.Compare(boolean(a.refused), boolean(b.refused))
		}
		return a.oldest().Compare(b.oldest())
	})
	return stale
}

// fresh reports whether no part is stale.
func (b *batch) fresh(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.stale(since)) == 0
}

// serve returns the parts to a scrape that serves their answers now, how many
// of them are stale, and the time after which a single answer is fresh.
func (b *batch) serve(since time.Time) (parts []part, stale int, horizon time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stale, horizon = len(b.stale(since)), b.horizon(since)
	b.late = time.Time{}
	return b.parts, stale, horizon
}

// join returns the flight under way. If there is none and the batch is stale,
// it has start begin one; nil if it is fresh.
func (b *batch) join(since time.Time, start func(*flight, []part)) (f *flight, started bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.flight == nil {
		stale := b.stale(since)
		if len(stale) == 0 {
			return nil, false
		}
		b.flight = &flight{started: time.Now(), done: make(chan struct{})}
		started = true
		start(b.flight, stale)
	}
	b.flight.waiting++
	return b.flight, started
}

// leave stops waiting for f.
func (b *batch) leave(f *flight) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f.waiting--
}

// land ends f. What it brought is stored by then.
func (b *batch) land(f *flight, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.waiting == 0 {
		b.late = f.started
	}
	f.err = err
	b.flight = nil
	close(f.done)
}
