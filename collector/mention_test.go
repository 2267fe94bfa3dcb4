package collector

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc/simulator"
)

// datedClient is a client of a platform whose nightly job takes three hours. The balance
// of each card is the Unix time that its answer describes, in seconds.
type datedClient struct{ daily, live atomic.Int64 } // requests

func (*datedClient) MaxBatch() int { return 20 }

func (c *datedClient) Query(_ context.Context, identifiers []string, live bool) (answer platform.Answer, err error) {
	at := time.Now()
	if live {
		c.live.Add(1)
	} else {
		c.daily.Add(1)
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
	const days, watched, perDay, interval = 3, 10, 2, 5 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		ledger, watch := testGroup("ledger", byICCID, cards), testGroup("watch", byIMEI, cards[:watched])
		ledger.MaxAge, watch.MaxAge, watch.Live = 24*time.Hour/perDay, time.Minute/2, true
		for _, groups := range [][]Group{{ledger, watch}, {watch, ledger}} {
			client := new(datedClient)
			env := newTestEnv(t, simulator.New(nil), nil, func(s *Settings) { s.Location = shanghai })
			env.Load(client, env.settings, groups, AnotherPlatform)
			source, random, presses := env.Pages(testEstimate), rand.New(rand.NewPCG(1, 0)), int64(0)
			last := make(map[string]float64)
			for n := range int(days * 24 * time.Hour / interval) {
				if n%20 == 19 {
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
							t.Errorf("scrape %d: %s describes %v after %v", n, series, time.Unix(int64(value), 0), time.Unix(int64(last[series]), 0))
						}
						last[series] = value
					}
				}
				for _, c := range cards[:watched] {
					if age := float64(time.Now().Unix()) - got[cardSeries("simcard_balance_bytes", c)]; age > 0 {
						t.Errorf("scrape %d: the data of a card of the watch list is %v s old", n, age)
					}
				}
				advance(interval)
			}
			oldest := env.scrape(t)[`simcard_group_oldest_data_timestamp_seconds{group="ledger"}`]
			if want := float64(time.Now().Add(8 * time.Hour).Truncate(24 * time.Hour).Add(-8 * time.Hour).Unix()); oldest != want {
				t.Errorf("the oldest data of the ledger is of %v, want %v", time.Unix(int64(oldest), 0), time.Unix(int64(want), 0))
			}
			if n, most := client.daily.Load(), int64(3*(days*perDay+1)); n > most {
				t.Errorf("%d daily requests, want at most %d", n, most)
			}
			if n, most := client.live.Load(), int64(days*24*time.Hour/interval)+presses+1; n > most {
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
			env.Load(new(datedClient), env.settings, groups, AnotherPlatform)
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
				if g := s.Groups[0]; g.Cards != 1 || g.States[problem.OK] != 1 || g.BatchesFailed != 0 {
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

// stubClient is a client of a platform that answers as the function says.
type stubClient func(identifiers []string, live bool) ([]platform.Card, error)

func (stubClient) MaxBatch() int { return 20 }

func (c stubClient) Query(_ context.Context, identifiers []string, live bool) (platform.Answer, error) {
	cards, err := c(identifiers, live)
	return platform.Answer{Cards: cards}, err
}

// loadStub returns an exporter that queries client.
func loadStub(t *testing.T, client stubClient, groups ...Group) *testEnv {
	t.Helper()
	env := newTestEnv(t, simulator.New(nil), nil, func(s *Settings) { s.Location = shanghai })
	env.Load(client, env.settings, groups, AnotherPlatform)
	return env
}

// withStatus returns those of the cards that are asked for, with a status.
func withStatus(cards []simulator.Card, identifiers []string, status int) (found []platform.Card) {
	for _, c := range cards {
		if slices.Contains(identifiers, c.IMEI) || slices.Contains(identifiers, c.ICCID) {
			found = append(found, platform.Card{IMEI: c.IMEI, ICCID: c.ICCID, Status: &status})
		}
	}
	return found
}

// A new card, which is in no daily data yet, is found by a press of the button. Daily data
// without it are about an earlier moment, and accuse nobody.
func TestPressFindsANewCard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(1)
		env := loadStub(t, func(identifiers []string, live bool) ([]platform.Card, error) {
			if !live {
				return nil, nil
			}
			return withStatus(cards, identifiers, 1), nil
		}, testGroup("g", byIMEI, cards))
		env.scrape(t)
		advance(time.Minute)
		if err := env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI); err != nil {
			t.Fatal(err)
		}
		eachMinute(90, func(minute int) {
			got := env.scrape(t)
			expect(t, got, map[string]float64{groupUp: 1, groupBatchesFailed: 0, platformAvailable: 1, cardSeries("simcard_status", cards[0]): 1})
			if n := got[groupRequests]; n > float64(minute+3) {
				t.Errorf("minute %d: %v requests", minute, n)
			}
		})
	})
}

