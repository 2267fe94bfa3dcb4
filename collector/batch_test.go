package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// testBatch is a batch of n cards without answers, of a group with a max_age of a
// minute.
func testBatch(n int) *batch {
	g := testGroup("g", byIMEI, simulator.Fleet(n))
	g.MaxAge = time.Minute
	return newFleet(new(szzkc.Client), Settings{}, []Group{g}, nil).groups[0].batches[0]
}

// answerAll gives each card an answer of that age.
func answerAll(cards []*card, age time.Duration) {
	for _, c := range cards {
		c.answer.Store(nil)
		c.put(answerAt(1, wallClock().Add(-age)), wallClock())
	}
}

// A batch is stale if a card outside quarantine has no answer that is younger than
// max_age.
func TestStale(t *testing.T) {
	for name, test := range map[string]struct {
		change func(b *batch) // of a batch that is not stale
		want   bool
	}{
		"young":                  {change: func(*batch) {}, want: false},
		"one too old":            {change: func(b *batch) { answerAll(b.cards[2:], time.Minute) }, want: true},
		"almost too old":         {change: func(b *batch) { answerAll(b.cards[2:], time.Minute-1) }, want: false},
		"of a clock set back":    {change: func(b *batch) { answerAll(b.cards[2:], -1) }, want: true},
		"not answered":           {change: func(b *batch) { b.cards[2].answer.Store(nil) }, want: true},
		"asked another account":  {change: func(b *batch) { b.cards[2].invalidate() }, want: true},
		"old, but in quarantine": {change: func(b *batch) { answerAll(b.cards[2:], time.Hour); b.cards[2].blame(0, result{}, false) }, want: false},
		"max_age 0":              {change: func(b *batch) { b.group.MaxAge = 0 }, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := testBatch(3)
				answerAll(b.cards, 30*time.Second)
				test.change(b)
				if got := b.stale(wallClock()); got != test.want {
					t.Errorf("stale %t, want %t", got, test.want)
				}
			})
		})
	}
}

// A batch is due while a card outside quarantine has no young answer, and when the
// quarantine of one is over.
func TestDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBatch(4)
		waiting, ready := b.cards[1], b.cards[3]
		ready.blame(0, result{}, false)
		<-time.After(firstCooldown)
		waiting.blame(0, result{}, false)
		x := &refresh{batch: b, start: wallClock()}
		x.plan()
		if want := []*card{b.cards[0], b.cards[2]}; len(x.parts) != 1 || !slices.Equal(x.parts[0], want) {
			t.Errorf("%v together, want %s", x.parts, ids(want))
		}
		if want := []*card{ready}; !slices.Equal(x.quarantined, want) {
			t.Errorf("%s alone, want %s", ids(x.quarantined), ids(want))
		}

		answerAll(x.parts[0], 0)
		x = &refresh{batch: b, start: wallClock()}
		x.plan()
		if len(x.parts) != 0 || !slices.Equal(x.quarantined, []*card{ready}) || !b.due(wallClock()) {
			t.Errorf("%v together and %s alone, want only the latter", x.parts, ids(x.quarantined))
		}
		answerAll([]*card{ready}, 0)
		if b.due(wallClock()) {
			t.Error("due, with young answers and one card whose quarantine goes on")
		}
	})
}

// The oldest answer is that of the cards outside quarantine.
func TestOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testBatch(3)
		if got := b.oldest(); got != 0 {
			t.Errorf("%v without an answer, want 0", got)
		}
		answerAll(b.cards, time.Minute)
		answerAll(b.cards[1:], time.Hour)
		if got := time.Since(b.oldest().Time()); got != time.Hour {
			t.Errorf("%v old, want an hour", got)
		}
		b.cards[1].blame(0, result{}, false)
		b.cards[2].blame(0, result{}, false)
		if got := time.Since(b.oldest().Time()); got != time.Minute {
			t.Errorf("%v old, want a minute: the others are in quarantine", got)
		}
	})
}
