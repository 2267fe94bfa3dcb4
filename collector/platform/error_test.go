package platform

import (
	"slices"
	"testing"
)

func TestTemporary(t *testing.T) {
	temporary := []Reason{Connect, Timeout, HTTP5xx, Throttled}
	for _, reason := range Reasons() {
		failure := &Error{Reason: reason}
		if got, want := failure.Temporary(), slices.Contains(temporary, reason); got != want {
			t.Errorf("%s: temporary is %v, want %v", reason, got, want)
		}
	}
}
