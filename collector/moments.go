package collector

import (
	"time"

	"simcard_exporter/collector/platform"
)

// moments say when an answer came, and what it is about: the platform may describe the
// past.
type moments struct {
	seq   uint64           // number of the latest request that was answered, in the order in which a refresher sends them
	came  platform.Instant // when its answer came, by wallClock
	about platform.Instant // the moment that what counts describes
}

// nightlyJob is how long after midnight the platform may take until it has the data of
// the day before. It is an assumption: the platform says only "as of the end of the
// previous day".
const nightlyJob = 6 * time.Hour

// describedAt returns the moment that an answer is about to a request that was sent at a
// time. Without live, that is the last midnight of the platform's zone whose data must
// have been there.
func describedAt(sent time.Time, live bool, zone *time.Location) platform.Instant {
	if live {
		return platform.InstantOf(sent)
	}
	y, m, d := sent.Add(-nightlyJob).In(zone).Date()
	return platform.InstantOf(time.Date(y, m, d, 0, 0, 0, 0, zone))
}

// replaces reports whether the answer with the moments m counts from now on, in place of
// the one with the moments last. What is about the future, or from it, is of a clock that
// was set back.
func (m moments) replaces(last moments, now time.Time) bool {
	switch instant := platform.InstantOf(now); {
	case last.about > instant || last.came > instant:
		return true
	case m.about != last.about:
		return m.about > last.about
	default:
		return m.seq >= last.seq
	}
}
