package collector

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// banTime is how long a ban lasts at most.
const banTime = 10 * time.Minute

// refresh queries the due cards of a batch. refresher.mu protects it, except for batch,
// start and done, which do not change, and ended.
type refresh struct {
	batch   *batch
	start   time.Time // of the scrape that it was queued for
	forced  bool      // the cards outside quarantine are queried even if they are not due
	alone   *card     // in quarantine, to be queried before its cooldown is over; nil for none
	suspect bool      // its requests may well fail: the batch failed last, or only cards in quarantine are due
	done    chan struct{}
	ended   time.Time // valid once done is closed

	// Set when it begins.
	begun         bool
	together      []*card // outside quarantine, to query in one request
	answersBefore uint64  // refresher.answers at this time
	othersBefore  uint64  // the part of it that was for other batches

	// What is left to do.
	parts       [][]*card // of together, each to be queried in one request, the next one first
	quarantined []*card   // to be queried alone, after the parts
	retries     int       // that its first request may have
	delays      *backoff.ExponentialBackOff
	retryAt     time.Time // zero unless it waits for a retry

	// What came of it.
	answers          uint64 // requests of this refresh that were answered
	undecided        []concluded
	newlyQuarantined []*card // by this refresh
	quarantineErr    error   // why the last of these failed
	released         []*card // from quarantine
	err              error   // why the batch failed; nil if it did not
}

// concluded is a request and what it brought.
type concluded struct {
	*request
	situation
	result
}

// plan lists what is due. With oneFirst, for a probe or during a ban, one card goes
// first, and the others follow only if it is answered. It is a different card each
// time, so that no card can keep the others from being queried.
func (x *refresh) plan(oneFirst bool) {
	cards := x.batch.cards
	x.quarantined = slices.DeleteFunc(slices.Clone(cards), func(c *card) bool { return c != x.alone && !c.quarantine.Load().cooledDown() })
	if !x.forced && !x.batch.stale(x.start) {
		return
	}
	x.together = slices.DeleteFunc(slices.Clone(cards), (*card).quarantined)
	if len(x.together) == 0 {
		return
	}
	x.parts = [][]*card{x.together}
	if n := len(x.together); n > 1 && oneFirst {
		i := x.batch.failures % n
		x.parts = [][]*card{x.together[i : i+1], slices.Concat(x.together[:i], x.together[i+1:])}
	}
	if !x.suspect {
		x.retries = x.batch.group.fleet.settings.MaxRetries
	}
}

// next returns the cards to query next; none if nothing is left to do.
func (x *refresh) next() []*card {
	if len(x.parts) > 0 {
		return x.parts[0]
	}
	return x.quarantined[:min(1, len(x.quarantined))]
}

// step sends a request, which holds a slot, and moves its refresh on: to the next
// request, to the timer for a retry, or to its end.
func (r *refresher) step(ctx context.Context, q *request) {
	res := r.query(ctx, q)
	x := q.refresh
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.signal()
	r.slots.Release(q.suspect)
	if ctx.Err() != nil || r.stopped { // a request that was cancelled says nothing about the batch
		r.end(x)
		return
	}
	r.pacer.Pause(time.Now(), res.retryAfter)
	r.remember(q, res)
	v := r.act(q, res)
	switch {
	case r.breaker.Open(): // the probe, too, has only one request
		r.giveUp(x)
	case v.retry:
		r.retry(x)
	case len(x.next()) > 0:
		r.slots.Resumed.Push(x.batch.group, x)
	default:
		r.settle(x)
		r.end(x)
	}
}

// act acts on what a request brought, except for what only settle can decide. mu is
// held, here and below.
func (r *refresher) act(q *request, res result) verdict {
	x := q.refresh
	s := situation{
		outcome:     res.outcome(),
		cards:       len(q.cards),
		partial:     len(q.cards) < len(x.together),
		quarantined: q.quarantined,
		probe:       r.probe == x,
		failures:    x.batch.failures,
		noBisect:    r.breaker.Open() || x.batch.ban.holds(r.answers),
		mayRetry:    x.retries > 0 && res.temporary(),
	}
	if q.retry {
		x.err = nil // this request counts in place of the last one
	}
	r.store(q, res)
	con := concluded{q, s, res}
	v := r.conclude(con)
	if v.retry {
		x.schedule(res.at)
		return v
	}
	x.retries = 0
	x.take(q)
	switch {
	case v.undecided:
		x.undecided = append(x.undecided, con)
		if s.noBisect { // it went first, or a bisection has to end: the other cards are not queried
			x.err, x.parts = res.err, nil
		}
	case v.bisect:
		r.metrics.splits.Inc()
		half := (len(q.cards) + 1) / 2
		x.parts = slices.Insert(x.parts, 0, q.cards[:half], q.cards[half:])
	case q.quarantined && s.outcome != answered:
		x.quarantined = nil // the next refresh queries the rest: no scrape should wait for all of them to time out
	}
	return v
}

// schedule sets the time of a retry, twice as long after a failure each time.
func (x *refresh) schedule(failed time.Time) {
	x.retries--
	if x.delays == nil {
		x.delays = backoff.NewExponentialBackOff()
	}
	x.retryAt = failed.Add(x.delays.NextBackOff())
}

// take takes what a request was for off the list of what is left to do.
func (x *refresh) take(q *request) {
	if q.quarantined {
		x.quarantined = x.quarantined[1:]
	} else {
		x.parts = x.parts[1:]
	}
}

// store stores the answers to a request. A card whose item is unreadable keeps its
// last answer.
func (r *refresher) store(q *request, res result) {
	if !res.readable() {
		return
	}
	x := q.refresh
	r.answers++
	x.answers++
	x.batch.answers++
	for i, c := range q.cards {
		item := res.Cards[i]
		switch {
		case item == nil && res.Ambiguous:
			if c.countUnreadable(x.batch.group.MaxAge, res) {
				x.newlyQuarantined, x.quarantineErr = append(x.newlyQuarantined, c), res.err
			}
		case c.put(q.answer(res, i)):
			x.released = append(x.released, c)
		}
	}
}

// conclude judges what a request brought and acts on the verdict, as far as that
// concerns the breaker and the first card. A card that was asked for before its
// cooldown is over does not get a longer one.
func (r *refresher) conclude(con concluded) verdict {
	x, c := con.refresh, con.request.cards[0]
	con.othersAnswered = r.othersAnswered(x, con.situation)
	v := judge(con.situation)
	r.vote(con.request, v.vote, con.err)
	if v.fails {
		x.err = con.err
	}
	if v.quarantine && c != x.alone {
		c.blame(x.batch.group.MaxAge, con.result)
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
		return x.answers > 0
	case s.outcome == failed && s.cards > 1 && s.failures > 0:
		return r.answers-x.batch.answers > x.batch.othersBefore
	default:
		return r.answers > x.answersBefore
	}
}

// settle decides about the undecided cards, and then about the batch.
func (r *refresher) settle(x *refresh) {
	b := x.batch
	atFault := 0
	for _, con := range x.undecided {
		con.ended = true
		if r.conclude(con).quarantine {
			x.newlyQuarantined, x.quarantineErr = append(x.newlyQuarantined, con.request.cards[0]), con.err
			atFault++
		}
	}
	if n := len(x.undecided); n > 0 && n == len(x.together) && atFault == 0 {
		b.ban = ban{time.Now().Add(banTime), r.answers}
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
