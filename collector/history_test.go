package collector

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// TestHistory: a batch remembers its last requests, whatever happens to others, and
// across a reload.
func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		sim := simulator.New(cards)
		group := testGroup("g", byIMEI, cards)
		env := newTestEnv(t, sim, []Group{group}, func(s *Settings) { s.MaxRetries = 0 })
		env.scrape(t)
		sick := cards[0].IMEI
		sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError, Only: func(ids []string) bool { return slices.Contains(ids, sick) }})
		eachMinute(3, func(int) { env.scrape(t) }) // at once, when nothing is due, and twice more
		env.reload(group)
		attempts := func(card int) (outcomes []string) {
			b := env.fleet.Load().card(cards[card].IMEI).batch
			for _, a := range b.history {
				outcomes = append(outcomes, fmt.Sprintf("%d %t %d/%d %s", a.outcome, a.queriedCard(b.cards[card%20]), a.answered, len(a.queried), a.words))
			}
			return outcomes
		}
		const answered, failed = "0 true 20/20 ", "3 true 0/20 http_5xx: status 500 Internal Server Error"
		if got, want := attempts(0), []string{failed, failed, answered}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		eachMinute(7, func(int) { env.scrape(t) })
		if got, want := attempts(20), slices.Repeat([]string{answered}, maxAttempts); !slices.Equal(got, want) {
			t.Errorf("another batch: %q, want %q", got, want)
		}
	})
}

func TestWords(t *testing.T) {
	long := strings.Repeat("坏", 200)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"none":    {want: ""},
		"refused": {err: fmt.Errorf("query: %w", &platform.Error{Reason: platform.Rejected, Err: errors.New("x"), Said: "卡号不合法"}), want: "卡号不合法"},
		"failed":  {err: &platform.Error{Reason: platform.Timeout, Err: errors.New("late")}, want: "timeout: late"},
		"long":    {err: errors.New(long), want: strings.Repeat("坏", 100) + "…"},
	} {
		if got := words(test.err); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestRequestsToday: the count begins anew at the platform's midnight, not at that of
// UTC.
func TestRequestsToday(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		zone := time.FixedZone("CST", 8*60*60)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)}, func(s *Settings) { s.Location = zone })
		source := env.Pages(testEstimate)
		expectToday := func(want int) {
			t.Helper()
			if n := source.Overview().Groups[0].RequestsToday; n != want {
				t.Errorf("%d requests at %v, want %d", n, time.Now().In(zone), want)
			}
		}
		advance(time.Until(time.Date(2000, 1, 1, 23, 58, 30, 0, zone)))
		for _, want := range []int{2, 4} {
			env.scrape(t)
			expectToday(want)
			advance(45 * time.Second)
		}
		expectToday(0)
		for _, want := range []int{2, 4} { // from midnight on
			env.scrape(t)
			expectToday(want)
			advance(8*time.Hour - time.Minute)
		}
		expectToday(4) // almost 16:00, and there was a midnight in UTC
	})
}

// TestInvalidFields: what could not be read is kept with the card that it is of, until
// an answer without such a field.
func TestInvalidFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(3)
		good := cards[1].Balance
		cards[1].Balance = "--"
		sim := simulator.New(cards)
		env := newTestEnv(t, sim, []Group{testGroup("g", byICCID, cards)})
		env.scrape(t)
		invalid := func(i int) []platform.InvalidField {
			return env.fleet.Load().card(cards[i].ICCID).answer.Load().invalid()
		}
		if got := invalid(1); len(got) != 1 || got[0].Field != "balance" || got[0].Text != "--" {
			t.Errorf("invalid fields %+v", got)
		}
		if got := invalid(0); got != nil {
			t.Errorf("another card's invalid fields %+v", got)
		}
		sim.SetBehaviour(simulator.Behaviour{Edit: func(_, items []string) []string {
			items[1] = strings.Replace(items[1], "--", good, 1)
			return items
		}})
		advance(time.Minute)
		env.scrape(t)
		if got := invalid(1); got != nil {
			t.Errorf("afterwards: %+v", got)
		}
	})
}
