//go:build e2e

// Package e2e runs the examples against the real Prometheus and Alertmanager.
// Their binaries, promtool and amtool must be in PATH.
package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"testing"
)

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

// checkDashboards sends every query of the dashboards to Prometheus, for a card
// of the demo.
func checkDashboards(t *testing.T, s *servers, metrics string) {
	t.Helper()
	card := regexp.MustCompile(`simcard_device_match\{iccid="(\w+)",imei="(\w+)"\} 1`).FindStringSubmatch(metrics)
	if card == nil {
		t.Fatal("the demo has no card in its expected device")
	}
	list := command("go", "run", "./queries", "-var", "job=simcard.*", "-var", "iccid="+card[1], "-var", "imei="+card[2],
		"-var", "__rate_interval=20s", "-var", "__range=1m", "-var", "__interval=5s")
	list.Dir = "../dashboards" // a module of its own
	out, err := list.Output()
	if err != nil {
		t.Fatalf("queries: %v", err)
	}
	n := 0
	for line := range bytes.Lines(out) {
		var q struct {
			Dashboard, Panel, Expr string
			MayBeEmpty             bool
		}
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		n++
		eventually(t, fmt.Sprintf("data for %s / %s: %s", q.Dashboard, q.Panel, q.Expr), func() error {
			var result struct{ Result []json.RawMessage }
			if err := s.query("/api/v1/query?query="+url.QueryEscape(q.Expr), &result); err != nil {
				return err
			}
			if len(result.Result) == 0 && !q.MayBeEmpty {
				return errors.New("no data")
			}
			return nil
		})
	}
	if n < 50 {
		t.Errorf("only %d queries", n)
	}
}
