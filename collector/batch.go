package collector

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

const (
	// lateFor bounds for how long an answer that nobody waited for counts as
	// new. No scrape interval is longer.
	lateFor = time.Hour
	// servedFor bounds for how long another scraper may serve it once one
	// has: as long as Prometheus would keep a sample.
	servedFor = 5 * time.Minute
)

// batch is at most szzkc.MaxBatch cards of one group, all by IMEI or all by
// ICCID. One request asks for all of it, unless the platform refused that; see
// split.go.
type batch struct {
	kind    kind
	members []member

	// mu makes looking at the answers and starting a flight one step, so that
	// two scrapes cannot both start one. It is never held during a request.
	mu     sync.Mutex
	flight *flight   // nil while none is under way
	tried  time.Time // start of the last request
	// late is when the last flight began if no scrape waited for its end and
	// none has served it, served is the same once one has. Answers from then
	// on are new: before they are served nobody need ask, and until the next
	// flight ends every other scraper may serve them too.
	late, served time.Time
	parts        []part // replaced whole
	forgetful    bool   // parts and refusals are of before a load, and end with the flight
	refusals
}

// flight is the asking of a batch, which any number of scrapes may wait for.
type flight struct {
	began   time.Time // its first request; zero before
	done    chan struct{}
	err     error // valid once done is closed
	cut     bool  // err is for want of time of the scrape that began it; valid once done is closed
	waiting int   // scrapes; protected, as began is, by batch.mu
}

// part is what one request asks for.
type part struct {
	members []member
	whole   bool // not a half of something
	state   partState
	tried   time.Time // end of the last request
	// alone is a card that is refused while others of the batch are answered.
	// It is not asked for more often than it would be if it had an answer, but
	// soon at first: it may have been an accident.
	alone   bool
	refused int // times in a row
}

// waits reports whether p is not to be asked for yet, by a scrape for which
// what came since then is fresh.
func (p part) waits(since time.Time) bool {
	return p.alone && !p.tried.Before(since) && time.Since(p.tried) < time.Minute<<min(p.refused, maxDoublings)
}

type partState int

const (
	unasked partState = iota
	answered
	refused
)

// newBatch returns a batch for which answers that come from now on are new,
// whoever asked for them.
func newBatch(k kind, members []member, now time.Time) *batch {
	return &batch{kind: k, members: members, late: now, parts: []part{{members: members, whole: true}}}
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

// age returns a time by which batches are asked in turn: that of the oldest
// answer or of the last attempt, so that one that always fails, or never
// answers, does not keep the others from being asked.
func (b *batch) age() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	age := time.Now()
	for _, p := range b.parts {
		if at := p.oldest(); !p.alone && at.Before(age) {
			age = at
		}
	}
	return later(age, b.tried)
}

// earlier returns t, or since if t is later than that or more than bound before.
func earlier(since, t time.Time, bound time.Duration) time.Time {
	if t.Before(since) && t.After(since.Add(-bound)) {
		return t
	}
	return since
}

// toAsk is due, with mu not held.
func (b *batch) toAsk(since time.Time) []part {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.due(since)
}

// due returns the parts to ask for: those without a fresh answer, that with the
// oldest answer or attempt first, and refused cards last. mu is held.
func (b *batch) due(since time.Time) []part {
	var due []part
	horizon := earlier(since, b.late, lateFor)
	for _, p := range b.parts {
		if p.oldest().Before(horizon) && !p.waits(since) {
			due = append(due, p)
		}
	}
	slices.SortStableFunc(due, func(a, b part) int {
		return cmp.Or(cmp.Compare(boolean(a.alone), boolean(b.alone)), later(a.oldest(), a.tried).Compare(later(b.oldest(), b.tried)))
	})
	return due
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// serve returns the parts to a scrape that serves their answers now, and the
// time after which an answer is fresh for it.
func (b *batch) serve(since time.Time) (parts []part, horizon time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	horizon = earlier(earlier(since, b.served, servedFor), b.late, lateFor)
	if !b.late.IsZero() {
		b.late, b.served = time.Time{}, b.late
	}
	return b.parts, horizon
}

// join returns the flight under way. If there is none and something is due, it
// has start begin one; nil if nothing is.
func (b *batch) join(since time.Time, start func(*flight)) (f *flight, started bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.flight == nil {
		if len(b.due(since)) == 0 {
			return nil, false
		}
		b.flight = &flight{done: make(chan struct{})}
		started = true
		start(b.flight)
	}
	b.flight.waiting++
	return b.flight, started
}

// attempt notes that f sends a request. Waiting for a turn that does not come
// is no attempt: the batch then keeps its place among the others.
func (b *batch) attempt(f *flight) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tried = time.Now()
	if f.began.IsZero() {
		f.began = b.tried
	}
}

// leave stops waiting for f.
func (b *batch) leave(f *flight) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f.waiting--
}

// land ends f. What it brought is stored by then.
func (b *batch) land(f *flight, err error, cut bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !f.began.IsZero() {
		// What was late and is not served yet still may be: this flight did
		// not ask for it.
		b.late, b.served = time.Time{}, b.late
		if f.waiting == 0 {
			b.late = f.began
		}
	}
	if b.forgetful {
		b.reset()
	}
	f.err, f.cut = err, cut
	b.flight = nil
	close(f.done)
}
