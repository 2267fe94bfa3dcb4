package collector

import (
	"context"
	"errors"
	"math/bits"
	"strings"
	"time"

	"simcard_exporter/collector/platform"
)

// attempt is one request for cards of a batch, as the pages show it.
type attempt struct {
	at       platform.Instant // when its outcome was known
	duration time.Duration
	queried  uint32 // the cards that it was for: bit i is the batch's card i
	answered uint8  // number of cards that the answer has
	outcome  outcome
	words    string // what went wrong; "" if nothing did
}

// cards returns the number of cards that it was for.
func (a attempt) cards() int { return bits.OnesCount32(a.queried) }

// maxAttempts is how many requests a batch remembers.
const maxAttempts = 5

// history is the last requests for a batch. Each batch has its own, so that one that
// fails often does not push out what is known of others. The zero value is empty.
type history struct {
	attempts [maxAttempts]attempt
	next     uint8 // where the next one goes, in place of the oldest
}

func (h *history) add(a attempt) {
	if last := h.attempts[(h.next+maxAttempts-1)%maxAttempts]; last.words == a.words {
		a.words = last.words // shares its memory
	}
	h.attempts[h.next] = a
	h.next = (h.next + 1) % maxAttempts
}

// last returns what h holds, the latest first.
func (h *history) last() (attempts []attempt) {
	if h == nil {
		return nil
	}
	for i := range maxAttempts {
		a := h.attempts[(int(h.next)+2*maxAttempts-1-i)%maxAttempts]
		if a.at != 0 {
			attempts = append(attempts, a)
		}
	}
	return attempts
}

// latest returns when the last request ended; the zero time without any.
func (h *history) latest() time.Time {
	if h == nil {
		return time.Time{}
	}
	return h.attempts[(h.next+maxAttempts-1)%maxAttempts].at.Time()
}

// remember notes a request for cards of b. One that was cancelled says nothing.
func (r *refresher) remember(b *batch, cards []*card, res result, duration time.Duration) {
	if errors.Is(res.err, context.Canceled) {
		return
	}
	a := attempt{at: platform.InstantOf(res.at), duration: duration, outcome: res.outcome(), words: words(res.err)}
	for _, c := range cards {
		a.queried |= b.bit(c)
	}
	for _, item := range res.Cards {
		if item != nil {
			a.answered++
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped { // the refresher that has replaced r counts now
		return
	}
	b.group.count(res.at.In(b.group.fleet.settings.location()))
	if b.history == nil {
		b.history = new(history)
	}
	b.history.add(a)
}

// maxWords limits the length of a remembered error in bytes.
const maxWords = 300

// words returns the platform's words if err is a refusal, or else what went wrong; ""
// for nil.
func words(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	var failure *platform.Error
	if errors.As(err, &failure) && failure.Said != "" {
		text = failure.Said
	}
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}
