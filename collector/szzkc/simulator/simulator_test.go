package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSetCardsAndTruth(t *testing.T) {
	sim, server := serve(t)
	cards := PageCards()[2:]
	cards[0].Status, cards[0].ActiveTS, cards[0].ServiceNum = 0, "", "\"号\""
	sim.SetCards(cards)
	cards[0].Status = 7 // does not change the simulator's copy

	want := holding(`{"ServiceNum":"\"号\"","IMEI":"352019041648936","ICCID":"898604231919c0083314","Status":0,"ActiveTS":null,"ExpireTS":"2020-08-15T17:55:27","Balance":"4.00KB"}`)
	if got := query(t, server, pageIMEIs()...); got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	for identifier, known := range map[string]bool{
		"352019041648936":      true,
		"898604231919c0083314": true,
		"898604231919C0083314": true,
		"352019040635785":      false,
		"":                     false,
	} {
		card, ok := sim.Truth(identifier)
		if ok != known || known != (card.IMEI == "352019041648936") {
			t.Errorf("Truth(%q) is %+v, %v", identifier, card, ok)
		}
	}
}

func TestBalanceAt(t *testing.T) {
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, shanghai())
	card := PageCards()[0]
	card.BalanceAt = func(at time.Time) float64 {
		return 1024 * (100 + at.Sub(midnight).Seconds())
	}
	tests := map[string]struct {
		at                         time.Time
		daily, live, alwaysCurrent string
	}{
		"midnight": {at: midnight, daily: "99.00KB", live: "100.00KB", alwaysCurrent: "100.00KB"},
		"evening":  {at: midnight.Add(24*time.Hour - time.Second), daily: "99.00KB", live: "86499.00KB", alwaysCurrent: "86499.00KB"},
		"in UTC":   {at: midnight.Add(1500 * time.Millisecond).UTC(), daily: "99.00KB", live: "101.50KB", alwaysCurrent: "101.50KB"},
		"used up":  {at: midnight.Add(-100 * time.Second), daily: "0KB", live: "0KB", alwaysCurrent: "0KB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sim, server := serve(t)
			sim.SetCards([]Card{card})
			sim.SetClock(func() time.Time { return test.at })
			check := func(request, body, want string) {
				t.Helper()
				got := send(t, server, http.MethodPost, body).body
				if !strings.Contains(got, `"Balance":"`+want+`"`) {
					t.Errorf("%s: want %s in %s", request, want, got)
				}
			}
			check("daily", `{"imeis":"352019040635785"}`, test.daily)
			check("live", `{"imeis":"352019040635785","update":true}`, test.live)
			sim.SetBehaviour(Behaviour{AlwaysCurrent: true})
			check("always current", `{"imeis":"352019040635785"}`, test.alwaysCurrent)
		})
	}
}
