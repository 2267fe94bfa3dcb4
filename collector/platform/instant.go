package platform

import "time"

// Instant is a point in time, in nanoseconds since the Unix epoch. It is a third of a
// time.Time in size, and there are two for each card. The zero value stands for no
// time; the platform's times are all later.
type Instant int64

// InstantOf returns the Instant of t, which is of a year from 1678 to 2262, or the
// zero time.
func InstantOf(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixNano())
}

// Time returns i as a time.Time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i))
}
