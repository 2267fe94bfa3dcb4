package collector

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// banFor is for how long a batch is not bisected after every card of it was
// refused alone and nobody else was answered.
const banFor = 10 * time.Minute

// refresh asks for the cards of a batch that are due. refresher.mu protects next;
// ended is valid once done is closed; plan fills the rest before the refresh is
// started, and from then on only its own goroutine uses it.
type refresh struct {
	fleet   *fleet
	batch   *batch
	start   time.Time  // of the scrape that it was queued for
	suspect bool       // may well bring no answer, like the last one
	next    []*refresh // that wait for this one to end, since it asks for cards of theirs
	done    chan struct{}
	ended   time.Time // valid once done is closed

	together, alone []*card         // to ask for in one request, and each in one of its own
	parts           [][]*card       // of together, still to be asked for, the next one last
	giveUp          <-chan struct{} // closed when the breaker opens: x may send nothing then; nil for the probe
	before          uint64          // refresher.answers at the start
	answers         uint64          // of these requests
	requests        int             // attempts, also those that were not sent
	lone            []lone          // cards that were refused or failed alone
	quarantined     []*card         // by this refresh
	released        []*card         // from quarantine
	cause           error           // why the last of quarantined was
	err             error           // why the batch failed; nil if it was answered
}

// lone is a card that was refused or failed alone. Who is to blame for that is
// known at the end of the refresh.
type lone struct {
	card      *card
	situation situation
	result    result
}

// sharesCards reports whether a card is both in x and in y.
func (x *refresh) sharesCards(y *refresh) bool {
	return slices.ContainsFunc(x.batch.cards, func(c *card) bool {
		return slices.ContainsFunc(y.batch.cards, func(d *card) bool { return c.record == d.record })
	})
}

// plan lists the requests of x. In a probe, and during a ban, one card goes
// first, alone, another one each time, and the others wait for it to be
// answered: no card can keep all others from it.
func (x *refresh) plan(now time.Time, oneFirst bool) {
	x.together, x.alone = x.batch.due(x.start, now)
	switch n := len(x.together); {
	case n > 1 && oneFirst:
		i := x.batch.failures % n
		x.parts = [][]*card{slices.Concat(x.together[:i], x.together[i+1:]), x.together[i : i+1]}
	case n > 0:
		x.parts = [][]*card{x.together}
	}
}

// refresh asks for the cards of x, in a slot that it holds already, and settles
// what follows.
func (r *refresher) refresh(ctx context.Context, x *refresh) {
	for len(x.parts) > 0 {
		part := x.parts[len(x.parts)-1]
		x.parts = x.parts[:len(x.parts)-1]
		r.ask(ctx, x, part)
	}
	for _, c := range x.alone {
		if !r.ask(ctx, x, []*card{c}) {
			break // the next refresh goes on: nobody waits for all of them to time out
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() == nil && !r.stopped { // a request that was cancelled says nothing of the batch
		r.settle(x)
	}
	r.end(x)
}

// ask sends the request for a part of x, does what follows from what it brings,
// and reports whether that was an answer.
func (r *refresher) ask(ctx context.Context, x *refresh, part []*card) bool {
	alone := slices.Contains(x.alone, part[0])
	result, sent := r.query(ctx, x, part)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !sent || r.stopped {
		if !alone {
			x.err, x.parts = result.err, nil
		}
		return false
	}
	s := situation{
		outcome:     result.outcome(),
		cards:       len(part),
		part:        len(part) < len(x.together),
		quarantined: alone,
		probe:       r.probe == x,
		failures:    x.batch.failures,
		unbisected:  r.breaker.Open() || r.crowded() || x.batch.ban.holds(r.answers),
	}
	r.store(x, part, result)
	if len(part) == 1 && !alone && s.outcome != answered {
		x.lone = append(x.lone, lone{part[0], s, result})
		if s.unbisected { // it was this one's turn, or what began must not go on
			x.err, x.parts = result.err, nil
		}
		return false
	}
	s.others = r.othersAnswered(x, s)
	v := judge(s)
	r.vote(x, v.vote, result.err)
	if v.fails {
		x.err = result.err
	}
	if v.quarantine {
		part[0].quarantine(x.batch.group.MaxAge)
	}
	if v.bisect {
		r.metrics.splits.Inc()
		half := (len(part) + 1) / 2
		x.parts = append(x.parts, part[half:], part[:half])
	}
	return s.outcome == answered
}

// store keeps what a request brought, card by card. A card that could not be
// read keeps what it had.
func (r *refresher) store(x *refresh, part []*card, result result) {
	if !result.readable() {
		return
	}
	r.answers++
	x.answers++
	x.batch.answers++
	for i, c := range part {
		item := result.Cards[i]
		switch {
		case item == nil && result.Ambiguous:
			if c.misread(x.batch.group.MaxAge) {
				x.quarantined, x.cause = append(x.quarantined, c), result.err
			}
		case c.put(&answer{asked: result.asked, at: result.at, card: item}):
			x.released = append(x.released, c)
		}
	}
}

// othersAnswered reports whether others than the cards of a request were
// answered meanwhile, so that it is the fault of these, and not the platform's,
// if they were not. For a card that is refused alone, others of its batch count,
// and other batches only if all of its own are refused. A batch that fails in
// another way is compared with all others that came since it first did.
func (r *refresher) othersAnswered(x *refresh, s situation) bool {
	switch {
	case s.outcome == refused && s.cards == 1 && len(x.lone) < len(x.together):
		return x.answers > 0
	case s.outcome == failed && s.cards > 1 && s.failures > 0:
		return r.answers-x.batch.answers > x.batch.others
	default:
		return r.answers > x.before
	}
}

// settle judges the cards that were refused or failed alone, and with them the
// batch.
func (r *refresher) settle(x *refresh) {
	b := x.batch
	blamed := false
	for _, l := range x.lone {
		l.situation.others = r.othersAnswered(x, l.situation)
		v := judge(l.situation)
		r.vote(x, v.vote, l.result.err)
		if v.fails {
			x.err = l.result.err
		}
		if v.quarantine {
			l.card.quarantine(b.group.MaxAge)
			x.quarantined, x.cause, blamed = append(x.quarantined, l.card), l.result.err, true
		}
	}
	if n := len(x.lone); n > 0 && n == len(x.together) && !blamed {
		b.ban = ban{time.Now().Add(banFor), r.answers}
	}
	switch {
	case x.err == nil:
		b.err, b.failures = nil, 0
	case errors.Is(x.err, errUnavailable):
		b.err = x.err
	default:
		if b.failures == 0 {
			b.others = x.before - (b.answers - x.answers)
		}
		b.err, b.failures = x.err, b.failures+1
	}
	if len(x.quarantined) > 0 {
		r.logger.Warn("cards quarantined", "group", b.group.Name, "cards", names(x.quarantined), "err", x.cause)
	}
	if len(x.released) > 0 {
		r.logger.Info("cards answered again", "group", b.group.Name, "cards", names(x.released))
	}
}

// ids returns what the platform knows the cards by.
func ids(cards []*card) []string {
	ids := make([]string, len(cards))
	for i, c := range cards {
		ids[i] = c.id
	}
	return ids
}

func names(cards []*card) string { return strings.Join(ids(cards), ",") }
