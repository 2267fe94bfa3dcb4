package collector

import (
	"slices"
	"testing"
	"time"
)

// A card is in quarantine for a minute, and twice as long each time, up to an hour,
// or max_age if that is longer.
func TestQuarantineDoubles(t *testing.T) {
	now := time.Now()
	for maxAge, want := range map[time.Duration][]int{
		30 * time.Second: {1, 2, 4, 8, 16, 32, 60, 60},
		3 * time.Hour:    {1, 2, 4, 8, 16, 32, 64, 128, 180, 180},
	} {
		var r record
		var minutes []int
		for range want {
			r.blame(maxAge, result{})
			minutes = append(minutes, int(r.quarantine.Load().until.Sub(now).Round(time.Minute).Minutes()))
		}
		if !slices.Equal(minutes, want) {
			t.Errorf("max_age %v: %v minutes, want %v", maxAge, minutes, want)
		}
	}
}

func TestQuarantineDoesNotOverflow(t *testing.T) {
	now := time.Now()
	var r record
	for range 100 {
		r.blame(365*24*time.Hour, result{})
	}
	if until := r.quarantine.Load().until; !until.After(now) {
		t.Errorf("until %v", until)
	}
}

// An answer ends a quarantine, and the next one begins with a minute again.
func TestAnswerEndsQuarantine(t *testing.T) {
	now := time.Now()
	var r record
	if r.quarantined() {
		t.Error("a new card is in quarantine")
	}
	if r.put(&answer{seq: 1, at: now}) {
		t.Error("an answer ended a quarantine that there was not")
	}
	r.blame(time.Minute, result{})
	r.blame(time.Minute, result{})
	if !r.quarantined() {
		t.Error("not in quarantine")
	}
	if !r.put(&answer{seq: 2, at: now}) || r.quarantined() {
		t.Error("an answer did not end the quarantine")
	}
	r.blame(time.Minute, result{})
	if got := r.quarantine.Load().until.Sub(now).Round(time.Minute); got != time.Minute {
		t.Errorf("the next quarantine takes %v, want a minute", got)
	}
}

// The third unreadable item in a row quarantines a card.
func TestMisreadThreeTimes(t *testing.T) {
	var r record
	now := time.Now()
	for i, want := range []bool{false, false, true} {
		if got := r.countUnreadable(time.Minute, result{}); got != want || r.quarantined() != want {
			t.Errorf("item %d: quarantined %t, want %t", i, got, want)
		}
	}
	if !r.put(&answer{at: now}) || r.quarantined() {
		t.Error("an answer did not end the quarantine")
	}
	r.countUnreadable(time.Minute, result{})
	r.put(&answer{at: now})
	r.countUnreadable(time.Minute, result{})
	if r.countUnreadable(time.Minute, result{}) {
		t.Error("two in a row were enough")
	}
}

// The answer to a later request replaces that to an earlier one, and never the
// other way round, whatever the clock says of their arrival.
func TestPutKeepsTheYoungerRequest(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		first, second answer
		want          uint64 // the number of the request that is kept
	}{
		"in order":                       {first: answer{seq: 1, at: now}, second: answer{seq: 2, at: now.Add(time.Second)}, want: 2},
		"late":                           {first: answer{seq: 2, at: now}, second: answer{seq: 1, at: now.Add(time.Hour)}, want: 2},
		"in order, by a clock set back":  {first: answer{seq: 1, at: now}, second: answer{seq: 2, at: now.Add(-time.Hour)}, want: 2},
		"of the same request once again": {first: answer{seq: 3, at: now}, second: answer{seq: 3, at: now}, want: 3},
	} {
		var r record
		r.put(&test.first)
		r.put(&test.second)
		if got := r.answer.Load().seq; got != test.want {
			t.Errorf("%s: the answer to request %d is kept, want that to %d", name, got, test.want)
		}
	}
}

// A late answer says nothing about a quarantine that began after it was asked for.
func TestLateAnswerEndsNoQuarantine(t *testing.T) {
	var r record
	r.put(&answer{seq: 2, at: time.Now()})
	r.blame(time.Minute, result{})
	if r.put(&answer{seq: 1, at: time.Now()}) || !r.quarantined() {
		t.Error("the answer to an earlier request ended the quarantine")
	}
}

// The monotonic clock stands still while a machine is suspended, so ages must
// not be measured with it.
func TestWallClock(t *testing.T) {
	if now := wallClock(); now != now.Round(0) {
		t.Errorf("%v has a monotonic reading", now)
	}
}
