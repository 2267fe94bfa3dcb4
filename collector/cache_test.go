package collector

import (
	"slices"
	"testing"
	"time"

	"simcard_exporter/collector/platform"
)

// answerAt returns the answer to a request, which came at a time.
func answerAt(seq uint64, at time.Time) *answer {
	return &answer{moments: moments{seq: seq, came: platform.InstantOf(at)}}
}

// A card is in quarantine for five minutes, and twice as long each time, up to an hour,
// or max_age if that is longer.
func TestQuarantineDoubles(t *testing.T) {
	now := time.Now()
	for maxAge, want := range map[time.Duration][]int{
		30 * time.Second: {5, 10, 20, 40, 60, 60},
		3 * time.Hour:    {5, 10, 20, 40, 80, 160, 180, 180},
	} {
		var r record
		var minutes []int
		for range want {
			r.blame(maxAge, result{}, false)
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
		r.blame(365*24*time.Hour, result{}, false)
	}
	if until := r.quarantine.Load().until; !until.After(now) {
		t.Errorf("until %v", until)
	}
}

// An answer ends a quarantine, and the next one begins with five minutes again.
func TestAnswerEndsQuarantine(t *testing.T) {
	now := time.Now()
	var r record
	if r.quarantined() {
		t.Error("a new card is in quarantine")
	}
	if r.put(answerAt(1, now), now) {
		t.Error("an answer ended a quarantine that there was not")
	}
	r.blame(time.Minute, result{}, false)
	r.blame(time.Minute, result{}, false)
	if !r.quarantined() {
		t.Error("not in quarantine")
	}
	if !r.put(answerAt(2, now), now) || r.quarantined() {
		t.Error("an answer did not end the quarantine")
	}
	r.blame(time.Minute, result{}, false)
	if got := r.quarantine.Load().until.Sub(now).Round(time.Minute); got != firstCooldown {
		t.Errorf("the next quarantine takes %v, want %v", got, firstCooldown)
	}
}

// Unreadable items in a row are counted, also in quarantine, and an answer ends the row.
func TestCountUnreadable(t *testing.T) {
	var r record
	count := func(want int) {
		t.Helper()
		if got := r.countUnreadable(); got != want {
			t.Errorf("%d in a row, want %d", got, want)
		}
	}
	count(1)
	count(2)
	r.put(answerAt(0, time.Now()), time.Now())
	count(1)
	if r.quarantined() {
		t.Error("in quarantine")
	}
	r.blame(time.Minute, result{}, false)
	count(1)
	if !r.quarantined() {
		t.Error("to count ended the quarantine")
	}
}

// An end that no cooldown can have, after a clock was set back, is over; so is one that
// has passed.
func TestCooledDown(t *testing.T) {
	for name, test := range map[string]struct {
		failures int
		in       time.Duration
		want     bool
	}{
		"over":          {failures: 1, in: -1, want: true},
		"goes on":       {failures: 1, in: 4 * time.Minute},
		"too far":       {failures: 1, in: 6 * time.Minute, want: true},
		"a later one":   {failures: 5, in: 59 * time.Minute},
		"a day ahead":   {failures: 5, in: 24 * time.Hour, want: true},
		"no quarantine": {failures: 0, in: -1},
	} {
		q := &quarantine{failures: test.failures, until: wallClock().Add(test.in)}
		if got := q.cooledDown(time.Minute); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
	if (*quarantine)(nil).cooledDown(time.Minute) {
		t.Error("a card that was never blamed")
	}
}

// A late answer says nothing about a quarantine that began after it was asked for.
func TestLateAnswerEndsNoQuarantine(t *testing.T) {
	var r record
	r.put(answerAt(2, time.Now()), time.Now())
	r.blame(time.Minute, result{}, false)
	if r.put(answerAt(1, time.Now()), time.Now()) || !r.quarantined() {
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
