package collector

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/szzkc/simulator"
)

// TestRefresh: one card is asked for alone, without a scrape, and not again within
// seconds. What fails so changes nothing but the card's history.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		sim := simulator.New(cards)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newTestEnv(t, sim, []Group{group})
		source := env.Pages(testEstimate)
		refresh := func(id string, wantRequests int) {
			t.Helper()
			before := sim.Counters().Requests
			if err := source.Refresh(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if n := sim.Counters().Requests - before; n != wantRequests {
				t.Errorf("%d requests, want %d", n, wantRequests)
			}
		}
		env.scrape(t)
		refresh(cards[0].IMEI, 1) // live, although it was just asked for without
		refresh(cards[1].IMEI, 1) // of the same batch
		refresh(cards[1].IMEI, 0)
		advance(refreshNowInterval)
		refresh(cards[1].ICCID, 1) // although its answer is young
		c, _ := source.Card(cards[1].IMEI)
		if c.Answer == nil || !c.Answer.At.Equal(wallClock()) || len(c.Attempts) != 4 || !c.Attempts[0].This || c.Attempts[0].Cards != 1 || c.Attempts[0].Purpose != pages.Press {
			t.Errorf("%+v", c)
		}
		if err := source.Refresh(t.Context(), "352019040699995"); !errors.Is(err, pages.ErrNoCard) {
			t.Errorf("a card that is not listed: %v", err)
		}

		sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		for range 20 {
			advance(refreshNowInterval)
			refresh(cards[1].IMEI, 1)
		}
		before := sim.Counters().Requests
		expect(t, env.scrape(t), map[string]float64{groupUp: 1, groupBatchesFailed: 0, platformAvailable: 1})
		if n := sim.Counters().Requests - before; n != 0 {
			t.Errorf("%d requests after presses that failed, want none", n)
		}
	})
}

// TestRefreshInQuarantine: the card is asked for alone, before its time.
func TestRefreshInQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40) // with another batch, for controls
		sim := simulator.New(cards)
		env := newTestEnv(t, sim, []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		advance(time.Minute)
		source := env.Pages(testEstimate)
		sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[3].IMEI}})
		start := wallClock()
		env.scrape(t)
		c, _ := source.Card(cards[3].IMEI)
		if r := c.Refusal; r == nil || !r.Refused || r.Words != "卡号不合法" || !r.Since.Equal(start) || !r.Until.Equal(start.Add(firstCooldown)) {
			t.Fatalf("refusal %+v", r)
		}
		advance(refreshNowInterval)
		sim.SetBehaviour(simulator.Behaviour{})
		if err := source.Refresh(t.Context(), cards[3].IMEI); err != nil {
			t.Fatal(err)
		}
		c, _ = source.Card(cards[3].IMEI)
		if c.Refusal != nil || c.Answer == nil || c.Attempts[0].Cards != 1 {
			t.Errorf("afterwards: %+v", c)
		}
	})
}

// TestRefusalSince: a card is refused since the first time, however often it has been
// asked for since; after an answer, since the next first time.
func TestRefusalSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40) // with another batch, for controls
		sim := simulator.New(cards)
		env := newTestEnv(t, sim, []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		advance(time.Minute)
		source := env.Pages(testEstimate)
		for range 2 {
			sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[3].IMEI}})
			start := wallClock()
			eachMinute(14, func(minute int) {
				env.scrape(t)
				c, _ := source.Card(cards[3].IMEI)
				if c.Refusal == nil || !c.Refusal.Since.Equal(start) || minute > 5 && c.Refusal.Until.Sub(start) < 15*time.Minute {
					t.Errorf("minute %d: %+v, want since %v, and longer each time", minute, c.Refusal, start)
				}
			})
			sim.SetBehaviour(simulator.Behaviour{})
			eachMinute(15, func(int) { env.scrape(t) })
			if c, _ := source.Card(cards[3].IMEI); c.Refusal != nil {
				t.Errorf("answered, and %+v", c.Refusal)
			}
		}
	})
}

// TestRefreshWhilePlatformIsDown sends nothing, and does not wait. With slots that are
// all taken, it ends with its context.
func TestRefreshWhilePlatformIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		sim := simulator.New(cards)
		group := testGroup("g", byIMEI, cards)
		group.Live = true
		env := newTestEnv(t, sim, []Group{group})
		source := env.Pages(testEstimate)
		sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		go env.scrape(t)
		advance(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := source.Refresh(ctx, cards[0].IMEI); err != nil || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		eachMinute(3, func(int) { env.scrape(t) })
		if c, _ := source.Card(cards[0].IMEI); !c.PlatformDown || !c.LiveDown || c.BatchError == "" {
			t.Fatalf("not down: %+v", c)
		}
		began = time.Now()
		before := sim.Counters().Requests
		for i := range 20 {
			if err := source.Refresh(t.Context(), cards[20*i].IMEI); err != nil {
				t.Fatal(err)
			}
		}
		if n := sim.Counters().Requests - before; n != 0 || time.Since(began) != 0 {
			t.Errorf("%d requests in %v, want none at once", n, time.Since(began))
		}
	})
}

// TestRefreshKeepsCooldown: pressing the button again and again does not keep a card in
// quarantine longer.
func TestRefreshKeepsCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40) // with another batch, for controls
		sim := simulator.New(cards)
		group := testGroup("g", byIMEI, cards)
		group.MaxAge = time.Hour
		env := newTestEnv(t, sim, []Group{group})
		env.scrape(t)
		advance(time.Hour)
		source := env.Pages(testEstimate)
		sim.SetBehaviour(simulator.Behaviour{Refuse: []string{cards[3].IMEI}})
		env.scrape(t)
		before, _ := source.Card(cards[3].IMEI)
		requests := sim.Counters().Requests
		for range 6 {
			advance(refreshNowInterval)
			if err := source.Refresh(t.Context(), cards[3].IMEI); err != nil {
				t.Fatal(err)
			}
		}
		after, _ := source.Card(cards[3].IMEI)
		if n := sim.Counters().Requests - requests; n != 6 || !after.Refusal.Until.Equal(before.Refusal.Until) {
			t.Errorf("%d requests, and asked again at %v instead of %v", n, after.Refusal.Until, before.Refusal.Until)
		}
	})
}

// Presses of the button for one card cost one request, and do not wait behind a sweep.
func TestPressesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20 * 200)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		var seen requestCounts
		env.sim.SetBehaviour(seen.observe(simulator.Behaviour{Latency: time.Second}, batchOrCard))
		go env.scrapeFor(t, time.Minute)
		advance(500 * time.Millisecond)
		source := env.Pages(testEstimate)
		for range 8 {
			go func() { _ = source.Refresh(t.Context(), cards[len(cards)-1].IMEI) }() // of the batch that comes last
		}
		advance(3 * time.Second)
		if n := seen.take()["card"]; n != 1 {
			t.Errorf("%d requests for the card within 3 s, want 1", n)
		}
		env.end()
	})
}
