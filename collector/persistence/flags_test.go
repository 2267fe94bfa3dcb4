package persistence

import (
	"testing"
	"time"
)

// The jitter is up to a fifth of the interval, and the sum must not overflow.
func TestValidateInterval(t *testing.T) {
	for interval, valid := range map[time.Duration]bool{
		-time.Second:        false,
		0:                   false,
		time.Nanosecond:     false, // would save without a break
		time.Second:         true,
		8760 * time.Hour:    true,
		300_000 * time.Hour: false, // so would this, after an overflow
	} {
		if err := (&Flags{Interval: interval}).Validate(); (err == nil) != valid {
			t.Errorf("%v: %v", interval, err)
		}
	}
}
