package collector

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// errVanished means that a batch has vanished from the platform.
var errVanished = errors.New("the answer has none of the cards, and the platform knew some of them")

// refresh queries the due cards of a batch. refresher.mu protects it, except for batch,
// press and done, which do not change.
type refresh struct {
	batch *batch
	start time.Time // of the scrape that it was queued for
	press *card     // whose button was pressed: it alone is queried; nil for none
	done  chan struct{}
	ended time.Time // zero before that

	begun    bool
	openings int // of the breaker, when it was queued or began
	progress
}

// progress is what a refresh has done and has left to do.
type progress struct {
	parts       [][]*card // of the cards outside quarantine, each to be queried in one request, the next one first
	purpose     purpose   // of these requests
	quarantined []*card   // to be queried alone, after the parts
	retries     int       // that its first request may have
	delays      *backoff.ExponentialBackOff
	trouble     uint64    // number of the last request that had been sent when the first failure came
	pending     concluded // the last request and what it brought; judged again if it waits for evidence

	// What came of it.
	atFault   []concluded // requests for one card that failed in the bisection
	blamed    []*card     // newly in quarantine
	blamedErr error       // why the last of these is
	err       error       // why the batch failed; nil if it did not
}

// concluded is a request and what it brought.
type concluded struct {
	*request
	situation
	result
}

// live reports whether its requests ask the operator: a press does so in every group.
func (x *refresh) live() bool { return x.press != nil || x.batch.group.Live }

func (x *refresh) turn() turn { return turn{x.batch.group, x.live()} }

// plan lists what is due.
func (x *refresh) plan() {
	x.progress = progress{}
	b := x.batch
	if x.press != nil {
		if b.mayPress(x.press, x.start) {
			x.parts, x.purpose = [][]*card{{x.press}}, forPress
		}
		return
	}
	x.quarantined = slices.DeleteFunc(slices.Clone(b.cards), func(c *card) bool { return !c.quarantine.Load().cooledDown(b.group.MaxAge) })
	if !b.stale(x.start) {
		return
	}
	x.parts = [][]*card{slices.DeleteFunc(slices.Clone(b.cards), (*card).quarantined)}
	if b.failures == 0 {
		x.retries, x.delays = b.group.fleet.settings.MaxRetries, backoff.NewExponentialBackOff()
	}
}

// next returns the next request; nil if nothing is left to do.
func (x *refresh) next() *request {
	switch {
	case len(x.parts) > 0:
		return &request{refresh: x, batch: x.batch, cards: x.parts[0], live: x.live(), purpose: x.purpose}
	case len(x.quarantined) > 0:
		return &request{refresh: x, batch: x.batch, cards: x.quarantined[:1], live: x.live(), purpose: forAlone}
	default:
		return nil
	}
}

// step sends a request, which holds a slot, and acts on what it brings.
func (r *refresher) step(ctx context.Context, q *request) {
	res := r.query(ctx, q)
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.signal()
	r.slots.Release(q.suspect)
	if ctx.Err() != nil || r.stopped { // a request that was cancelled says nothing about the batch
		if q.refresh != nil {
			r.end(q.refresh)
		}
		return
	}
	if q.purpose != forProbe { // or a way that is down would silence the other
		r.pacer.Pause(time.Now(), res.retryAfter)
	}
	w := r.ways[q.live]
	s := r.situation(w, q, res)
	v := judge(s)
	if s.vanished && !v.keep {
		res.err = errVanished
	}
	r.remember(q, res)
	con := concluded{q, s, res}
	r.tell(w, con, v.keep)
	if x := q.refresh; x != nil {
		x.pending = con
		r.conclude(w, x, v)
	} else if v.keep {
		r.store(q, res)
	}
	r.recheck(w, q)
}

// situation returns what there is to judge about a request, and notes when the trouble of
// its refresh began. mu is held, here and below.
func (r *refresher) situation(w *way, q *request, res result) situation {
	s := situation{outcome: res.outcome(), purpose: q.purpose, cards: len(q.cards), failures: q.batch.failures, open: w.breaker.Open()}
	// A control's card should be there, unless none of its way ever was.
	s.vanished = s.outcome == answered && res.known() == 0 && slices.ContainsFunc(q.cards, func(c *card) bool {
		a := c.last()
		return a != nil && a.card() != nil && a.about <= res.about || a == nil && q.purpose.controls() && w.named > 0
	})
	if x := q.refresh; x != nil {
		s.mayRetry = x.retries > 0 && res.temporary()
		if x.trouble == 0 && (s.outcome != answered || s.vanished) {
			x.trouble = r.sent
			if q.batch.failures > 0 {
				x.trouble = q.batch.trouble
			}
		}
		s.evidence = w.evidence(x.trouble, s.vanished)
	}
	return s
}

