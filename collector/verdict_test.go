package collector

import (
	"context"
	"fmt"
	"testing"

	"simcard_exporter/collector/platform"
)

// verdicts are what follows from each situation for the breaker, the batch and its
// cards.
var verdicts = map[string]struct {
	situation
	want verdict
}{
	"answered":                {situation{outcome: answered, cards: 20}, verdict{row: ends, keep: true}},
	"answered at last":        {situation{outcome: answered, cards: 20, failures: 5}, verdict{row: ends, keep: true}},
	"answered while open":     {situation{outcome: answered, cards: 20, open: true}, verdict{row: ends, keep: true}},
	"some unreadable":         {situation{outcome: incomplete, cards: 20, failures: 9, evidence: true}, verdict{row: ends, keep: true, next: fails}},
	"vanished":                {situation{outcome: answered, cards: 20, vanished: true}, verdict{row: lengthens, next: waits}},
	"vanished, with evidence": {situation{outcome: answered, cards: 20, vanished: true, evidence: true}, verdict{keep: true}},
	"vanished while open":     {situation{outcome: answered, cards: 20, vanished: true, open: true}, verdict{row: lengthens, next: fails}},

	"refused":                           {situation{outcome: refused, cards: 20}, verdict{row: lengthens, next: waits}},
	"refused, with evidence":            {situation{outcome: refused, cards: 20, evidence: true}, verdict{row: lengthens, next: bisects}},
	"refused, a batch of one":           {situation{outcome: refused, cards: 1, evidence: true}, verdict{row: lengthens, next: bisects}},
	"refused while open":                {situation{outcome: refused, cards: 20, evidence: true, open: true}, verdict{row: lengthens, next: fails}},
	"failed":                            {situation{outcome: failed, cards: 20, evidence: true}, verdict{row: lengthens, next: fails}},
	"failed, may be retried":            {situation{outcome: failed, cards: 20, mayRetry: true, failures: 2, evidence: true}, verdict{row: lengthens, next: retries}},
	"failed while open":                 {situation{outcome: failed, cards: 20, mayRetry: true, open: true}, verdict{row: lengthens, next: fails}},
	"failed twice":                      {situation{outcome: failed, cards: 20, failures: 1, evidence: true}, verdict{row: lengthens, next: fails}},
	"failed three times":                {situation{outcome: failed, cards: 20, failures: 2}, verdict{row: lengthens, next: waits}},
	"failed three times, with evidence": {situation{outcome: failed, cards: 20, failures: 2, evidence: true}, verdict{row: lengthens, next: bisects}},

	"a part is answered":         {situation{outcome: answered, purpose: forPart, cards: 10}, verdict{row: ends, keep: true}},
	"a part is refused":          {situation{outcome: refused, purpose: forPart, cards: 10}, verdict{row: lengthens, next: bisects}},
	"a part fails":               {situation{outcome: failed, purpose: forPart, cards: 10}, verdict{row: lengthens, next: bisects}},
	"a part fails while open":    {situation{outcome: failed, purpose: forPart, cards: 10, open: true}, verdict{row: lengthens, next: fails}},
	"a part of one is refused":   {situation{outcome: refused, purpose: forPart, cards: 1}, verdict{row: lengthens, next: isAtFault}},
	"a part of one fails":        {situation{outcome: failed, purpose: forPart, cards: 1}, verdict{row: lengthens, next: isAtFault}},
	"a part of one has vanished": {situation{outcome: answered, purpose: forPart, cards: 1, vanished: true}, verdict{row: lengthens, next: waits}},

	"in quarantine, answered":         {situation{outcome: answered, purpose: forAlone, cards: 1}, verdict{row: ends, keep: true}},
	"in quarantine, refused":          {situation{outcome: refused, purpose: forAlone, cards: 1}, verdict{row: lengthens, next: staysAlone}},
	"in quarantine, failed":           {situation{outcome: failed, purpose: forAlone, cards: 1}, verdict{row: lengthens, next: staysAlone}},
	"in quarantine, failed when open": {situation{outcome: failed, purpose: forAlone, cards: 1, open: true}, verdict{row: lengthens}},
	"in quarantine, vanished":         {situation{outcome: answered, purpose: forAlone, cards: 1, vanished: true}, verdict{row: lengthens, next: waits}},

	"a control is answered":  {situation{outcome: answered, purpose: forControl, cards: 1}, verdict{row: ends, keep: true}},
	"a control has vanished": {situation{outcome: answered, purpose: forControl, cards: 1, vanished: true, evidence: true}, verdict{row: lengthens}},
	"a control is refused":   {situation{outcome: refused, purpose: forControl, cards: 1}, verdict{row: lengthens}},
	"a probe is answered":    {situation{outcome: answered, purpose: forProbe, cards: 1, open: true}, verdict{row: ends, keep: true}},
	"a probe fails":          {situation{outcome: failed, purpose: forProbe, cards: 1, open: true}, verdict{row: lengthens}},

	"a press is answered":  {situation{outcome: answered, purpose: forPress, cards: 1}, verdict{keep: true}},
	"a press is refused":   {situation{outcome: refused, purpose: forPress, cards: 1, failures: 2, evidence: true}, verdict{}},
	"a press has vanished": {situation{outcome: answered, purpose: forPress, cards: 1, vanished: true, evidence: true}, verdict{}},
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
		temporary bool
	}{
		"answered":   {want: answered},
		"incomplete": {err: fmt.Errorf("%w: 2 of 20 cards", platform.ErrIncomplete), want: incomplete},
		"refused":    {err: &platform.Error{Reason: platform.Rejected}, want: refused},
		"no JSON":    {err: &platform.Error{Reason: platform.Decode}, want: failed},
		"timeout":    {err: &platform.Error{Reason: platform.Timeout}, want: failed, temporary: true},
		"cancelled":  {err: context.Canceled, want: failed},
	} {
		r := result{err: test.err}
		if r.outcome() != test.want || r.temporary() != test.temporary {
			t.Errorf("%s: outcome %d, temporary %t", name, r.outcome(), r.temporary())
		}
	}
}
