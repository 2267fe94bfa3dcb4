package collector

import (
	"testing"
	"testing/synctest"

	"simcard_exporter/collector/szzkc/simulator"
)

func TestEnds(t *testing.T) {
	e := ends{id: endOf("898604231919c0083314"), expected: endOf("352019040635785")}
	for end, want := range map[string]bool{
		"3314": true, "314": true, "4": true, "5785": true, "85": true,
		"3315": false, "331": false, "0": false, "": true,
	} {
		if got := e.match(endOf(end), endMask(len(end))); got != want {
			t.Errorf("%q: %t, want %t", end, got, want)
		}
	}
	if endOf("00ab") != endOf("00AB") {
		t.Error("the case of letters counts")
	}
}

// TestReportedEnds: the identifier that the platform reports is there after the
// answer, and after a reload.
func TestReportedEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(3)
		groups := []Group{testGroup("g", byIMEI, cards)}
		env := newTestEnv(t, simulator.New(cards), groups)
		env.scrape(t)
		check := func() {
			t.Helper()
			ends := env.refresher.Load().fleet.Load().groups[0].batches[0].ends
			for i := range ends {
				if other := ends[i].other.Load(); other != endOf(cards[i].ICCID) {
					t.Errorf("card %d: %x", i, other)
				}
			}
		}
		check()
		env.reload(groups...)
		check()
	})
}
