package collector

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// An answer is served for max_age and stale_if_error, and while its card is in
// quarantine the batch is complete without it.
func TestServedAnswers(t *testing.T) {
	const bound = time.Minute + time.Hour
	for name, test := range map[string]struct {
		change   func(c *card) // one card of three with answers half a minute old
		served   int
		rows     int
		complete bool
	}{
		"young":                  {change: func(*card) {}, served: 3, rows: 3, complete: true},
		"old enough":             {change: func(c *card) { answerAll([]*card{c}, bound) }, served: 3, rows: 3, complete: true},
		"too old":                {change: func(c *card) { answerAll([]*card{c}, bound+1) }, served: 2, rows: 2},
		"of a clock set back":    {change: func(c *card) { answerAll([]*card{c}, -bound-1) }, served: 2, rows: 2},
		"none":                   {change: func(c *card) { c.answer.Store(nil) }, served: 2, rows: 2},
		"none, in quarantine":    {change: func(c *card) { c.answer.Store(nil); c.blame(0, result{}, false) }, served: 2, rows: 3, complete: true},
		"young, in quarantine":   {change: func(c *card) { c.blame(0, result{}, false) }, served: 3, rows: 3, complete: true},
		"too old, in quarantine": {change: func(c *card) { answerAll([]*card{c}, bound+1); c.blame(0, result{}, false) }, served: 2, rows: 3, complete: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(new(szzkc.Client), Settings{}, []Group{testGroup("g", byIMEI, simulator.Fleet(3))}, nil)
				f.groups[0].MaxAge = time.Minute
				b := f.groups[0].batches[0]
				answerAll(b.cards, 30*time.Second)
				test.change(b.cards[1])
				s := &snapshotBuilder{start: wallClock(), now: wallClock()}
				var group exposition.Group
				if complete := s.addBatch(b, &group); complete != test.complete {
					t.Errorf("complete %t, want %t", complete, test.complete)
				}
				if group.Served != test.served || len(s.Cards) != test.rows {
					t.Errorf("%d rows, %d of them served, want %d and %d", len(s.Cards), group.Served, test.rows, test.served)
				}
			})
		})
	}
}

// The rows of a snapshot are made at once for all groups, and when a load leaves few
// cards, their memory is given back.
func TestRowsFitTheFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(8000)
		var groups []Group
		for chunk := range slices.Chunk(cards, 800) {
			groups = append(groups, testGroup(strconv.Itoa(len(groups)), byIMEI, chunk))
		}
		env := newTestEnv(t, simulator.New(cards), groups)
		snapshot, err := env.Scrape(t.Context(), time.Now().Add(time.Hour), Selection{})
		if err != nil {
			t.Fatal(err)
		}
		if n := cap(snapshot.Cards); n > len(cards)*21/20 {
			t.Errorf("room for %d rows, want about %d", n, len(cards))
		}
		env.release(snapshot)
		env.reload(testGroup("g", byIMEI, cards[:10]))
		for range 2 {
			expectCards(t, env.scrape(t), 10)
		}
		if rows, ok := env.rows.Get().(*[]exposition.Card); ok && cap(*rows) > 2000 {
			t.Errorf("%d rows are kept for 10 cards", cap(*rows))
		}
	})
}
