package collector

import (
	"context"
	"fmt"
	"testing"

	"simcard_exporter/collector/limits"
	"simcard_exporter/collector/platform"
)

// verdicts are what follows from each situation for the breaker, the batch and its
// cards.
var verdicts = map[string]struct {
	situation
	want verdict
}{
	"answered": {
		situation: situation{outcome: answered, cards: 20},
		want:      verdict{vote: limits.Success},
	},
	"answered, one card": {
		situation: situation{outcome: answered, cards: 1, failures: 5},
		want:      verdict{vote: limits.Success},
	},
	"some unreadable": {
		situation: situation{outcome: incomplete, cards: 20},
		want:      verdict{vote: limits.Success, fails: true},
	},
	"some unreadable, again": {
		situation: situation{outcome: incomplete, cards: 20, failures: 9, othersAnswered: true},
		want:      verdict{vote: limits.Success, fails: true},
	},
	"refused": {
		situation: situation{outcome: refused, cards: 20},
		want:      verdict{vote: limits.Failure, bisect: true},
	},
	"refused, two cards": {
		situation: situation{outcome: refused, cards: 2},
		want:      verdict{vote: limits.Failure, bisect: true},
	},
	"refused, no bisection": {
		situation: situation{outcome: refused, cards: 20, noBisect: true},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"refused alone, like all others": {
		situation: situation{outcome: refused, cards: 1, ended: true},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"refused alone, unlike others": {
		situation: situation{outcome: refused, cards: 1, ended: true, othersAnswered: true},
		want:      verdict{quarantine: true},
	},
	"half refused, like all others": {
		situation: situation{outcome: refused, cards: 10, partial: true},
		want:      verdict{vote: limits.Failure, bisect: true},
	},
	"half refused, unlike others": {
		situation: situation{outcome: refused, cards: 10, partial: true, othersAnswered: true},
		want:      verdict{bisect: true},
	},
	"half failed three times": {
		situation: situation{outcome: failed, cards: 10, partial: true, othersAnswered: true, failures: 2},
		want:      verdict{bisect: true},
	},
	"card of several failed three times": {
		situation: situation{outcome: failed, cards: 1, partial: true, ended: true, othersAnswered: true, failures: 2},
		want:      verdict{quarantine: true},
	},
	"refused alone, before the end": {
		situation: situation{outcome: refused, cards: 1, othersAnswered: true},
		want:      verdict{undecided: true},
	},
	"failed, may be retried": {
		situation: situation{outcome: failed, cards: 20, mayRetry: true, failures: 2, othersAnswered: true},
		want:      verdict{vote: limits.Failure, fails: true, retry: true},
	},
	"failed": {
		situation: situation{outcome: failed, cards: 20, othersAnswered: true},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"failed twice": {
		situation: situation{outcome: failed, cards: 20, othersAnswered: true, failures: 1},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"failed three times": {
		situation: situation{outcome: failed, cards: 20, othersAnswered: true, failures: 2},
		want:      verdict{vote: limits.Failure, bisect: true},
	},
	"failed three times, like others": {
		situation: situation{outcome: failed, cards: 20, failures: 2},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"failed three times, no bisection": {
		situation: situation{outcome: failed, cards: 20, othersAnswered: true, failures: 2, noBisect: true},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"failed alone": {
		situation: situation{outcome: failed, cards: 1, ended: true, othersAnswered: true},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"failed alone three times": {
		situation: situation{outcome: failed, cards: 1, ended: true, othersAnswered: true, failures: 2},
		want:      verdict{vote: limits.Failure, quarantine: true},
	},
	"failed alone three times, like others": {
		situation: situation{outcome: failed, cards: 1, ended: true, failures: 2},
		want:      verdict{vote: limits.Failure, fails: true},
	},
	"quarantined, answered": {
		situation: situation{outcome: answered, cards: 1, quarantined: true},
		want:      verdict{},
	},
	"quarantined, answered as a probe": {
		situation: situation{outcome: answered, cards: 1, quarantined: true, probe: true},
		want:      verdict{vote: limits.Success},
	},
	"quarantined, refused as a probe": {
		situation: situation{outcome: refused, cards: 1, quarantined: true, probe: true},
		want:      verdict{vote: limits.Failure},
	},
	"quarantined, refused again": {
		situation: situation{outcome: refused, cards: 1, quarantined: true},
		want:      verdict{quarantine: true},
	},
	"quarantined, failed": {
		situation: situation{outcome: failed, cards: 1, quarantined: true},
		want:      verdict{quarantine: true},
	},
}

func TestJudge(t *testing.T) {
	for name, test := range verdicts {
		if got := judge(test.situation); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

// The error of a request says what it brought.
func TestOutcome(t *testing.T) {
	for name, test := range map[string]struct {
		err       error
		want      outcome
		readable  bool
		temporary bool
	}{
		"answered":   {want: answered, readable: true},
		"incomplete": {err: fmt.Errorf("%w: 2 of 20 cards", platform.ErrIncomplete), want: incomplete, readable: true},
		"refused":    {err: &platform.Error{Reason: platform.Rejected}, want: refused},
		"no JSON":    {err: &platform.Error{Reason: platform.Decode}, want: failed},
		"timeout":    {err: &platform.Error{Reason: platform.Timeout}, want: failed, temporary: true},
		"cancelled":  {err: context.Canceled, want: failed},
	} {
		r := result{err: test.err}
		if r.outcome() != test.want || r.readable() != test.readable || r.temporary() != test.temporary {
			t.Errorf("%s: outcome %d, readable %t, temporary %t", name, r.outcome(), r.readable(), r.temporary())
		}
	}
}
