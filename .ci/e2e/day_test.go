//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// dayMessages are all changes that the messages of TestDay tell, in their order, by the
// route that sends them. What stands in one line may come in any order.
var dayMessages = map[string][]string{
	`tickets {}/{alertname="Watchdog"}`: {"firing Watchdog"},
	`tickets {}/{problem!=""}`: {
		"firing SimcardExpiresSoon Shop 5",
		"resolved SimcardExpiresSoon Shop 5",
	},
	`tickets {}`: {
		"firing SimcardConfigReloadFailed simcard",
		"resolved SimcardConfigReloadFailed simcard",
	},
	`pager {}/{severity="critical"}`: {
		"firing SimcardSuspended Shop 3",
		"firing SimcardPlatformDown live, firing SimcardPlatformDown terminals",
		"resolved SimcardPlatformDown live, resolved SimcardPlatformDown terminals",
		"firing SimcardCardsVanished terminals",
		"resolved SimcardCardsVanished terminals",
		"firing SimcardExporterDown simcard",
		"resolved SimcardExporterDown simcard",
		"resolved SimcardSuspended Shop 3",
	},
}

// TestDay lives through a working day: every message of the example is wanted, and no other.
// From its first hour to its last a card is suspended, of which nothing is said in between.
func TestDay(t *testing.T) {
	t.Parallel() // with TestSpreadsheet, which waits as much
	d := startDay(t)
	const calm = hour / 3 // in which a false message would come: a keep_firing_for and a group_interval
	d.pass(calm)

	d.change(3, func(c *simulator.Card) { c.Status = 0 })
	d.wait("firing SimcardSuspended Shop 3")
	d.change(5, func(c *simulator.Card) { c.ExpireTS = time.Now().AddDate(0, 0, 20).Format("2006-01-02T15:04:05") })
	d.wait("firing SimcardExpiresSoon Shop 5")
	d.pass(calm)
	for _, server := range []string{"prometheus", "alertmanager", "exporter"} {
		d.stop(server)
		d.start(server)
		d.pass(calm)
	}
	// A renewal. The next message about warnings of cards is due in six hours.
	d.change(5, func(c *simulator.Card) { c.ExpireTS = time.Now().AddDate(1, 0, 0).Format("2006-01-02T15:04:05") })

	// Longer than answers are served, and than SimcardPlatformIncomplete waits.
	d.platform.SetBehaviour(simulator.Behaviour{Fault: simulator.Unavailable})
	d.wait("firing SimcardPlatformDown terminals")
	d.wait("firing SimcardPlatformDown live")
	d.pass(hour)
	d.stop("exporter")
	d.start("exporter")
	d.pass(calm)
	d.platform.SetBehaviour(simulator.Behaviour{})
	d.wait("resolved SimcardPlatformDown terminals")
	d.wait("resolved SimcardPlatformDown live")
	d.pass(calm)

	workbook := filepath.Join(d.dir, "terminals.csv")
	rows := strings.SplitAfter(string(read(t, workbook)), "\n")
	write(t, workbook, strings.Join(slices.Concat(rows[:1], rows[37:]), "")) // four of 40, without shop 3
	d.wait("firing SimcardCardsVanished terminals")
	d.pass(calm)
	write(t, workbook, strings.Join(rows, ""))
	d.wait("resolved SimcardCardsVanished terminals")
	d.pass(calm)
	if err := os.Remove(workbook); err != nil {
		t.Fatal(err)
	}
	d.wait("firing SimcardConfigReloadFailed simcard")
	d.pass(calm)
	write(t, workbook, strings.Join(rows, ""))
	d.wait("resolved SimcardConfigReloadFailed simcard")

	d.stop("exporter")
	d.wait("firing SimcardExporterDown simcard")
	d.pass(calm)
	d.start("exporter")
	d.wait("resolved SimcardExporterDown simcard")
	d.pass(calm)

	d.change(3, func(c *simulator.Card) { c.Status = 1 })
	d.wait("resolved SimcardSuspended Shop 3")
	d.wait("resolved SimcardExpiresSoon Shop 5")
	d.pass(calm)
	d.want(dayMessages)
}
