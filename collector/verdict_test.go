package collector

import (
	"context"
	"fmt"
	"testing"

	"simcard_exporter/collector/platform"
)

// verdicts are what follows from each situation.
var verdicts = map[string]struct {
	situation
	want verdict
}{
	"answered":                {situation{outcome: answered, cards: 20}, verdict{keep: true}},
	"answered at last":        {situation{outcome: answered, cards: 20, failures: 5}, verdict{keep: true}},
	"answered while open":     {situation{outcome: answered, cards: 20, open: true}, verdict{keep: true}},
	"some unreadable":         {situation{outcome: incomplete, cards: 20, failures: 9, evidence: true}, verdict{keep: true, next: fails}},
	"vanished":                {situation{outcome: answered, cards: 20, vanished: true}, verdict{next: waits}},
	"vanished, with evidence": {situation{outcome: answered, cards: 20, vanished: true, evidence: true}, verdict{keep: true}},
	"vanished, in vain":       {situation{outcome: answered, cards: 20, vanished: true, inVain: true}, verdict{next: fails}},
	"vanished while open":     {situation{outcome: answered, cards: 20, vanished: true, open: true}, verdict{next: fails}},

	"refused":                           {situation{outcome: refused, cards: 20}, verdict{next: waits}},
	"refused, with evidence":            {situation{outcome: refused, cards: 20, evidence: true}, verdict{next: bisects}},
	"refused, in vain":                  {situation{outcome: refused, cards: 20, inVain: true}, verdict{next: fails}},
	"refused, a batch of one":           {situation{outcome: refused, cards: 1, evidence: true}, verdict{next: bisects}},
	"refused while open":                {situation{outcome: refused, cards: 20, evidence: true, open: true}, verdict{next: fails}},
	"failed":                            {situation{outcome: failed, cards: 20, evidence: true}, verdict{next: fails}},
	"failed, may be retried":            {situation{outcome: failed, cards: 20, mayRetry: true, failures: 2, evidence: true}, verdict{next: retries}},
	"failed while open":                 {situation{outcome: failed, cards: 20, mayRetry: true, open: true}, verdict{next: fails}},
	"failed twice":                      {situation{outcome: failed, cards: 20, failures: 1, evidence: true}, verdict{next: fails}},
	"failed three times":                {situation{outcome: failed, cards: 20, failures: 2}, verdict{next: waits}},
	"failed three times, with evidence": {situation{outcome: failed, cards: 20, failures: 2, evidence: true}, verdict{next: bisects}},
	"failed three times, in vain":       {situation{outcome: failed, cards: 20, failures: 2, inVain: true}, verdict{next: fails}},

	"a part is answered":         {situation{outcome: answered, purpose: forPart, cards: 10}, verdict{keep: true}},
	"a part is refused":          {situation{outcome: refused, purpose: forPart, cards: 10}, verdict{next: bisects}},
	"a part fails":               {situation{outcome: failed, purpose: forPart, cards: 10}, verdict{next: bisects}},
	"a part fails while open":    {situation{outcome: failed, purpose: forPart, cards: 10, open: true}, verdict{next: fails}},
	"a part of one is refused":   {situation{outcome: refused, purpose: forPart, cards: 1}, verdict{next: isAtFault}},
	"a part of one fails":        {situation{outcome: failed, purpose: forPart, cards: 1}, verdict{next: isAtFault}},
	"a part of one has vanished": {situation{outcome: answered, purpose: forPart, cards: 1, vanished: true}, verdict{next: waits}},

	"in quarantine, answered":         {situation{outcome: answered, purpose: forAlone, cards: 1}, verdict{keep: true}},
	"in quarantine, refused":          {situation{outcome: refused, purpose: forAlone, cards: 1}, verdict{next: staysAlone}},
	"in quarantine, failed":           {situation{outcome: failed, purpose: forAlone, cards: 1}, verdict{next: staysAlone}},
	"in quarantine, failed when open": {situation{outcome: failed, purpose: forAlone, cards: 1, open: true}, verdict{}},
	"in quarantine, vanished":         {situation{outcome: answered, purpose: forAlone, cards: 1, vanished: true}, verdict{next: waits}},

	"a control is answered":  {situation{outcome: answered, purpose: forControl, cards: 1}, verdict{keep: true}},
	"a control has vanished": {situation{outcome: answered, purpose: forControl, cards: 1, vanished: true, evidence: true}, verdict{}},
	"a control is refused":   {situation{outcome: refused, purpose: forControl, cards: 1}, verdict{}},
	"a probe is answered":    {situation{outcome: answered, purpose: forProbe, cards: 1, open: true}, verdict{keep: true}},
	"a probe fails":          {situation{outcome: failed, purpose: forProbe, cards: 1, open: true}, verdict{}},

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
