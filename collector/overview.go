package collector

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/pages"
)

// maxOverviewAge is how old an overview may be. To count a million cards takes two
// cores some 30 ms, so that a page that is loaded again and again must not do it each
// time.
const maxOverviewAge = 2 * time.Second

// Pages returns what the pages show; estimate is that of the plan with which they
// compare the requests of a day.
func (c *Collector) Pages(estimate Estimate) pages.Source {
	return &source{collector: c, estimate: estimate}
}

// source implements [pages.Source].
type source struct {
	collector *Collector
	estimate  Estimate

	mu       sync.Mutex // held while the cards are counted, so that this is done once for all that wait
	fleet    *fleet     // of the overview
	overview pages.Overview
}

// Overview implements [pages.Source].
func (s *source) Overview() pages.Overview {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.collector.refresher.Load()
	f := r.fleet.Load()
	if now := wallClock(); f != s.fleet || now.Sub(s.overview.At).Abs() > maxOverviewAge {
		s.fleet, s.overview = f, r.overview(f, now, s.estimate)
	}
	return s.overview
}

func (r *refresher) overview(f *fleet, now time.Time, estimate Estimate) pages.Overview {
	o := pages.Overview{At: now, Shard: f.settings.Shard.page()}
	if r.breaker.Open() {
		o.PlatformDown, o.Cause = true, words(r.breaker.Cause())
	}
	for _, g := range f.groups {
		n := g.tally(now)
		row := pages.Group{
			Name: g.Name, Live: g.Live, Cards: g.shardCards, ConfiguredCards: g.configuredCards,
			Fresh: n.fresh, Batches: len(g.batches), States: n.pageStates(), Oldest: n.oldest, Scraped: g.lastScraped(),
			PlannedRequests: int(math.Ceil(g.requestsPerDay(estimate))),
		}
		if n.due.After(now) {
			row.NextDue = n.due
		}
		r.addRequests(g, &row, now)
		o.Groups = append(o.Groups, row)
	}
	return o
}

// addRequests adds what is known about the requests for g.
func (r *refresher) addRequests(g *group, row *pages.Group, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row.RequestsToday = g.onDay(now.In(g.fleet.settings.location()))
	var last time.Time
	for _, b := range g.batches {
		if b.refresh != nil {
			row.Waiting++
		}
		if b.err == nil {
			continue
		}
		row.FailedBatches++
		if at := b.history.latest(); row.LastError == "" || at.After(last) {
			last, row.LastError = at, words(b.err)
		}
	}
}

// counts is the number of cards in each state.
type counts struct {
	states                 exposition.States
	fresh, stale, expiring int
	oldest                 time.Time // of the last answers; zero without any
	due                    time.Time // when the first batch is due
}

// countedAtOnce is the number of batches that one goroutine counts.
const countedAtOnce = 5000

// tally counts the cards of g, on all cores.
func (g *group) tally(now time.Time) counts {
	total := counts{due: now.Add(1000 * time.Hour)}
	var mu sync.Mutex
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for batches := range slices.Chunk(g.batches, countedAtOnce) {
		workers.Go(func() error {
			n := counts{due: total.due}
			for _, b := range batches {
				n.addBatch(b, now)
			}
			mu.Lock()
			defer mu.Unlock()
			total.add(n)
			return nil
		})
	}
	_ = workers.Wait() // no worker fails
	return total
}

func (n *counts) addBatch(b *batch, now time.Time) {
	for _, c := range b.cards {
		l := c.look(now)
		for i, in := range l.states {
			n.states[i] += in
		}
		n.fresh += one(l.fresh)
		n.stale += one(l.is(pages.Stale))
		n.expiring += one(l.expiring())
		if l.answer != nil && !l.row.Refused {
			n.oldest = earlier(n.oldest, l.answer.at)
		}
		n.due = earlier(n.due, c.due())
	}
}

func (n *counts) add(m counts) {
	for i := range n.states {
		n.states[i] += m.states[i]
	}
	n.fresh += m.fresh
	n.stale += m.stale
	n.expiring += m.expiring
	n.oldest = earlier(n.oldest, m.oldest)
	n.due = earlier(n.due, m.due)
}

// pageStates returns the counts by state.
func (n *counts) pageStates() map[pages.State]int {
	states := map[pages.State]int{pages.Stale: n.stale, pages.Expiring: n.expiring}
	for i, cards := range n.states {
		states[pages.State(exposition.State(i).String())] = cards
	}
	return states
}

// due returns when a scrape asks for c again; a time long past if it has no answer.
func (c *card) due() time.Time {
	t, a := c.trouble.Load(), c.answer.Load()
	switch {
	case t.quarantined():
		return t.until
	case a == nil || a.stale():
		return time.Unix(0, 0)
	default:
		return a.at.Add(c.batch.group.MaxAge)
	}
}

// earlier returns the earlier of two times that are not zero.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
