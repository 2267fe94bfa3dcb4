package collector

import (
	"errors"
	"slices"
	"strings"
	"time"

	"simcard_exporter/collector/platform"
)

// attempt is one request for cards of a batch, as the pages show it.
type attempt struct {
	at       platform.Instant // when its outcome was known
	duration time.Duration
	queried  []bool // by the place of a card in the batch, whether it was for that
	cards    int    // number of cards that it was for
	answered int    // number of cards that the answer has
	outcome  outcome
	words    string // what went wrong; "" if nothing did
}

// queriedCard reports whether it was for a card of b, the batch that it is about.
func (a attempt) queriedCard(b *batch, c *card) bool {
	i := slices.Index(b.cards, c)
	return i >= 0 && i < len(a.queried) && a.queried[i]
}

// maxAttempts is how many requests a batch remembers.
const maxAttempts = 5

// history is the last requests for a batch. Each batch has its own, so that one that
// fails often does not push out what is known of others. The zero value is empty.
type history struct {
	attempts [maxAttempts]attempt
	next     uint8 // where the next one goes, in place of the oldest
}

func (h *history) add(a attempt) {
	last := h.attempts[(h.next+maxAttempts-1)%maxAttempts]
	if last.words == a.words {
		a.words = last.words // shares its memory, here and below
	}
	if slices.Equal(last.queried, a.queried) {
		a.queried = last.queried
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

// remember notes a request and what it brought. mu is held.
func (r *refresher) remember(q *request, res result) {
	b := q.refresh.batch
	a := attempt{
		at: platform.InstantOf(res.at), duration: res.duration, outcome: res.outcome(), words: words(res.err),
		queried: make([]bool, len(b.cards)), cards: len(q.cards),
	}
	for _, c := range q.cards {
		a.queried[slices.Index(b.cards, c)] = true
	}
	for _, item := range res.Cards {
		if item != nil {
			a.answered++
		}
	}
	b.group.count(res.at.In(b.group.fleet.settings.Location))
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
