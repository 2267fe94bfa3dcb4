package collector

import (
	"math"
	"sync"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/plan"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// To count a million cards takes 130 ms, which a page that is loaded again and again
// must not cost each time: the overview of a large fleet is kept for a while.
const (
	largeFleet     = 200_000 // cards
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
}

// keptOverview is the last overview of a fleet.
type keptOverview struct {
	mu sync.Mutex // held while the cards are counted, so that this is done once for all that wait
	pages.Overview
}

// Overview implements [pages.Source].
func (s *source) Overview() pages.Overview {
	f, now := s.collector.fleet.Load(), wallClock()
	f.kept.mu.Lock()
	defer f.kept.mu.Unlock()
	if len(f.cards) < largeFleet || now.Sub(f.kept.At).Abs() > maxOverviewAge {
		f.kept.Overview = f.refresher.overview(f, now, s.estimate)
	}
	return f.kept.Overview
}

func (r *refresher) overview(f *fleet, now time.Time, estimate plan.Estimate) pages.Overview {
	o := pages.Overview{At: now, Shard: f.settings.Shard.page(), Down: r.down()}
	calendar := pages.NewCalendar(now.In(f.settings.Location))
	for _, g := range f.groups {
		row := pages.Group{
			Name: g.Name, Live: g.Live, Cards: g.shardCards, ConfiguredCards: g.configuredCards, Batches: len(g.batches),
			Scraped: platform.Instant(g.scraped.Load()).Time(), PlannedRequests: int(math.Ceil(g.plan().RequestsPerDay(estimate))),
		}
		g.addCards(&row, now, calendar)
		r.addRequests(g, &row, now)
		o.Groups = append(o.Groups, row)
	}
	return o
}

// addCards adds what is known about the cards of g.
func (g *group) addCards(row *pages.Group, now time.Time, calendar *pages.Calendar) {
	var next time.Time
	var answer, data, newest platform.Instant
	for _, b := range g.batches {
		for _, c := range b.cards {
			s := c.stateAt(now)
			row.Counts.Add(s.State, s.Problems)
			if expires := s.expires(); expires != 0 && s.State != problem.NotInUse {
				row.Renewals.Add(calendar, expires)
			}
			switch {
			case s.fresh:
				row.Fresh++
			case s.served:
				row.Old++
			}
			if due := c.nextQuery(); next.IsZero() || due.Before(next) {
				next = due
			}
			if s.answer != nil && !c.quarantine.Load().refused() {
				answer, data, newest = earliest(answer, s.came), earliest(data, s.answer.about), max(newest, s.answer.about)
			}
		}
	}
	row.OldestAnswer, row.OldestData, row.NewestData = answer.Time(), data.Time(), newest.Time()
	if next.After(now) {
		row.NextDue = next
	}
}

// down returns the ways in which the platform does not answer.
func (r *refresher) down() (down []pages.Down) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, live := range []bool{false, true} {
		if w := r.ways[live]; w.breaker.Open() {
			down = append(down, pages.Down{Live: w.live, Since: w.openedAt, Cause: words(w.breaker.Cause())})
		}
	}
	return down
}

// addRequests adds what is known about the requests for g.
func (r *refresher) addRequests(g *group, row *pages.Group, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row.PlatformDown = r.way(g).breaker.Open()
	row.RequestsToday = g.onDay(now.In(g.fleet.settings.Location))
	var last platform.Instant
	for _, b := range g.batches {
		if b.refresh != nil {
			row.Waiting++
		}
		err := r.failure(b, now)
		if err == nil {
			continue
		}
		row.FailedBatches++
		if len(b.history) > 0 && b.history[0].at >= last {
			last, row.LastError = b.history[0].at, words(err)
		}
	}
}
