package collector

import (
	"sync/atomic"
	"time"
)

// groupCounts counts what a group has caused so far, also before the last load.
type groupCounts struct {
	requests   atomic.Int64 // sent
	incomplete incompleteLog
	scraped    atomic.Int64 // when a scrape of the group last began, in nanoseconds since the Unix epoch; 0 if none did

	// refresher.mu protects all below.
	quarantined int // cards in quarantine; each load counts them anew

	// Requests of one day that have ended.
	day   string // as in time.DateOnly
	today int
}

// countRequest counts a request that ended at a time in the platform's time zone.
func (n *groupCounts) countRequest(at time.Time) {
	if day := at.Format(time.DateOnly); day != n.day {
		n.day, n.today = day, 0
	}
	n.today++
}

// onDay returns the number of requests on the day of a time in the platform's time
// zone, if that is the last day with any.
func (n *groupCounts) onDay(at time.Time) int {
	if n.day != at.Format(time.DateOnly) {
		return 0
	}
	return n.today
}
