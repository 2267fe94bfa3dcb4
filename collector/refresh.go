package collector

import (
	"context"
	"slices"
	"strings"
	"time"
)

// banFor is for how long a batch is not bisected after every card of it was
// refused alone and nobody else was answered.
const banFor = 10 * time.Minute

// refresh asks for the cards of a batch that are due. refresher.mu protects it
// until it is started; then it is its goroutine's, but for next. When done is
// closed, finished and err are there for all to read.
type refresh struct {
	fleet   *fleet
	batch   *batch
	start   time.Time  // of the scrape that it was queued for
	suspect bool       // the last refresh of the batch failed
	next    []*refresh // that wait for the end of this one, since it asks for cards of theirs
	done    chan struct{}

	together, alone []*card   // to ask for in one request, and each in one of its own
	parts           [][]*card // of together, still to be asked for, the next one last
	before          uint64    // refresher.answers at the start
	answers         uint64    // of these requests
	requests        int       // attempts, also those that were not sent
	lone            []lone    // cards that were refused or failed alone
	quarantined     []*card   // by this refresh
	cause           error     // why
	released        []*card   // from quarantine
	finished        time.Time
	err             error // why the refresh failed; nil if the batch was answered
}

// lone is a card that was refused or failed alone. Who is to blame is known at
// the end of the refresh.
type lone struct {
	card *card
	situation
	err  error
	cast func(vote)
}

// sharesCards reports whether a card is both in x and in y.
func (x *refresh) sharesCards(y *refresh) bool {
	return slices.ContainsFunc(x.batch.cards, func(c *card) bool {
		return slices.ContainsFunc(y.batch.cards, func(d *card) bool { return c.record == d.record })
	})
}

// plan lists the requests of x. During a ban one card in turn goes first,
// alone, and the others wait for it to be answered.
func (r *refresher) plan(x *refresh) {
	if len(x.together) == 0 {
		return
	}
	x.parts = [][]*card{x.together}
	if s := x.batch.state; s.ban.holds(time.Now(), r.answers) && len(x.together) > 1 {
		i := s.turn % len(x.together)
		s.turn++
		others := slices.Delete(slices.Clone(x.together), i, i+1)
		x.parts = [][]*card{others, {x.together[i]}}
	}
}

// refresh asks for the cards of x, in a slot that it holds already, and settles
// what follows.
func (r *refresher) refresh(ctx context.Context, x *refresh) {
	for asked := true; asked && len(x.parts) > 0; {
		last := len(x.parts) - 1
		part := x.parts[last]
		x.parts = x.parts[:last]
		asked = r.ask(ctx, x, part)
	}
	for _, c := range x.alone {
		r.askQuarantined(ctx, x, c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle(x)
	r.finish(x)
}

// ask sends the request for a part of x, and does what follows from what it
// brings. It reports whether to go on.
func (r *refresher) ask(ctx context.Context, x *refresh, part []*card) bool {
	result, err := r.query(ctx, x, part)
	if err != nil {
		x.err = err
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := situation{
		outcome:    result.outcome(),
		cards:      len(part),
		failures:   x.batch.state.failures,
		unbisected: r.breaker.open() || x.batch.state.ban.holds(time.Now(), r.answers),
	}
	r.store(x, part, result)
	if len(part) == 1 && s.outcome != answered {
		x.lone = append(x.lone, lone{part[0], s, result.err, result.cast})
		return !x.batch.state.ban.holds(time.Now(), r.answers)
	}
	s.others = r.othersAnswered(x, s.outcome)
	v := judge(s)
	result.cast(v.vote)
	if v.fails {
		x.err = result.err
	}
	if v.bisect {
		r.metrics.splits.Inc()
		half := (len(part) + 1) / 2
		x.parts = append(x.parts, part[half:], part[:half])
	}
	return true
}

// askQuarantined asks for a card in quarantine. What it brings says nothing of
// its batch.
func (r *refresher) askQuarantined(ctx context.Context, x *refresh, c *card) {
	part := []*card{c}
	result, err := r.query(ctx, x, part)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	v := judge(situation{outcome: result.outcome(), cards: 1, quarantined: true})
	result.cast(v.vote)
	r.store(x, part, result)
	if v.quarantine {
		c.quarantine(time.Now(), x.batch.group.MaxAge)
	}
}

// store keeps what a request brought, card by card. A card that could not be
// read keeps what it had.
func (r *refresher) store(x *refresh, part []*card, result result) {
	if o := result.outcome(); o != answered && o != incomplete {
		return
	}
	r.answers++
	x.answers++
	for _, c := range part {
		card := result.found[c]
		switch {
		case card == nil && result.ambiguous:
			if c.misread(time.Now(), x.batch.group.MaxAge) {
				x.quarantined, x.cause = append(x.quarantined, c), result.err
			}
		case c.put(&answer{asked: result.asked, at: result.at, card: card}):
			x.released = append(x.released, c)
		}
	}
}

// othersAnswered reports whether, since x began, others of its batch were
// answered, or other batches if that is what counts; see situation.
func (r *refresher) othersAnswered(x *refresh, o outcome) bool {
	since := x.before
	if s := x.batch.state; o == failed && s.failures > 0 {
		since = s.answers
	}
	if o == refused && len(x.lone) < len(x.together) {
		return x.answers > 0
	}
	return r.answers > since
}

// settle decides who is to blame for the cards that were refused or failed
// alone.
func (r *refresher) settle(x *refresh) {
	blamed := false
	for _, l := range x.lone {
		l.others = r.othersAnswered(x, l.outcome)
		v := judge(l.situation)
		l.cast(v.vote)
		if v.fails {
			x.err = l.err
		}
		if v.quarantine {
			l.card.quarantine(time.Now(), x.batch.group.MaxAge)
			x.quarantined, x.cause = append(x.quarantined, l.card), l.err
			blamed = true
		}
	}
	if len(x.lone) > 0 && len(x.lone) == len(x.together) && !blamed {
		x.batch.state.ban = ban{time.Now().Add(banFor), r.answers}
	}
	if len(x.quarantined) > 0 {
		r.logger.Warn("cards quarantined", "group", x.batch.group.Name, "cards", names(x.quarantined), "err", x.cause)
	}
	if len(x.released) > 0 {
		r.logger.Info("cards answered again", "group", x.batch.group.Name, "cards", names(x.released))
	}
}

// names joins the identifiers of at most a batch's cards.
func names(cards []*card) string {
	ids := make([]string, len(cards))
	for i, c := range cards {
		ids[i] = c.id
	}
	return strings.Join(ids, ",")
}