// conclude acts on the verdict about the pending request of x, and moves x on: to the
// next request, to the timer for a retry, to those that wait for evidence, or to its end.
func (r *refresher) conclude(w *way, x *refresh, v verdict) {
	con := x.pending
	if v.keep {
		r.store(con.request, con.result)
	}
	switch v.next {
	case retries:
		x.batch.err = con.err
		x.retries--
		r.retry(x, x.delays.NextBackOff())
		return
	case waits:
		x.batch.err = con.err
		w.waiting = append(w.waiting, x)
		return
	case fails:
		x.err = con.err
	case bisects:
		r.bisect(x, con.request.cards)
	case isAtFault:
		x.atFault = append(x.atFault, con)
	case staysAlone:
		r.blame(x, con.request.cards[0], con.result)
		x.quarantined = x.quarantined[:1] // the next refresh queries the rest: no scrape should wait for all of them to time out
	}
	x.retries = 0
	if con.request.purpose == forAlone {
		x.quarantined = x.quarantined[1:]
	} else {
		x.parts = x.parts[1:]
	}
	interrupted := w.breaker.Open() || x.openings != w.breaker.Openings()
	if !interrupted && x.next() != nil {
		r.slots.Resumed.Push(x.turn(), x)
		return
	}
	if interrupted && (x.next() != nil || len(x.atFault) > 0) {
		x.err, x.atFault = w.unavailable(), nil
	}
	r.settle(x)
	r.end(x)
}

// bisect inserts the halves of cards, the first part, after them. One card is
// queried again: that it failed in its batch proves nothing.
func (r *refresher) bisect(x *refresh, cards []*card) {
	x.purpose = forPart
	if half := (len(cards) + 1) / 2; half < len(cards) {
		r.metrics.splits.Inc()
		x.parts = slices.Insert(x.parts, 1, cards[:half], cards[half:])
	} else {
		x.parts = slices.Insert(x.parts, 1, cards)
	}
}

// store stores the answers to a request. A card whose item is unreadable keeps its
// last answer.
func (r *refresher) store(q *request, res result) {
	for i, c := range q.cards {
		switch x := q.refresh; {
		case res.Cards[i] == nil && res.Ambiguous:
			if c.countUnreadable() >= maxUnreadable && x != nil {
				r.blame(x, c, res)
			}
		case r.put(c, q.answer(res, i)):
			if g := r.fleet.groupOf(c); g != nil {
				g.quarantined--
			}
			r.logger.Info("card answered again", "group", q.batch.group.Name, "card", c.id)
		}
	}
}

// put stores an answer about c, and reports whether it ended a quarantine.
func (r *refresher) put(c *card, a *answer) (released bool) {
	if present := r.fleet.card(c.id); present != nil {
		present.noteTwin(a)
	}
	return c.put(a, wallClock())
}

// blame puts a card in quarantine, or prolongs that. Beyond the bound of its group the
// group is at fault.
func (r *refresher) blame(x *refresh, c *card, res result) {
	g := r.fleet.groupOf(c)
	if g == nil { // it is configured no more
		return
	}
	if !c.quarantined() {
		g.quarantined++
		x.blamed, x.blamedErr = append(x.blamed, c), res.err
	}
	c.blame(g.MaxAge, res, g.quarantined > g.bound())
}

// settle ends a refresh whose requests are all concluded: it decides about the cards at
// fault, and then about the batch.
func (r *refresher) settle(x *refresh) {
	for _, con := range x.atFault {
		c := con.request.cards[0]
		if a := c.last(); a == nil || a.seq < con.number { // or it was answered meanwhile
			r.blame(x, c, con.result)
		}
	}
	b := x.batch
	if len(x.blamed) > 0 {
		r.logger.Warn("cards quarantined", "group", b.group.Name, "cards", strings.Join(ids(x.blamed), ","), "err", x.blamedErr)
	}
	if x.press != nil {
		return
	}
	b.err = x.err
	switch {
	case x.err == nil:
		b.failures, b.trouble = 0, 0
	case errors.Is(x.err, errUnavailable): // not a failure of the batch
	default:
		b.failures++
		b.trouble = x.trouble
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
