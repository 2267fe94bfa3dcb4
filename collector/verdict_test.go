package collector

import (
	"testing"

	"simcard_exporter/collector/limits"
)

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		situation
		want verdict
	}{
		"answered":                           {situation{outcome: answered, cards: 20}, verdict{vote: limits.Success}},
		"answered, one card":                 {situation{outcome: answered, cards: 1, failures: 5}, verdict{vote: limits.Success}},
		"some unreadable":                    {situation{outcome: incomplete, cards: 20}, verdict{vote: limits.Success, fails: true}},
		"some unreadable, again":             {situation{outcome: incomplete, cards: 20, failures: 9, others: true}, verdict{vote: limits.Success, fails: true}},
		"refused":                            {situation{outcome: refused, cards: 20}, verdict{vote: limits.Failure, bisect: true}},
		"refused, two cards":                 {situation{outcome: refused, cards: 2}, verdict{vote: limits.Failure, bisect: true}},
		"refused, no bisection":              {situation{outcome: refused, cards: 20, unbisected: true}, verdict{vote: limits.Failure, fails: true}},
		"refused alone, like all others":     {situation{outcome: refused, cards: 1}, verdict{vote: limits.Failure, fails: true}},
		"refused alone, unlike others":       {situation{outcome: refused, cards: 1, others: true}, verdict{quarantine: true}},
		"half refused, like all others":      {situation{outcome: refused, cards: 10, part: true}, verdict{vote: limits.Failure, bisect: true}},
		"half refused, unlike others":        {situation{outcome: refused, cards: 10, part: true, others: true}, verdict{bisect: true}},
		"half failed three times":            {situation{outcome: failed, cards: 10, part: true, others: true, failures: 2}, verdict{bisect: true}},
		"card of several failed three times": {situation{outcome: failed, cards: 1, part: true, others: true, failures: 2}, verdict{quarantine: true}},
		"failed":                             {situation{outcome: failed, cards: 20, others: true}, verdict{vote: limits.Failure, fails: true}},
		"failed twice":                       {situation{outcome: failed, cards: 20, others: true, failures: 1}, verdict{vote: limits.Failure, fails: true}},
		"failed three times":                 {situation{outcome: failed, cards: 20, others: true, failures: 2}, verdict{vote: limits.Failure, bisect: true}},
		"failed three times, like others":    {situation{outcome: failed, cards: 20, failures: 2}, verdict{vote: limits.Failure, fails: true}},
		"failed three times, no bisection": {situation{outcome: failed, cards: 20, others: true, failures: 2, unbisected: true},
			verdict{vote: limits.Failure, fails: true}},
		"failed alone":                          {situation{outcome: failed, cards: 1, others: true}, verdict{vote: limits.Failure, fails: true}},
		"failed alone three times":              {situation{outcome: failed, cards: 1, others: true, failures: 2}, verdict{vote: limits.Failure, quarantine: true}},
		"failed alone three times, like others": {situation{outcome: failed, cards: 1, failures: 2}, verdict{vote: limits.Failure, fails: true}},
		"quarantined, answered":                 {situation{outcome: answered, cards: 1, quarantined: true}, verdict{}},
		"quarantined, answered as a probe":      {situation{outcome: answered, cards: 1, quarantined: true, probe: true}, verdict{vote: limits.Success}},
		"quarantined, refused as a probe":       {situation{outcome: refused, cards: 1, quarantined: true, probe: true}, verdict{vote: limits.Failure}},
		"quarantined, refused again":            {situation{outcome: refused, cards: 1, quarantined: true}, verdict{quarantine: true}},
		"quarantined, failed":                   {situation{outcome: failed, cards: 1, quarantined: true}, verdict{quarantine: true}},
	} {
		if got := judge(test.situation); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}
