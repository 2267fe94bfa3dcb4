package collector

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc"
)

// recordedQuery is a request to the platform.
type recordedQuery struct {
	identifiers    []string
	cards          []*recordedCard
	live           bool
	arrived, ended time.Time // ended is zero while it is in flight
}

// recordedPlatform serves the platform in memory, records what it is asked and
// what it answers, and returns a client for it.
func recordedPlatform(t *testing.T, x *truth, platform http.Handler) *szzkc.Client {
	return connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		q := x.arrive(body)
		answer := &recordedResponse{ResponseWriter: w}
		defer func() { x.leave(q, answer, r.Context().Err() == nil) }()
		platform.ServeHTTP(answer, r)
		if answer.status == 0 {
			return // the connection was reset, or the client is gone
		}
		// A write to a pipe returns when it was read, so after this the client
		// has read the answer.
		if err := http.NewResponseController(w).Flush(); err != nil {
			answer.failed = true
		}
	}))
}

// arrive records a request.
func (x *truth) arrive(body []byte) *recordedQuery {
	var request struct {
		Imeis  string
		Update bool
	}
	if err := json.Unmarshal(body, &request); err != nil {
		x.violate("request", "%v: %s", err, body)
	}
	q := &recordedQuery{identifiers: strings.Split(request.Imeis, ","), live: request.Update, arrived: time.Now()}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.arrivals++
	x.queries = append(x.queries, q)
	for _, id := range q.identifiers {
		c := x.byID[strings.ToUpper(id)]
		if c == nil {
			x.violate("request", "identifier %q, which no card has", id)
			continue
		}
		q.cards = append(q.cards, c)
		c.asking++
		x.endWait(c)
	}
	if len(q.cards) != 1 || !q.cards[0].refused {
		x.several++
	}
	x.checkDue(q)
	x.checkCooldown(q)
	x.checkProbe(q)
	x.checkLive(q)
	if q.arrived.After(x.paused.Add(slack/100)) && q.arrived.Before(x.resumes.Add(-slack/100)) {
		x.violate("pause", "a request %v after the platform asked for a pause of %v", q.arrived.Sub(x.paused), x.resumes.Sub(x.paused))
	}
	return q
}

// leave records what a request brought. present says whether its client was still
// connected.
func (x *truth) leave(q *recordedQuery, r *recordedResponse, present bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	q.ended = time.Now()
	x.ended++
	for _, c := range q.cards {
		c.asking--
	}
	if r.Header().Get("Retry-After") != "" { // with any status
		pause := min(x.weather.retryAfter, maxPlatformPause)
		x.troubleLocked(pause)
		// What a probe brings pauses nothing else, or a way that is down would silence the other.
		if mayBeProbe := x.ways[wayIndex(q.live)].failures >= 10; present && !r.failed && pause > 0 && !mayBeProbe {
			x.paused, x.resumes = q.ended, q.ended.Add(pause)
		}
	}
	reply, ok := r.reply(q.identifiers)
	switch {
	case !ok && x.givesUp:
	case !ok:
		x.failed(q)
		x.unreadable(q, reply)
		x.countAlone(q)
	case present:
		x.answered(q, reply, true)
	default: // the client may have read it just in time
		x.failed(q)
		x.answered(q, reply, false)
	}
	if ok && present && !reply.anonymous && !reply.doubtful {
		x.countAnswer(q)
	} else {
		x.countFailure(q)
	}
	// Refused cards spoil their batches in calm weather too. But if no other
	// request has been answered for long, the breaker may be open.
	spoilt := slices.ContainsFunc(q.cards, func(c *recordedCard) bool { return c.refused })
	if g := q.cards[0].group; (reply.anonymous || reply.doubtful) && g != spare {
		x.doubtful[g] = q.ended
	}
	if reply.anonymous || reply.doubtful || !ok && (!spoilt || x.ways[wayIndex(q.live)].failures >= 10) {
		x.troubleLocked(0)
	}
}

