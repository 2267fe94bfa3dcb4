package collector

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// An outage is logged when it begins, every hour, and at its end, and not at each scrape.
func TestIncompleteScrapesAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(20)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		expectLogged := func(when string, warnings, ends int) {
			t.Helper()
			log := env.log.String()
			if w, e := strings.Count(log, "scrape incomplete"), strings.Count(log, "scrape complete again"); w != warnings || e != ends {
				t.Errorf("%s: %d warnings and %d ends, want %d and %d:\n%s", when, w, e, warnings, ends, log)
			}
		}
		scrapeFor := func(d time.Duration) {
			for began := time.Now(); time.Since(began) < d; advance(time.Minute) {
				env.scrape(t)
			}
		}
		scrapeFor(5 * time.Minute)
		expectLogged("while all is well", 0, 0)
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
		scrapeFor(50 * time.Minute)
		expectLogged("in the first hour", 1, 0)
		scrapeFor(time.Hour)
		expectLogged("in the second hour", 2, 0)
		env.sim.SetBehaviour(simulator.Behaviour{})
		scrapeFor(5 * time.Minute)
		expectLogged("afterwards", 2, 1)
	})
}
