package limits

import "time"

const (
	// tripFailures in a row make a breaker ask for controls.
	tripFailures = 10
	// openControls are the controls without an answer that open it.
	openControls = 2
	// reopening within this time after it closed goes on with the probes where they
	// were.
	reopening = time.Minute
	// After slowAfter, probes are slowProbes apart.
	slowAfter  = time.Hour
	slowProbes = time.Minute
)

// probeWaits are the waits before the first probes; the last one repeats.
var probeWaits = [...]time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second}

// Breaker is a circuit breaker that keeps requests from a platform that does not
// answer. Requests are known by their numbers, in the order in which they are sent,
// from 1. The zero value is closed.
//
// Requests in a row without an answer say little: one card may spoil them all. So
// after 10 the breaker asks for controls, each a request for a card that is most likely
// sound; all others should wait for them. If two bring no answer, it opens. From then
// on the controls are probes, ever longer apart. What was under way before the row or
// the opening says nothing: only an answer to a request that was sent after the first
// failure arrived ends the row, and only one that was sent after the opening closes
// the breaker.
type Breaker struct {
	failures int    // requests in a row without an answer
	controls int    // controls without an answer, since there were tripFailures of these
	since    uint64 // the last request that was sent when the first of these came to nothing, or when it opened
	ignored  uint64 // what is not later than this one says nothing: it was sent before the breaker closed
	cause    error  // of the last failure

	open     bool
	openings int
	asking   bool      // a control is under way
	probes   int       // since the breaker opened, or opened again soon after it had closed
	began    time.Time // of these
	next     time.Time // time of the next probe
	closed   time.Time
}

// Open reports whether nothing but probes should be sent.
func (b *Breaker) Open() bool { return b.open }

// Blocks reports whether nothing but a control should be sent.
func (b *Breaker) Blocks() bool { return b.open || b.failures >= tripFailures }

// Openings returns how often it has opened.
func (b *Breaker) Openings() int { return b.openings }

// Cause returns why the last request without an answer had none.
func (b *Breaker) Cause() error { return b.cause }

// Control returns when the next control should be sent, the zero time for at once;
// false if none should, or one is under way.
func (b *Breaker) Control() (at time.Time, wanted bool) {
	if b.open {
		at = b.next
	}
	return at, b.Blocks() && !b.asking
}

// Asking reports whether a control is under way.
func (b *Breaker) Asking() bool { return b.asking }

// ControlSent notes that a control is under way.
func (b *Breaker) ControlSent() {
	b.asking = true
	if b.open {
		b.probes++
	}
}

// Tries returns a number that grows with each control that fails and with each probe: to
// take turns by.
func (b *Breaker) Tries() int { return b.controls + b.probes }

// wait returns the time between the end of the last probe and the next: one that hangs
// would otherwise be followed at once by another.
func (b *Breaker) wait(now time.Time) time.Duration {
	if now.Sub(b.began) >= slowAfter {
		return slowProbes
	}
	return probeWaits[min(b.probes, len(probeWaits)-1)]
}

// Answered notes the answer to a request, and reports whether that closed the breaker.
func (b *Breaker) Answered(now time.Time, request Request) (closed bool) {
	b.asking = b.asking && !request.Control
	if b.failures > 0 && request.Number <= b.since {
		return false
	}
	b.failures, b.controls = 0, 0
	if !b.open {
		return false
	}
	b.open, b.closed, b.ignored = false, now, request.Sent
	return true
}

// Failed notes a request that brought no answer, and reports whether that opened the
// breaker.
func (b *Breaker) Failed(now time.Time, request Request, cause error) (opened bool) {
	b.asking = b.asking && !request.Control
	if request.Number <= b.ignored {
		return false
	}
	b.cause = cause
	if b.failures++; b.failures == 1 {
		b.since = request.Sent
	}
	if b.open && request.Control {
		b.next = now.Add(b.wait(now))
	}
	if b.open || b.failures <= tripFailures || !request.Control {
		return false
	}
	if b.controls++; b.controls < openControls {
		return false
	}
	b.open, b.since = true, request.Sent
	b.openings++
	if b.openings == 1 || now.Sub(b.closed) > reopening {
		b.probes, b.began = 0, now
	}
	b.next = now.Add(b.wait(now))
	return true
}

// Reset closes the breaker, since there is nothing to ask for as a control.
func (b *Breaker) Reset(now time.Time) {
	b.failures, b.controls, b.asking = 0, 0, false
	if b.open {
		b.open, b.closed = false, now
	}
}

// Request is a request whose outcome is known.
type Request struct {
	Number  uint64
	Sent    uint64 // number of the last request that has been sent by now
	Control bool
}
