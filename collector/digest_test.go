package collector

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc/simulator"
)

// TestDigest: each card in trouble is in one part, the most urgent part and card first, and
// nothing is asked.
func TestDigest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it begins on a Saturday, 2000-01-01
		zone := time.FixedZone("Asia/Shanghai", 8*60*60) // of the platform
		cards := simulator.Fleet(400)
		for i := range cards {
			cards[i].Status, cards[i].Balance, cards[i].ExpireTS = 1, "4000.00KB", "2001-02-01T00:00:00"
		}
		cards[1].Status, cards[1].Balance = 0, "12.00KB"
		cards[2].ExpireTS = "1999-12-31T00:00:00"
		cards[3].ExpireTS, cards[3].Balance = "2000-01-10T00:00:00", "12.00KB" // a Monday
		cards[4].ExpireTS = "2000-01-09T23:00:00"
		cards[5].ExpireTS = "2000-01-02T12:00:00"
		cards[6].Balance = "12.00KB"
		for i := range 250 { // more than are kept
			cards[100+i].ExpireTS = time.Date(2000, 1, 21, 0, 0, 0, 0, time.UTC).Add(-time.Duration(i) * time.Minute).Format("2006-01-02T15:04:05")
		}
		fleet := testGroup("g", byICCID, cards)
		fleet.ExpiringWithin, fleet.LowBalance = 30*24*time.Hour, 1<<20
		env := newTestEnv(t, simulator.New(cards), []Group{fleet}, func(s *Settings) { s.Location = zone })
		source := env.Pages(testEstimate)

		d, err := source.Digest(t.Context())
		if err != nil || len(d.Parts) != 1 || d.Parts[0].State != problem.NoAnswer || d.Parts[0].Total != 400 || len(d.Parts[0].Cards) != pages.MaxRows {
			t.Errorf("before a scrape: %d parts, %v", len(d.Parts), err)
		}
		env.scrape(t)
		requests := env.sim.Counters().Requests
		if d, err = source.Digest(t.Context()); err != nil || d.Cards != 400 {
			t.Errorf("%d cards, %v", d.Cards, err)
		}
		if asked := env.sim.Counters().Requests - requests; asked != 0 {
			t.Errorf("%d requests", asked)
		}
		var got []string
		for _, p := range d.Parts {
			week := ""
			if !p.Week.IsZero() {
				week = p.Week.In(zone).Format(" 01-02")
			}
			got = append(got, fmt.Sprintf("%v %v%s: %d, %s", p.State, p.Problem, week, p.Total, p.Cards[0].ID))
		}
		want := []string{
			"out_of_service suspended: 2, " + cards[2].ICCID,
			"attention expiring 12-27: 1, " + cards[5].ICCID,
			"attention expiring 01-03: 1, " + cards[4].ICCID,
			"attention expiring 01-10: 1, " + cards[3].ICCID,
			"attention expiring 01-17: 250, " + cards[349].ICCID,
			"attention data_low: 1, " + cards[6].ICCID,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if many := d.Parts[min(4, len(d.Parts)-1)].Cards; len(many) != pages.MaxRows || many[99].ID != cards[250].ICCID {
			t.Errorf("%d cards, the last of which is %s", len(many), many[99].ID)
		}

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := source.Digest(ctx); err == nil {
			t.Error("nobody waits, and no error")
		}
	})
}
