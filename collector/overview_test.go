package collector

import (
	"runtime"
	"testing"
	"testing/synctest"
	"weak"

	"simcard_exporter/collector/szzkc/simulator"
)

// TestOverviewKeepsNoFleet: what an overview remembers does not keep the cards of an
// earlier load in memory.
func TestOverviewKeepsNoFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		group := testGroup("g", byIMEI, cards)
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		source := env.Pages(testEstimate)
		source.Overview()
		previous := weak.Make(env.fleet.Load())
		env.reload(group)
		runtime.GC()
		if previous.Value() != nil {
			t.Error("the fleet before the load is still in memory")
		}
		runtime.KeepAlive(source)
	})
}
