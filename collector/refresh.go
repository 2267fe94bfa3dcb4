package collector

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// banTime is how long a ban lasts at most.
const banTime = 10 * time.Minute

// refresh queries the due cards of a batch. Until it is started, refresher.mu
// protects it; from then on only its own goroutine uses it, except for batch,
// start and suspect, which do not change, and ended.
type refresh struct {
	batch   *batch
	start   time.Time // of the scrape that it was queued for
	alone   *card     // in quarantine, to be queried before its cooldown is over; nil for none
	suspect bool      // its requests may well fail: the batch failed last, or only cards in quarantine are due
	done    chan struct{}
	ended   time.Time // valid once done is closed

	// Set when it begins.
	together       []*card // outside quarantine, to query in one request
	quarantined    []*card // in quarantine, to query in one request each
	answeredBefore uint64  // refresher.answered at this time
	othersBefore   uint64  // the part of it that was for other batches

	// While it is in progress.
	parts    [][]*card // of together, to be queried yet, the next one last
	attempts int       // to send a request, also in vain
	answered uint64    // number of requests of this refresh that were answered

	// What came of it.
	undecided        []undecided
	newlyQuarantined []*card // by this refresh
	quarantineErr    error   // why the last of these failed
	released         []*card // from quarantine
	err              error   // why the batch failed; nil if it did not
}

// undecided is a card outside quarantine whose request, for it alone, failed. Only
// the end of the refresh tells whether the card is at fault.
type undecided struct {
	card      *card
	situation situation
	result    result
}

// plan lists what is due. With oneFirst, for a probe or during a ban, one card goes
// first, and the others follow only if it is answered. It is a different card each
// time, so that no card can keep the others from being queried.
func (x *refresh) plan(oneFirst bool) {
	cards := x.batch.cards
	x.quarantined = slices.DeleteFunc(slices.Clone(cards), func(c *card) bool { return c != x.alone && !c.trouble.Load().cooledDown() })
	if !x.batch.stale(x.start) {
		return
	}
	x.together = slices.DeleteFunc(slices.Clone(cards), (*card).quarantined)
	x.parts = [][]*card{x.together}
	if n := len(x.together); n > 1 && oneFirst {
		i := x.batch.failures % n
		x.parts = [][]*card{slices.Concat(x.together[:i], x.together[i+1:]), x.together[i : i+1]}
	}
}

