package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// A card that is refused is served until its last answer is too old, and said to be
// refused meanwhile. Within an hour of the last refusal it is back.
func TestRefusedCardKeepsItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		bad := cards[7]
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		refused, found := cardSeries("refused", bad), cardSeries("found", bad)
		scrapeFor := func(minutes int) (last map[string]float64) {
			eachMinute(minutes, func(int) { last = env.scrape(t) })
			return last
		}
		expectAnswered := func(got map[string]float64) {
			t.Helper()
			expect(t, got, map[string]float64{groupUp: 1, found: 1})
			expectAbsent(t, got, refused)
		}
		expectAnswered(scrapeFor(3))

		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(bad)})
		lastScrape := func() float64 { return float64(time.Now().Add(-time.Minute).Unix()) }
		got := scrapeFor(50)
		expect(t, got, map[string]float64{groupUp: 1, refused: 1, found: 1, groupOldestAnswer: lastScrape()}) // not that of the card
		// By now the answer is older than max_age and stale_if_error.
		got = scrapeFor(30)
		expect(t, got, map[string]float64{groupUp: 1, refused: 1, groupOldestAnswer: lastScrape()})
		expectAbsent(t, got, found)
		expectCards(t, got, 19)
		expectCount(t, got, "refused", 1)

		env.sim.SetBehaviour(simulator.Behaviour{})
		expectAnswered(scrapeFor(64))
	})
}

// The others of a batch do not wait for its cards in quarantine, even if many of
// these hang, each for as long as a request may take.
func TestHangingQuarantineKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(60)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		bad := identifiers(cards[5:15]...)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang, Only: func(ids []string) bool {
			return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(bad, id) })
		}})
		known := 0 // scrapes since all that hang are in quarantine
		eachMinute(120, func(minute int) {
			start := time.Now()
			got := env.scrape(t)
			if n := countSeries(got, "refused"); n == 10 {
				known++
			} else if known > 0 || minute > 60 {
				t.Errorf("minute %d: %d cards refused, want 10", minute, n)
			}
			if known < 3 {
				return
			}
			if age := float64(start.Unix()) - got[groupOldestAnswer]; age > 120 {
				t.Errorf("minute %d: the oldest answer of a good card is %v s old", minute, age)
			}
		})
	})
}

// A platform that refuses a request now and then, since it is busy, gets hardly
// more requests than one that does not, however long that goes on, and afterwards
// nothing of it is left.
func TestSpuriousRefusalsLeaveThePlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const batches = 10
		cards := simulator.Fleet(20 * batches)
		group := testGroup("g", byIMEI, cards)
		group.StaleIfError = 0 // or it would hide cards that were not asked for
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Rejected, Share: .01, Latency: 10 * time.Millisecond})

		minutes := int(countedSpan() / time.Minute)
		incomplete := 0
		eachMinute(minutes, func(int) {
			if got := env.scrape(t); countSeries(got, "found") != len(cards) || got[groupUp] != 1 {
				incomplete++
			}
		})
		n, plan := env.sim.Counters().Requests, batches*minutes
		t.Logf("%d requests in %d scrapes, %.3f of the plan; %d scrapes incomplete", n, minutes, float64(n)/float64(plan), incomplete)
		if float64(n) > 1.1*float64(plan) {
			t.Errorf("%d requests with one in a hundred refused, want at most a tenth above the plan of %d", n, plan)
		}
		if incomplete > 0 {
			t.Errorf("%d of %d scrapes were incomplete", incomplete, minutes)
		}

		env.sim.SetBehaviour(simulator.Behaviour{})
		eachMinute(60, func(int) { env.scrape(t) })
		env.sim.ResetCounters()
		got := env.scrape(t)
		expect(t, got, map[string]float64{groupUp: 1})
		expectCards(t, got, len(cards))
		if n := env.sim.Counters().Requests; n != batches {
			t.Errorf("a scrape an hour after the last refusal took %d requests, want %d", n, batches)
		}
		expectCount(t, got, "refused", 0)
	})
}

