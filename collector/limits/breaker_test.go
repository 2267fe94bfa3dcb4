package limits

import (
	"errors"
	"testing"
	"time"
)

// asked is a breaker with requests that end as soon as they are sent.
type asked struct {
	*testing.T
	Breaker
	now  time.Time
	sent uint64
}

func newAsked(t *testing.T) *asked { return &asked{T: t, now: time.Unix(1e9, 0)} }

func (a *asked) send() Request {
	a.sent++
	return Request{Number: a.sent}
}

// end ends a request.
func (a *asked) end(r Request, answered bool) {
	r.Sent = a.sent
	if answered {
		a.Answered(a.now, r)
	} else {
		a.Failed(a.now, r, errors.New("status 503"))
	}
}

// fail has n requests in a row bring no answer.
func (a *asked) fail(n int) {
	for range n {
		a.end(a.send(), false)
	}
}

// control sends a control that should be sent after a wait.
func (a *asked) control(after time.Duration, answered bool) {
	a.Helper()
	at, wanted := a.Control()
	if wait := at.Sub(a.now); !wanted || !at.IsZero() && wait != after {
		a.Errorf("a control after %v (%t), want it after %v", wait, wanted, after)
	}
	a.now = a.now.Add(after)
	r := a.send()
	r.Control = true
	a.ControlSent()
	if _, wanted := a.Control(); wanted {
		a.Error("a second control beside the first")
	}
	a.end(r, answered)
}

func (a *asked) check(when string, open, blocks bool, openings int) {
	a.Helper()
	if a.Open() != open || a.Blocks() != blocks || a.Openings() != openings {
		a.Errorf("%s: open %t, blocks %t, %d openings, want %t, %t, %d", when, a.Open(), a.Blocks(), a.Openings(), open, blocks, openings)
	}
}

func TestBreakerOpensAndCloses(t *testing.T) {
	a := newAsked(t)
	a.fail(9)
	a.check("9 failures", false, false, 0)
	a.end(a.send(), true)
	a.fail(9)
	a.check("9 failures since an answer", false, false, 0)
	a.fail(1)
	a.check("10 failures", false, true, 0)
	a.control(0, true)
	a.check("a control was answered", false, false, 0)
	a.fail(10)
	a.control(0, false)
	a.check("one control failed", false, true, 0)
	a.control(0, true)
	a.check("the second one was answered", false, false, 0)
	a.fail(10)
	a.control(0, false)
	a.control(0, false)
	a.check("both controls failed", true, true, 1)
	if a.Cause() == nil {
		t.Error("nobody knows why")
	}
	for _, seconds := range []int{1, 2, 4, 8, 10, 10} {
		a.control(time.Duration(seconds)*time.Second, false)
	}
	a.check("probes failed", true, true, 1)
	a.control(10*time.Second, true)
	a.check("a probe was answered", false, false, 1)
}

// In-flight failures may come on top of the ten; only controls open the breaker.
func TestBreakerNeedsControls(t *testing.T) {
	a := newAsked(t)
	a.fail(100)
	a.check("100 failures", false, true, 0)
	a.control(0, false)
	a.fail(4)
	a.check("one control and four more failures", false, true, 0)
}

// An answer to what was sent before the trouble says nothing about it, and a failure
// of what was sent before the breaker closed says nothing about what is now.
func TestBreakerIgnoresWhatWasUnderWay(t *testing.T) {
	a := newAsked(t)
	early, other := a.send(), a.send()
	a.fail(5)
	a.end(early, true)
	a.fail(5)
	a.check("an early answer among ten failures", false, true, 0)
	during := a.send()
	a.control(0, false)
	a.control(0, false)
	a.end(other, true)
	a.end(during, true)
	a.check("answers to what was sent before it opened", true, true, 1)
	late := a.send()
	a.control(time.Second, true)
	a.check("a probe was answered", false, false, 1)
	a.fail(9)
	a.end(late, false)
	a.check("nine failures and a late one", false, false, 1)
}

// If the platform is gone again within a minute, the waits go on; after longer they begin
// anew; after an hour they are a minute.
func TestBreakerWaits(t *testing.T) {
	a := newAsked(t)
	open := func() {
		a.fail(10)
		a.control(0, false)
		a.control(0, false)
	}
	open()
	a.control(1*time.Second, false)
	a.control(2*time.Second, true)
	a.now = a.now.Add(time.Minute)
	open()
	a.control(4*time.Second, true)
	a.now = a.now.Add(time.Minute + 1)
	open()
	a.control(1*time.Second, false)
	a.control(2*time.Second, false)
	a.control(4*time.Second, false)
	a.control(8*time.Second, false)
	for range 358 {
		a.control(10*time.Second, false)
	}
	a.control(10*time.Second, false)
	a.control(time.Minute, false)
	a.control(time.Minute, true)
}

// With nothing to ask for as a control, the breaker closes.
func TestBreakerReset(t *testing.T) {
	a := newAsked(t)
	a.fail(10)
	a.Reset(a.now)
	a.check("reset", false, false, 0)
	a.fail(10)
	a.control(0, false)
	a.control(0, false)
	a.Reset(a.now)
	a.check("reset while open", false, false, 1)
}
