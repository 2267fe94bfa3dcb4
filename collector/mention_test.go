package collector

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// datedClient is a client of a platform whose nightly job takes three hours. The balance
// of each card is the Unix time that its answer describes, in seconds.
type datedClient struct{ requests map[bool]int } // by live

func (datedClient) MaxBatch() int { return 20 }

func (c datedClient) Query(_ context.Context, identifiers []string, live bool) (answer platform.Answer, err error) {
	c.requests[live]++
	at := time.Now()
	if !live {
		y, m, d := at.Add(-3 * time.Hour).In(shanghai).Date()
		at = time.Date(y, m, d, 0, 0, 0, 0, shanghai)
	}
	balance := float64(at.Unix())
	for _, card := range simulator.Fleet(60) {
		if slices.Contains(identifiers, card.IMEI) || slices.Contains(identifiers, card.ICCID) {
			answer.Cards = append(answer.Cards, platform.Card{IMEI: card.IMEI, ICCID: card.ICCID, Balance: &balance})
		}
	}
	return answer, nil
}

// A ledger that is asked for twice a day has all cards by ICCID, and a watch list that is
// asked for live has some of them by IMEI. For three days, with presses of the button, no
// card goes dark or back in time, and nothing is asked in vain.
func TestLedgerAndWatchList(t *testing.T) {
	const days, watched, perDay = 3, 10, 2
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		ledger, watch := testGroup("ledger", byICCID, cards), testGroup("watch", byIMEI, cards[:watched])
		ledger.MaxAge, watch.MaxAge, watch.Live = 24*time.Hour/perDay, time.Minute/2, true
		for _, groups := range [][]Group{{ledger, watch}, {watch, ledger}} {
			client := datedClient{make(map[bool]int)}
			env := newTestEnv(t, simulator.New(nil), nil, func(s *Settings) { s.Location = shanghai })
			env.Load(client, env.settings, groups, AnotherPlatform)
			source, random, presses := env.Pages(testEstimate), rand.New(rand.NewPCG(1, 0)), 0
			last := make(map[string]float64)
			eachMinute(days*24*60, func(minute int) {
				if minute%100 == 99 {
					if err := source.Refresh(t.Context(), cards[random.IntN(len(cards))].ICCID); err != nil {
						t.Error(err)
					}
					presses++
				}
				got := env.scrape(t)
				expectCount(t, got, "simcard_balance_bytes", len(cards))
				expectCount(t, got, "simcard_info", len(cards))
				expect(t, got, map[string]float64{
					`simcard_up{group="ledger"}`: 1, `simcard_up{group="watch"}`: 1,
					`simcard_group_state_cards{group="ledger",state="no_answer"}`: 0, `simcard_group_state_cards{group="watch",state="no_answer"}`: 0,
				})
				for series, value := range got {
					if strings.HasPrefix(series, "simcard_balance_bytes{") {
						if value < last[series] {
							t.Errorf("minute %d: %s describes %v after %v", minute, series, time.Unix(int64(value), 0), time.Unix(int64(last[series]), 0))
						}
						last[series] = value
					}
				}
				for _, c := range cards[:watched] {
					if age := float64(time.Now().Unix()) - got[cardSeries("simcard_balance_bytes", c)]; age > 60 {
						t.Errorf("minute %d: the data of a card of the watch list is %v s old", minute, age)
					}
				}
			})
			oldest := env.scrape(t)[`simcard_group_oldest_data_timestamp_seconds{group="ledger"}`]
			if want := float64(time.Now().Add(8 * time.Hour).Truncate(24 * time.Hour).Add(-8 * time.Hour).Unix()); oldest != want {
				t.Errorf("the oldest data of the ledger is of %v, want %v", time.Unix(int64(oldest), 0), time.Unix(int64(want), 0))
			}
			if n, most := client.requests[false], 3*(days*perDay+1); n > most {
				t.Errorf("%d daily requests, want at most %d", n, most)
			}
			if n, most := client.requests[true], days*24*60+presses+1; n > most {
				t.Errorf("%d live requests, want at most %d", n, most)
			}
		}
	})
}

// What is selected does not change what is said of a card with two mentions.
func TestFirstMentionOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card := simulator.PageCards()[:1]
		daily, live := testGroup("daily", byICCID, card), testGroup("live", byIMEI, card)
		live.Live = true
		for first, groups := range map[string][]Group{"daily": {daily, live}, "live": {live, daily}} {
			env := newTestEnv(t, simulator.New(nil), nil, func(s *Settings) { s.Location = shanghai })
			env.Load(datedClient{make(map[bool]int)}, env.settings, groups, AnotherPlatform)
			env.scrape(t)
			for _, selected := range []string{"daily", "live"} {
				s, err := env.Scrape(t.Context(), time.Now().Add(time.Minute), Selection{Only: []string{selected}})
				if err != nil {
					t.Fatal(err)
				}
				want := 0
				if selected == first {
					want = 1
				}
				if len(s.Cards) != want {
					t.Errorf("first in %s: %d cards in a scrape of %s, want %d", first, len(s.Cards), selected, want)
				}
				if g := s.Groups[0]; g.Cards != 1 || g.States[exposition.OK] != 1 || g.BatchesFailed != 0 {
					t.Errorf("first in %s: %+v", first, g)
				}
				for _, row := range s.Cards {
					if age := time.Since(time.Unix(int64(*row.Known.Balance), 0)); row.Group != first || age != 0 {
						t.Errorf("first in %s: in the group %s, with data %v old", first, row.Group, age)
					}
				}
			}
		}
	})
}