// A batch with a card that is refused is halved until the card is alone, and what
// is answered is not halved any further. First a control shows that the platform
// answers.
func TestBisection(t *testing.T) {
	cards := simulator.Fleet(20)
	for name, test := range map[string]struct {
		refused []simulator.Card
		want    []int // cards in each request
	}{
		"none":      {want: []int{20}},
		"the first": {refused: cards[:1], want: []int{20, 1, 10, 5, 3, 2, 1, 1, 1, 2, 5, 10}},
		"the last":  {refused: cards[19:], want: []int{20, 1, 10, 10, 5, 5, 3, 2, 1, 1}},
		"both":      {refused: []simulator.Card{cards[0], cards[19]}, want: []int{20, 1, 10, 5, 3, 2, 1, 1, 1, 2, 5, 10, 5, 5, 3, 2, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
				var sizes []int // one request at a time
				env.scrape(t)
				advance(time.Minute)
				env.sim.SetBehaviour(simulator.Behaviour{
					Refuse: identifiers(test.refused...),
					Fault:  simulator.HTML,
					Only:   func(ids []string) bool { sizes = append(sizes, len(ids)); return false },
				})
				got := env.scrape(t)
				for len(sizes) == 2 { // the control was for a card that is refused
					sizes = nil
					advance(controlEvery)
					got = env.scrape(t)
				}
				expectCards(t, got, 20)
				expectCount(t, got, "refused", len(test.refused))
				if !slices.Equal(sizes, test.want) {
					t.Errorf("requests for %v cards, want %v", sizes, test.want)
				}
			})
		})
	}
}

// Numbers that are deleted from the configuration while they are found to be at fault
// leave nothing behind in the count of their group.
func TestQuarantineOfDeletedCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(80)
		group := testGroup("g", byIMEI, cards)
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.scrape(t)
		advance(time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second, Refuse: identifiers(cards[60:80]...)})
		go env.scrape(t)
		advance(5 * time.Second)
		group.Cards = testCards(byIMEI, cards[:60])
		env.reload(group)
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(cards[3])})
		var got map[string]float64
		eachMinute(15, func(int) { got = env.scrape(t) })
		expect(t, got, map[string]float64{groupUp: 1})
		expectCount(t, got, "refused", 1)
	})
}

// When most of a fleet that was answered before is refused, the platform is not called
// down for it, and the good cards are served.
func TestMostCardsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(200)
		var bad []simulator.Card
		for i, c := range cards {
			if i%10 != 7 {
				bad = append(bad, c)
			}
		}
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		advance(time.Minute)
		env.sim.SetBehaviour(simulator.Behaviour{Refuse: identifiers(bad...), Latency: 300 * time.Millisecond})
		down := 0
		eachMinute(120, func(int) {
			if env.scrape(t)[platformAvailable] == 0 {
				down++
			}
		})
		expectCount(t, env.scrape(t), "simcard_balance_bytes", 20) // an hour after the others' last answers
		if down > 15 {                                             // the controls are drawn at random
			t.Errorf("the platform is called down in %d of 120 scrapes", down)
		}
	})
}

// A card that is answered while its bisection goes on is not blamed for what came before.
func TestAnsweredDuringBisection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(40)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		advance(time.Minute)
		start := time.Now()
		env.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second, Draw: func(ids []string, _ bool) (simulator.Fault, time.Duration) {
			if slices.Contains(ids, cards[0].IMEI) && time.Since(start) < 10*time.Second || slices.Contains(ids, cards[19].IMEI) {
				return simulator.Rejected, 0
			}
			return simulator.None, 0
		}})
		go env.scrape(t)
		advance(14 * time.Second) // the first card has failed alone, and the last one is yet to be found
		_ = env.Pages(testEstimate).Refresh(t.Context(), cards[0].IMEI)
		advance(30 * time.Second)
		got := env.scrape(t)
		expectCount(t, got, "refused", 1)
		expectAbsent(t, got, cardSeries("refused", cards[0]))
	})
}
