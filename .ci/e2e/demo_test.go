//go:build e2e

// Package e2e runs the examples against the real Prometheus and Alertmanager.
// Their binaries, promtool and amtool must be in PATH.
package e2e

import "testing"

// TestDemo monitors the demo with the examples: every target is up, every rule
// works, every panel of the dashboards has data, and the suspended card's alert
// arrives with the shop's name.
func TestDemo(t *testing.T) {
	exporter := startExporter(t, "--demo").address
	s := startServers(t, exporter)

	eventually(t, "every target up", s.targetsUp)
	eventually(t, "every rule evaluated without error", s.rulesHealthy)
	eventually(t, "the suspended card's alert at the webhook", func() error {
		return s.webhook.has("firing", "SimcardSuspended", "shop", "阳光水果2号店")
	})
	for _, alert := range []string{
		"SimcardExpired", "SimcardExpiresSoon", "SimcardOutOfData", "SimcardDataLow", "SimcardUnknown", "SimcardMoved",
	} {
		eventually(t, alert+" at the webhook", func() error { return s.webhook.has("firing", alert, "", "") })
	}

	metrics := get(t, "http://"+exporter+"/metrics")
	runWith(t, metrics, "promtool", "check", "metrics")
	checkDashboards(t, s, metrics)
}
