package collector

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"simcard_exporter/collector/limits"
	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/platform"
)

const (
	// controlEvery is the least time between two controls that are sent for evidence.
	controlEvery = time.Minute
	// probesAfterScrape is how long after a scrape that found something due probes go on.
	probesAfterScrape = 2 * time.Minute
)

var errUnavailable = errors.New(pages.Unavailable)

// way is what is known of the platform as it is asked in one way, live or not: one can
// be dead while the other lives. refresher.mu protects it.
type way struct {
	live       bool
	breaker    limits.Breaker
	opened     chan struct{} // closed while the breaker is open
	openedAt   time.Time
	answered   uint64     // number of the latest request that was answered
	named      uint64     // the same, of those whose answer had a card
	waiting    []*refresh // for evidence
	controlled time.Time  // when the last control for evidence was sent
	foundDue   time.Time  // when a scrape last found something due
}

// evidence reports whether the platform answers: whether it has answered a request
// that was sent after a trouble had begun. If the trouble is that cards have vanished,
// that answer must have named one.
func (w *way) evidence(trouble uint64, vanished bool) bool {
	if vanished {
		return w.named > trouble
	}
	return w.answered > trouble
}

// unavailable returns errUnavailable with its cause.
func (w *way) unavailable() error {
	return fmt.Errorf("%w; last: %w", errUnavailable, w.breaker.Cause())
}

// controlIn returns after how long a control of w should be sent; idle if none should.
func (w *way) controlIn(now time.Time) time.Duration {
	switch at, wanted := w.breaker.Control(); {
	case wanted && (!w.breaker.Open() || now.Sub(w.foundDue).Abs() <= probesAfterScrape):
		return at.Sub(now)
	case len(w.waiting) > 0 && !w.breaker.Open() && !w.breaker.Asking():
		return w.controlled.Add(controlEvery).Sub(now)
	}
	return idle
}

// control returns a control of w, which holds a slot; nil if there is no card for it.
func (r *refresher) control(w *way, now time.Time) *request {
	var troubled *batch
	if len(w.waiting) > 0 {
		troubled = w.waiting[0].batch
	}
	c := drawControl(r.fleet.ways[w.live], troubled, w.breaker.Tries()%2 == 1)
	if c == nil {
		r.withoutControl(w, now)
		return nil
	}
	q := &request{batch: c.batch, cards: []*card{c}, live: w.live, purpose: forControl}
	switch {
	case w.breaker.Open():
		q.purpose = forProbe
	case !w.breaker.Blocks():
		w.controlled = now
	}
	w.breaker.ControlSent()
	r.slots.Take()
	return q
}

// withoutControl ends what hangs on a control, for which there is no card: nobody is
// blamed, and the breaker is closed, since nothing is asked so but cards in quarantine, and presses of buttons.
func (r *refresher) withoutControl(w *way, now time.Time) {
	if w.breaker.Open() {
		r.closed(w)
	}
	w.breaker.Reset(now)
	for _, x := range w.waiting {
		r.conclude(w, x, verdict{next: fails})
	}
	w.waiting = nil
}

// drawControl draws the card for a control: outside quarantine, and if possible
// answered before, by this account, and not of the batch in trouble. Every second one of
// the breaker's is the last answered of many, or many bad cards would pass for an outage.
// It returns nil if hardly a card is outside quarantine.
func drawControl(batches []*batch, troubled *batch, young bool) (drawn *card) {
	const draws = 200
	best, at := -1, platform.Instant(0)
	for i := 0; i < draws && (young || best < 3) && len(batches) > 0; i++ {
		b := batches[rand.IntN(len(batches))]
		c := b.cards[rand.IntN(len(b.cards))]
		fit, answered := 0, platform.Instant(0)
		if a := c.last(); a != nil && !a.otherAccount {
			fit, answered = 2, a.came
		}
		if b != troubled {
			fit++
		}
		if !c.quarantined() && (fit > best || fit == best && answered > at) {
			best, at, drawn = fit, answered, c
		}
	}
	return drawn
}

// tell passes on what a request brought to the breaker of its way, and as evidence. A
// press of the button says nothing, nor do cards that have really vanished.
func (r *refresher) tell(w *way, con concluded, answered bool) {
	now, q := time.Now(), limits.Request{Number: con.number, Sent: r.sent, Control: con.request.purpose.controls()}
	switch {
	case con.request.purpose == forPress || con.vanished && answered:
	case answered:
		w.answered = max(w.answered, con.number)
		if con.known() > 0 {
			w.named = max(w.named, con.number)
		}
		if w.breaker.Answered(now, q) {
			r.closed(w)
			r.logger.Info("platform available again", "live", w.live, "after", time.Since(w.openedAt))
		}
	case w.breaker.Failed(now, q, con.err):
		w.openedAt = now
		close(w.opened)
		r.metrics.available(w.live, len(r.fleet.ways[w.live]) > 0, 0)
		r.logger.Warn("platform unavailable", "live", w.live, "err", con.err)
	}
}

// closed notes that the breaker of w has closed.
func (r *refresher) closed(w *way) {
	w.opened = make(chan struct{})
	r.metrics.available(w.live, len(r.fleet.ways[w.live]) > 0, 1)
}

// recheck moves on the refreshes that wait for evidence, after a request that brought
// some, or after a control that did not.
func (r *refresher) recheck(w *way, q *request) {
	waiting := w.waiting
	w.waiting = nil
	for _, x := range waiting {
		s := x.pending.situation
		s.evidence = w.evidence(x.trouble, s.vanished)
		s.inVain = !s.evidence && q.purpose.controls() && q.number > x.trouble
		r.conclude(w, x, judge(s))
	}
}