// The breaker of live requests does not stay open when no group is live any more: only the
// button would notice that the platform answers again.
func TestPressAfterLiveIsSwitchedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		cards, dead := simulator.Fleet(400), true
		group := testGroup("g", byIMEI, cards)
		group.Live, group.MaxAge = true, 3*time.Minute
		client := stubClient(func(identifiers []string, live bool) ([]platform.Card, error) {
			if live {
				asked.Add(1)
			}
			if live && dead {
				return nil, &platform.Error{Reason: platform.HTTP5xx, Err: context.DeadlineExceeded}
			}
			return withStatus(cards, identifiers, 1), nil
		})
		env := loadStub(t, client, group)
		for range 5 {
			env.scrape(t)
			advance(4 * time.Minute)
		}
		source := env.Pages(testEstimate)
		if c, _ := source.Card(cards[0].IMEI); !c.LiveDown {
			t.Fatal("the breaker is not open")
		}
		group.Live, dead = false, false
		env.Load(client, env.settings, []Group{group}, SamePlatform)
		env.scrape(t)
		before := asked.Load()
		if err := source.Refresh(t.Context(), cards[0].IMEI); err != nil || asked.Load() != before+1 {
			t.Errorf("%d requests: %v", asked.Load()-before, err)
		}
	})
}

// What another account was told does not count beside what this one is told.
func TestAnotherAccountReplacesAPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards, status := simulator.Fleet(40), 1
		client := stubClient(func(identifiers []string, _ bool) ([]platform.Card, error) {
			return withStatus(cards, identifiers, status), nil
		})
		group := testGroup("g", byIMEI, cards)
		env := loadStub(t, client, group)
		env.scrape(t)
		if err := env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI); err != nil {
			t.Fatal(err)
		}
		advance(time.Minute)
		status = 0
		env.Load(client, env.settings, []Group{group}, AnotherAccount)
		got := env.scrape(t)
		expect(t, got, map[string]float64{cardSeries("simcard_status", cards[0]): 0, cardSeries("simcard_status", cards[1]): 0})
	})
}

// An answer from the future counts only if there is no other, whichever mention has it.
func TestViewOfTheFuture(t *testing.T) {
	now := time.Now()
	good, future := answerAt(5, now.Add(-time.Minute)), answerAt(4, now.Add(24*time.Hour))
	for name, order := range map[string][]*answer{"first": {future, good}, "second": {good, future}} {
		var v view
		for _, a := range order {
			v.add(a, now)
		}
		if v.answer != good {
			t.Errorf("from the future, %s: it counts", name)
		}
	}
}

// Two answers that come while a scrape looks at the mentions give no series twice, and
// which of two cards an unanswered mention is does not change with every answer.
func TestTwinIsNotedWhileAScrapeLooks(t *testing.T) {
	cards := simulator.Fleet(2)
	iccid := cards[0].ICCID
	f := newFleet(stubClient(nil), Settings{}, []Group{
		testGroup("x", byICCID, cards[:1]), testGroup("a", byIMEI, cards[:1]), testGroup("b", byIMEI, cards[1:]),
	}, nil)
	now := wallClock()
	unanswered, a, b := f.card(iccid), f.card(cards[0].IMEI), f.card(cards[1].IMEI)
	say := func(c *card, seq uint64) {
		said := answerAt(seq, now)
		said.item = &platform.Card{IMEI: c.id, ICCID: iccid}
		c.noteTwin(said)
		c.put(said, now)
	}
	s := &snapshotBuilder{start: now, now: now}
	seen := make(map[[2]string]bool)
	look := func(c *card) {
		if v := s.view(c); v.first == c {
			row := v.row(true, wallClock())
			if key := [2]string{row.IMEI, row.ICCID}; seen[key] {
				t.Errorf("two rows of %v", key)
			} else {
				seen[key] = true
			}
		}
	}
	say(b, 1)
	look(unanswered)
	say(a, 2)
	look(a)
	look(b)
	for seq := range uint64(4) {
		say([]*card{a, b}[seq%2], 3+seq)
		if twin := unanswered.view(now).second; twin != a {
			t.Errorf("after answer %d the twin is not the first that names it", seq)
		}
	}
}
