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
	queried  []*record // of the cards that it was for
	answered int       // number of cards that the answer has
	outcome  outcome
	purpose  purpose
	words    string // what went wrong; "" if nothing did
}

// queriedCard reports whether it was for c.
func (a attempt) queriedCard(c *card) bool { return slices.Contains(a.queried, c.record) }

// maxAttempts is how many requests a batch remembers. Each batch has its own, so that
// one that fails often does not push out what is known of others.
const maxAttempts = 5

// remember notes a request and what it brought. mu is held.
func (r *refresher) remember(q *request, res result) {
	b := q.batch
	a := attempt{
		at: platform.InstantOf(res.at), duration: res.duration, outcome: res.outcome(), purpose: q.purpose, words: words(res.err),
		queried: make([]*record, len(q.cards)), answered: res.known(),
	}
	for i, c := range q.cards {
		a.queried[i] = c.record
	}
	b.group.countRequest(res.at.In(b.group.fleet.settings.Location))
	if len(b.history) > 0 {
		last := b.history[0]
		if last.words == a.words {
			a.words = last.words // shares its memory, here and below
		}
		if slices.Equal(last.queried, a.queried) {
			a.queried = last.queried
		}
	}
	b.history = slices.Insert(b.history[:min(len(b.history), maxAttempts-1)], 0, a)
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
