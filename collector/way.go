package collector

import (
	"math/rand/v2"
	"slices"
	"time"

	"simcard_exporter/collector/limits"
)

const (
	// controlEvery is the least time between two controls that are sent for evidence.
	controlEvery = time.Minute
	// probesAfterScrape is how long after a scrape that found something due probes go on.
	probesAfterScrape = 2 * time.Minute
)

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
	due        time.Time  // when a scrape last found something due
}

func newWay(live bool) *way { return &way{live: live, opened: make(chan struct{})} }

// evidence reports whether the platform answers: whether it has answered a request
// that was sent after a trouble had begun. If the trouble is that cards have vanished,
// that answer must have named one.
func (w *way) evidence(trouble uint64, vanished bool) bool {
	if vanished {
		return w.named > trouble
	}
	return w.answered > trouble
}

// wantsControl returns after how long a control of w should be sent; false if none
// should.
func (w *way) wantsControl(now time.Time) (wait time.Duration, wanted bool) {
	at, wanted := w.breaker.Control()
	switch {
	case w.breaker.Open():
		wanted = wanted && now.Sub(w.due) <= probesAfterScrape
	case !wanted && len(w.waiting) > 0 && !w.breaker.Asking():
		at, wanted = w.controlled.Add(controlEvery), true
	}
	return at.Sub(now), wanted
}

// control returns a control of w, which holds a slot; nil if there is no card for it.
func (r *refresher) control(w *way, now time.Time) *request {
	var troubled *batch
	if len(w.waiting) > 0 {
		troubled = w.waiting[0].batch
	}
	c := drawControl(r.fleet.ways[w.live], troubled)
	if c == nil {
		r.withoutControl(w, now)
		return nil
	}
	q := &request{batch: c.batch, cards: []*card{c}, purpose: forControl}
	switch {
	case w.breaker.Open():
		q.purpose = forProbe
	case !w.breaker.Blocks():
		w.controlled = now
	}
	w.breaker.ControlSent(now)
	r.slots.Take()
	return q
}

// withoutControl ends what hangs on a control, for which there is no card: nobody is
// blamed, and the breaker is closed, since nothing is asked but cards in quarantine.
func (r *refresher) withoutControl(w *way, now time.Time) {
	if w.breaker.Open() {
		r.closed(w)
	}
	w.breaker.Reset(now)
	for _, x := range slices.Clone(w.waiting) {
		r.conclude(w, x, verdict{next: fails})
	}
	w.waiting = nil
}

// drawControl draws the card for a control: outside quarantine, and if possible
// answered before, by this account, and not of the batch in trouble. It returns nil if
// hardly a card is outside quarantine.
func drawControl(batches []*batch, troubled *batch) (drawn *card) {
	const draws = 200
	best := -1
	for i := 0; i < draws && best < 3 && len(batches) > 0; i++ {
		b := batches[rand.IntN(len(batches))]
		c := b.cards[rand.IntN(len(b.cards))]
		fit := 0
		if a := c.answer.Load(); a != nil && !a.ofOtherAccount() {
			fit += 2
		}
		if b != troubled {
			fit++
		}
		if fit > best && !c.quarantined() {
			best, drawn = fit, c
		}
	}
	return drawn
}

// tell passes on what a request brought to the breaker of its way, and as evidence.
func (r *refresher) tell(w *way, q *request, res result, row row) {
	now, known := time.Now(), limits.Request{Number: q.number, Sent: r.sent, Control: q.purpose.controls()}
	switch {
	case row == ends:
		w.answered = max(w.answered, q.number)
		if res.named() {
			w.named = max(w.named, q.number)
		}
		if w.breaker.Answered(now, known) {
			r.closed(w)
		}
	case row == lengthens && w.breaker.Failed(now, known, res.err):
		w.openedAt = now
		close(w.opened)
		r.metrics.available(w.live, true, false)
		r.logger.Warn("platform unavailable", "live", w.live, "err", res.err)
	}
}

// closed notes that the breaker of w has closed.
func (r *refresher) closed(w *way) {
	w.opened = make(chan struct{})
	r.metrics.available(w.live, true, true)
	r.logger.Info("platform available again", "live", w.live, "after", time.Since(w.openedAt))
}

// recheck moves on the refreshes that wait for evidence, after a request that brought
// some, or after a control that did not.
func (r *refresher) recheck(w *way, q *request) {
	waiting := w.waiting
	w.waiting = nil
	for _, x := range waiting {
		s := x.pending.situation
		switch s.evidence = w.evidence(x.trouble, s.vanished); {
		case s.evidence:
			r.conclude(w, x, judge(s))
		case q.purpose.controls() && q.number > x.trouble:
			r.conclude(w, x, verdict{next: fails})
		default:
			w.waiting = append(w.waiting, x)
		}
	}
}
