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
func describedAt(sent platform.Instant, live bool, zone *time.Location) platform.Instant {
	if live {
		return sent
	}
	y, m, d := sent.Time().Add(-nightlyJob).In(zone).Date()
	return platform.InstantOf(time.Date(y, m, d, 0, 0, 0, 0, zone))
}

// replaces reports whether a counts from now on, in place of last, which may be nil. A
// doubtful answer gives way to any other.
func (a *answer) replaces(last *answer, now time.Time) bool {
	switch {
	case last == nil:
		return true
	case a.doubtful(now) != last.doubtful(now):
		return last.doubtful(now)
	case a.about != last.about:
		return a.about > last.about
	case a.seq != last.seq:
		return a.seq > last.seq
	default: // as after a restart
		return a.came >= last.came
	}
}

// doubtful reports whether another account received a, or a is about the future or came
// then, by a clock that was set back since.
func (a *answer) doubtful(now time.Time) bool {
	return a.otherAccount || max(a.came, a.about) > platform.InstantOf(now)
}
