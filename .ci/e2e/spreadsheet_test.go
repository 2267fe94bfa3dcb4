//go:build e2e

package e2e

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// TestSpreadsheet monitors a fleet from a card file on a platform that fails:
// the suspended card's alert goes on while the platform is down, and is resolved
// once the card is in service again.
func TestSpreadsheet(t *testing.T) {
	t.Parallel()
	const suspended = 7
	shop := fmt.Sprintf(`Shop %d, "East"`, suspended)
	cards := fleetInService(60)
	cards[suspended].Status = 0
	platform := simulator.New(cards)
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)

	exporter := startExporter(t, "--config.file="+writeConfig(t, server.URL, cards)).address
	s := startServers(t, exporter)
	eventually(t, "every target up", s.targetsUp)
	eventually(t, "every rule evaluated without error", s.rulesHealthy)
	eventually(t, "the suspended card's alert at the webhook", func() error {
		return s.webhook.has("firing", "SimcardSuspended", "shop", shop)
	})

	platform.SetBehaviour(simulator.Behaviour{Fault: simulator.Unavailable})
	eventually(t, "the platform's alert at the webhook", func() error {
		return s.webhook.has("firing", "SimcardPlatformDown", "group", "terminals")
	})
	eventually(t, "the card's problem held for longer than keep_firing_for", func() error {
		return s.expectValue(`count(card:simcard_problem:held{problem="suspended"}) and on () absent_over_time(simcard_problem[10s])`, 1)
	})
	if n := s.webhook.count("resolved", "SimcardSuspended"); n != 0 {
		t.Errorf("%d alerts were resolved by an outage", n)
	}

	platform.SetBehaviour(simulator.Behaviour{})
	eventually(t, "the platform's alert resolved", func() error {
		return s.webhook.has("resolved", "SimcardPlatformDown", "group", "terminals")
	})
	cards[suspended].Status = 1
	platform.SetCards(cards)
	eventually(t, "the card's alert resolved", func() error {
		return s.webhook.has("resolved", "SimcardSuspended", "shop", shop)
	})
}

// fleetInService returns n cards without a problem.
func fleetInService(n int) []simulator.Card {
	cards := simulator.Fleet(n)
	for i := range cards {
		cards[i].Status, cards[i].Balance = 1, "20480.00KB"
		cards[i].ExpireTS = time.Now().AddDate(1, 0, 0).Format("2006-01-02T15:04:05")
	}
	return cards
}

// writeConfig writes the example's configuration and card file, changed for this
// platform and these cards, and returns the path of the configuration. The card
// file lists the first 40 cards, the group "live" three others.
func writeConfig(t *testing.T, platformURL string, cards []simulator.Card) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "simcard.yml")
	write(t, file, replace(t, example(t, "config/simcard.yml"),
		`(?m)^groups:$`, "platform: {url: "+platformURL+", max_retries: 0}\ngroups:",
		`max_age: \S+`, "max_age: 1s",
		`stale_if_error: \S+`, "stale_if_error: 0s",
		`imeis: \[.*\]`, fmt.Sprintf("imeis: [%s, %s]", cards[50].IMEI, cards[51].IMEI),
		`iccids: \[.*\]`, fmt.Sprintf("iccids: [%s]", cards[52].ICCID)))

	header, _, _ := strings.Cut(example(t, "config/terminals.csv"), "\n")
	if header != "imei,iccid,shop,city,till" {
		t.Fatalf("terminals.csv has the columns %s", header)
	}
	var rows strings.Builder
	fmt.Fprintln(&rows, header)
	for i, c := range cards[:40] {
		fmt.Fprintf(&rows, "%s,%s,\"Shop %d, \"\"East\"\"\",Hangzhou,%d\n", c.IMEI, c.ICCID, i, i)
	}
	write(t, filepath.Join(dir, "terminals.csv"), rows.String())
	return file
}
