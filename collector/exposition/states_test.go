package exposition

import (
	"testing"
	"time"

	"simcard_exporter/collector/platform"
)

// TestStates: what counts as which state.
func TestStates(t *testing.T) {
	now := time.Unix(1773100800, 0)
	for name, test := range map[string]struct {
		card Card
		want []State
	}{
		"in service":       {card: Card{Answered: true, Known: &platform.Card{Status: new(1), Balance: new(1.), Expires: platform.InstantOf(now.Add(ExpiringSoon + 1))}}, want: []State{OK}},
		"expiring":         {card: Card{Answered: true, Known: &platform.Card{Expires: platform.InstantOf(now.Add(ExpiringSoon))}}, want: []State{OK, Expiring}},
		"about to expire":  {card: Card{Answered: true, Known: &platform.Card{Expires: platform.InstantOf(now.Add(1))}}, want: []State{OK, Expiring}},
		"nothing known":    {card: Card{Answered: true, Known: &platform.Card{}}, want: []State{OK}},
		"suspended":        {card: Card{Answered: true, Known: &platform.Card{Status: new(0)}}, want: []State{Suspended, OutOfService}},
		"expired just now": {card: Card{Answered: true, Known: &platform.Card{Expires: platform.InstantOf(now)}}, want: []State{Expired, OutOfService}},
		"all at once":      {card: Card{Answered: true, Known: &platform.Card{Status: new(0), Balance: new(0.), Expires: platform.InstantOf(now)}}, want: []State{Suspended, Expired, OutOfData, OutOfService}},
		"unknown":          {card: Card{Answered: true}, want: []State{Unknown}},
		"moved":            {card: Card{Answered: true, IMEI: "1", Expected: "2", Known: &platform.Card{}}, want: []State{Moved}},
		"where expected":   {card: Card{Answered: true, IMEI: "1", Expected: "1", Known: &platform.Card{}}, want: []State{OK}},
		"no answer":        {card: Card{}, want: []State{NoAnswer}},
		"refused":          {card: Card{Refused: true}, want: []State{Refused, NoAnswer}},
		"refused, served":  {card: Card{Refused: true, Answered: true, Known: &platform.Card{Status: new(1)}}, want: []State{Refused}},
	} {
		got, want := test.card.States(now), StateSet(0)
		for _, s := range test.want {
			want |= 1 << s
		}
		if got != want {
			t.Errorf("%s: %b, want %b", name, got, want)
		}
	}
}