// lateBlame is how long after the last answer a failure can still quarantine a
// card: by then the refreshes that saw that answer have ended.
const lateBlame = 15 * time.Minute

// failed records a request that brought no answer.
func (x *truth) failed(q *recordedQuery) {
	now := time.Now()
	if len(q.cards) == 1 {
		if c := q.cards[0]; now.Sub(x.lastAnswer) < lateBlame {
			c.blamed = now
		}
	}
	// The breaker opens after ten failures, what is in flight then, and two controls. Some
	// probes more leave no doubt.
	w := &x.ways[wayIndex(q.live)]
	if w.failures++; w.open.IsZero() && w.failures >= 20+2*x.settings.Concurrency {
		w.open, w.lastProbe = now, q.arrived
	}
}

// answered records an answer, card by card. sure says whether the exporter must
// have it.
func (x *truth) answered(q *recordedQuery, reply recordedReply, sure bool) {
	now := time.Now()
	x.unreadable(q, reply)
	x.lastAnswer = now
	x.ways[wayIndex(q.live)] = recordedWay{}
	for i, c := range q.cards {
		item, there := reply.items[strings.ToUpper(q.identifiers[i])]
		if !there && reply.anonymous {
			continue
		}
		answer := recordedAnswer{asked: q.arrived, arrived: now, live: q.live, account: x.accounts, found: there,
			status: item.status, balance: item.balance, sure: sure && !item.doubtful && (there || !reply.doubtful && len(q.cards) > 1)} // a control must name its card
		if !there {
			answer.status, answer.balance = math.NaN(), math.NaN()
		}
		if answer.sure {
			c.unreadable, c.answered = 0, now
		}
		c.answers = append(c.answers, answer)
		// A live answer may count beside daily ones until the second morning.
		if old := now.Add(-longestBound - time.Hour); c.answers[0].arrived.Before(old) && len(c.answers) > 100 {
			c.answers = slices.DeleteFunc(c.answers, func(a recordedAnswer) bool {
				return a.arrived.Before(old) && (!a.live || now.Sub(a.arrived) > 36*time.Hour)
			})
		}
	}
}

// unreadable blames cards for items that cannot be read: for the third in a row, or
// at once if the card was asked for alone.
func (x *truth) unreadable(q *recordedQuery, reply recordedReply) {
	for i, c := range q.cards {
		item, there := reply.items[strings.ToUpper(q.identifiers[i])]
		if there && !item.doubtful || !there && !reply.anonymous {
			continue
		}
		c.spoilt = time.Now()
		if c.unreadable++; c.unreadable >= 3 || len(q.cards) == 1 {
			c.blamed = time.Now()
		}
	}
}

// checkProbe checks that there is at most one request in 10 s while the breaker is
// open, in a minute after an hour, and that it is for one card.
func (x *truth) checkProbe(q *recordedQuery) {
	now, w := time.Now(), &x.ways[wayIndex(q.live)]
	if w.open.IsZero() || x.givesUp { // another account begins with a breaker of its own
		return
	}
	least := 10 * time.Second
	if now.Sub(w.open) > time.Hour+time.Minute {
		least = time.Minute
	}
	if gap := now.Sub(w.lastProbe); gap < least-50*time.Millisecond || len(q.cards) > 1 {
		x.violate("breaker", "a request for %d cards %v after the one before, while it must have been open since %s", len(q.cards), gap, x.clock(w.open))
	}
	w.lastProbe = now
}

// checkLive checks that each card is asked for as its group is, but for a press of the
// button, which asks live for one card.
func (x *truth) checkLive(q *recordedQuery) {
	for _, c := range q.cards {
		if pressed := q.live && len(q.cards) == 1; c.group != spare && q.live != x.groups[c.group].Live && !pressed && time.Since(x.rearranged) > 2*time.Minute {
			x.violate("live", "%v is asked for with live %t, and its group %s is not", c, q.live, x.groups[c.group].Name)
		}
	}
}
