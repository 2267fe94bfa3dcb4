package collector

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"time"
	"weak"

	"golang.org/x/sync/errgroup"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/plan"
	"simcard_exporter/collector/platform"
)

// To count a million cards takes two cores a second, which a page that is loaded again
// and again must not cost each time: the overview of a large fleet is kept for a while.
const (
	largeFleet     = 20_000 // cards; fewer are counted in some 20 ms
	maxOverviewAge = 30 * time.Second
)

// Pages returns what the pages show; estimate is that of the plan with which they
// compare the requests of a day.
func (c *Collector) Pages(estimate plan.Estimate) pages.Source {
	return &source{collector: c, estimate: estimate}
}

// source implements [pages.Source].
type source struct {
	collector *Collector
	estimate  plan.Estimate

	mu       sync.Mutex          // held while the cards are counted, so that this is done once for all that wait
	fleet    weak.Pointer[fleet] // of the overview; weak, so that a replaced fleet is freed even if nobody opens the page again
	overview pages.Overview
}

// Overview implements [pages.Source].
func (s *source) Overview() pages.Overview {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, now := s.collector.fleet.Load(), wallClock()
	if f != s.fleet.Value() || len(f.cards) < largeFleet || now.Sub(s.overview.At).Abs() > maxOverviewAge {
		s.fleet, s.overview = weak.Make(f), f.refresher.overview(f, now, s.estimate)
	}
	return s.overview
}

func (r *refresher) overview(f *fleet, now time.Time, estimate plan.Estimate) pages.Overview {
	o := pages.Overview{At: now, Shard: f.settings.Shard.page()}
	o.PlatformDown, o.Cause = r.down()
	for _, g := range f.groups {
		n := g.tally(now)
		row := pages.Group{
			Name: g.Name, Live: g.Live, Cards: g.shardCards, ConfiguredCards: g.configuredCards,
			Fresh: n.fresh, Batches: len(g.batches), States: n.pageStates(),
			Oldest: platform.Instant(n.oldest).Time(), NextDue: n.due(g, now), Scraped: g.lastScraped(),
			PlannedRequests: int(math.Ceil(g.plan().RequestsPerDay(estimate))),
		}
		r.addRequests(g, &row, now)
		o.Groups = append(o.Groups, row)
	}
	return o
}

// down reports whether the breaker is open, and why.
func (r *refresher) down() (open bool, cause string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.breaker.Open() {
		return false, ""
	}
	return true, words(r.breaker.Cause())
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

// counts is the sum over the cards of a group. Times are in nanoseconds since the Unix
// epoch, and 0 is none.
type counts struct {
	states                 exposition.StateCounts
	fresh, stale, expiring int
	oldest                 int64 // of the last answers outside quarantine
	until                  int64 // when the first quarantine is over
	missing                bool  // a card outside quarantine has no answer, or a stale one
}

// tallyChunk is the number of batches that one goroutine counts.
const tallyChunk = 5000

// tally counts the cards of g, on all cores.
func (g *group) tally(now time.Time) counts {
	var mu sync.Mutex
	var total counts
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for batches := range slices.Chunk(g.batches, tallyChunk) {
		workers.Go(func() error {
			var n counts
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
		s := c.stateAt(now)
		n.states.Add(s.states)
		n.fresh += one(s.fresh)
		n.stale += one(s.stale())
		n.expiring += one(s.expiring)
		switch a := c.answer.Load(); {
		case s.states.Has(exposition.Refused):
			n.until = earlier(n.until, c.due().UnixNano())
		case a == nil:
			n.missing = true
		default:
			n.oldest = earlier(n.oldest, a.at.UnixNano())
			n.missing = n.missing || a.ofOtherAccount()
		}
	}
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (n *counts) add(m counts) {
	for i := range n.states {
		n.states[i] += m.states[i]
	}
	n.fresh += m.fresh
	n.stale += m.stale
	n.expiring += m.expiring
	n.oldest = earlier(n.oldest, m.oldest)
	n.until = earlier(n.until, m.until)
	n.missing = n.missing || m.missing
}

// due returns when the first batch of g is due; the zero time if one is already.
func (n *counts) due(g *group, now time.Time) time.Time {
	due := n.until
	if n.oldest != 0 {
		due = earlier(due, n.oldest+int64(g.MaxAge))
	}
	if n.missing || due <= now.UnixNano() {
		return time.Time{}
	}
	return time.Unix(0, due)
}

// earlier returns the earlier of two times that are not 0.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// pageStates returns the counts by state.
func (n *counts) pageStates() map[pages.State]int {
	states := map[pages.State]int{pages.Stale: n.stale, pages.Expiring: n.expiring}
	for s, cards := range n.states {
		states[pages.State(exposition.State(s).String())] = cards
	}
	return states
}