// refresh queries the cards of x, which holds a slot already, and settles what that
// means for the batch.
func (r *refresher) refresh(ctx context.Context, x *refresh) {
	for len(x.parts) > 0 {
		last := len(x.parts) - 1
		part := x.parts[last]
		x.parts = x.parts[:last]
		r.refreshCards(ctx, x, part)
	}
	for i := range x.quarantined {
		if !r.refreshCards(ctx, x, x.quarantined[i:i+1]) {
			break // the next refresh queries the rest: no scrape should wait for all of them to time out
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() == nil && !r.stopped { // a request that was cancelled says nothing about the batch
		r.settle(x)
	}
	r.inProgress--
	r.end(x)
}

// refreshCards sends a request of x and acts on its result, except for what only
// settle can decide. It reports whether the request was answered.
func (r *refresher) refreshCards(ctx context.Context, x *refresh, cards []*card) bool {
	quarantined := cards[0].quarantined() // then there is no other
	res, sent := r.query(ctx, x, cards)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !sent || r.stopped {
		if !quarantined {
			x.err, x.parts = res.err, nil
		}
		return false
	}
	s := situation{
		outcome:     res.outcome(),
		cards:       len(cards),
		partial:     len(cards) < len(x.together),
		quarantined: quarantined,
		probe:       r.probe == x,
		failures:    x.batch.failures,
		noBisect:    r.breaker.Open() || r.crowded() || x.batch.ban.holds(r.answered),
	}
	r.store(x, cards, res)
	if s.cards == 1 && !quarantined && s.outcome != answered {
		x.undecided = append(x.undecided, undecided{cards[0], s, res})
		if s.noBisect { // it went first, or a bisection has to end: the other cards are not queried
			x.err, x.parts = res.err, nil
		}
		return false
	}
	if r.conclude(x, cards[0], s, res).bisect {
		r.metrics.splits.Inc()
		half := (len(cards) + 1) / 2
		x.parts = append(x.parts, cards[half:], cards[:half])
	}
	return s.outcome == answered
}

// store stores the answers to a request. A card whose item is unreadable keeps its
// last answer.
func (r *refresher) store(x *refresh, cards []*card, res result) {
	if !res.readable() {
		return
	}
	r.answered++
	x.answered++
	x.batch.answered++
	for i, c := range cards {
		item := res.Cards[i]
		switch {
		case item == nil && res.Ambiguous:
			if c.countUnreadable(x.batch.group.MaxAge, res) {
				x.newlyQuarantined, x.quarantineErr = append(x.newlyQuarantined, c), res.err
			}
		case c.put(res.answer(i, c)):
			x.released = append(x.released, c)
		}
	}
}

// conclude judges a request for c, or for c and other cards, and acts on the verdict,
// except for the bisection. A card that was asked for before its cooldown is over does
// not get a longer one. mu is held, here and below.
func (r *refresher) conclude(x *refresh, c *card, s situation, res result) verdict {
	s.othersAnswered = r.othersAnswered(x, s)
	v := judge(s)
	r.vote(res, v.vote)
	if v.fails {
		x.err = res.err
	}
	if v.quarantine && c != x.alone {
		c.quarantine(x.batch.group.MaxAge, res)
	}
	return v
}

// othersAnswered reports whether the platform answered other requests, so that the
// cards of this one are at fault and not the platform. Which requests count depends:
//   - If one card was refused, those for other cards of its batch; those of other
//     batches only if every card of this one failed alone.
//   - If a batch has failed in another way, several times in a row, those of other
//     batches since the first of these failures.
//   - Otherwise, those since the refresh began.
func (r *refresher) othersAnswered(x *refresh, s situation) bool {
	switch {
	case s.outcome == refused && s.cards == 1 && len(x.undecided) < len(x.together):
		return x.answered > 0
	case s.outcome == failed && s.cards > 1 && s.failures > 0:
		return r.answered-x.batch.answered > x.batch.othersBefore
	default:
		return r.answered > x.answeredBefore
	}
}

// settle decides about the undecided cards, and then about the batch.
func (r *refresher) settle(x *refresh) {
	b := x.batch
	atFault := 0
	for _, u := range x.undecided {
		if r.conclude(x, u.card, u.situation, u.result).quarantine {
			x.newlyQuarantined, x.quarantineErr = append(x.newlyQuarantined, u.card), u.result.err
			atFault++
		}
	}
	if n := len(x.undecided); n > 0 && n == len(x.together) && atFault == 0 {
		b.ban = ban{time.Now().Add(banTime), r.answered}
	}
	b.err = x.err
	switch {
	case x.err == nil:
		b.failures = 0
	case errors.Is(x.err, errUnavailable): // not a failure of the batch
	default:
		if b.failures == 0 {
			b.othersBefore = x.othersBefore
		}
		b.failures++
	}
	if len(x.newlyQuarantined) > 0 {
		r.logger.Warn("cards quarantined", "group", b.group.Name, "cards", joinIDs(x.newlyQuarantined), "err", x.quarantineErr)
	}
	if len(x.released) > 0 {
		r.logger.Info("cards answered again", "group", b.group.Name, "cards", joinIDs(x.released))
	}
}

// ids returns the identifiers that the cards are queried by.
func ids(cards []*card) []string {
	ids := make([]string, len(cards))
	for i, c := range cards {
		ids[i] = c.id
	}
	return ids
}

func joinIDs(cards []*card) string { return strings.Join(ids(cards), ",") }
