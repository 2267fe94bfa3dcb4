package collector

import (
	"sync/atomic"
	"time"

	"simcard_exporter/collector/platform"
)

// traffic counts what a group has caused so far, also before the last load.
type traffic struct {
	requests atomic.Int64 // sent
	scraped  atomic.Int64 // when a scrape of the group last began, in nanoseconds since the Unix epoch; 0 if none did

	// refresher.mu protects all below.
	quarantined int // cards in quarantine; each load counts them anew

	// Requests of one day that have ended.
	day   string // as in time.DateOnly
	today int
}

// count counts a request that ended at a time in the platform's time zone.
func (t *traffic) count(at time.Time) {
	if day := at.Format(time.DateOnly); day != t.day {
		t.day, t.today = day, 0
	}
	t.today++
}

// onDay returns the number of requests on the day of a time in the platform's time
// zone, if that is the last day with any.
func (t *traffic) onDay(at time.Time) int {
	if t.day != at.Format(time.DateOnly) {
		return 0
	}
	return t.today
}

// lastScraped returns when a scrape of the group last began; the zero time if none did.
func (t *traffic) lastScraped() time.Time {
	return platform.Instant(t.scraped.Load()).Time()
}
