package collector

import (
	"slices"
	"testing"
	"time"
)

func TestQuarantineDoubles(t *testing.T) {
	now := time.Now()
	for maxAge, want := range map[time.Duration][]int{
		30 * time.Second: {1, 2, 4, 8, 16, 32, 60, 60},
		3 * time.Hour:    {1, 2, 4, 8, 16, 32, 64, 128, 180, 180},
	} {
		var r record
		var minutes []int
		for range want {
			r.quarantine(maxAge)
			minutes = append(minutes, int(r.trouble.Load().until.Sub(now).Round(time.Minute).Minutes()))
		}
		if !slices.Equal(minutes, want) {
			t.Errorf("max_age %v: %v minutes, want %v", maxAge, minutes, want)
		}
	}
	var r record
	for range 100 { // does not overflow
		r.quarantine(365 * 24 * time.Hour)
	}
	if until := r.trouble.Load().until; !until.After(now) {
		t.Errorf("until %v", until)
	}
}

func TestMisreadThreeTimes(t *testing.T) {
	var r record
	now := time.Now()
	for i, want := range []bool{false, false, true} {
		if got := r.misread(time.Minute); got != want || r.quarantined() != want {
			t.Errorf("item %d: quarantined %t, want %t", i, got, want)
		}
	}
	if !r.put(&answer{at: now}) || r.quarantined() {
		t.Error("an answer did not end the quarantine")
	}
	r.misread(time.Minute)
	r.put(&answer{at: now})
	r.misread(time.Minute)
	if r.misread(time.Minute) {
		t.Error("two in a row were enough")
	}
}

// An answer that was asked for earlier never replaces one asked for later.
func TestPutKeepsTheYoungerRequest(t *testing.T) {
	var r record
	now := time.Now()
	later := &answer{asked: 2, at: now}
	r.put(later)
	r.put(&answer{asked: 1, at: now.Add(time.Hour)}) // by whatever clock
	if r.answer.Load() != later {
		t.Error("a slow request replaced the answer to a younger one")
	}
}

// The monotonic clock stands still while a machine is suspended, so ages must
// not be measured with it.
func TestWallClock(t *testing.T) {
	if now := wallClock(); now != now.Round(0) {
		t.Errorf("%v has a monotonic reading", now)
	}
}
