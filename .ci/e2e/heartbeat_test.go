//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHeartbeat checks the dead man's switch of the examples: while Prometheus
// evaluates the rule, its alert keeps arriving at the receiver, and also in the
// chat. When Prometheus is gone, it no longer does.
func TestHeartbeat(t *testing.T) {
	prometheus, alertmanager := freeAddress(t), freeAddress(t)
	beats, pager, chat := &webhook{}, &webhook{}, &robot{name: "wecom"}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "rules/watchdog.rules.yml"), example(t, "prometheus/rules/watchdog.rules.yml"))
	write(t, filepath.Join(dir, "prometheus.yml"), replace(t, example(t, "prometheus/prometheus.yml"),
		`(scrape_interval|evaluation_interval|scrape_timeout): \S+`, "$1: 1s",
		`alertmanager:9093`, alertmanager,
		`(prometheus:9090|exporter:10460)`, prometheus,
	))
	write(t, filepath.Join(dir, "robots.tmpl"), example(t, "alertmanager/robots.tmpl"))
	write(t, filepath.Join(dir, "alertmanager.yml"), replace(t, example(t, "alertmanager/alertmanager.yml"),
		`(group_wait|group_interval|repeat_interval): (\d+)[mhd]`, "$1: ${2}00ms", // 5m becomes 500ms
		`start_time: "\S+"`, `start_time: "00:00"`, // all day
		`end_time: "\S+"`, `end_time: "24:00"`,
		`receiver: tickets`, "receiver: wecom",
		`/etc/alertmanager`, dir,
		`http://127.0.0.1:9999/heartbeat`, serve(t, beats),
		`http://127.0.0.1:9999/pager`, serve(t, pager),
	))
	write(t, filepath.Join(dir, "wecom.url"), serve(t, chat))
	startAlertmanager(t, dir, alertmanager)
	stop := startPrometheus(t, dir, prometheus)

	eventually(t, "three heartbeats", func() error {
		if n := beats.count("firing", "Watchdog"); n < 3 {
			return fmt.Errorf("%d heartbeats", n)
		}
		return nil
	})
	eventually(t, "the heartbeat in the chat", func() error {
		if len(chat.since(0)) == 0 {
			return errors.New("no message")
		}
		return nil
	})
	if m := chat.since(0)[0]; m.refusal != nil || !strings.HasPrefix(m.text, "**【告警】每日自检 1**\n🔵 告警通道正常\n[") {
		t.Errorf("%s, refused with %v", m.text, m.refusal)
	}

	stop()
	eventually(t, "no Watchdog at Alertmanager", func() error {
		if body, err := fetch("http://" + alertmanager + "/api/v2/alerts?filter=alertname=Watchdog"); err != nil || string(body) != "[]\n" {
			return fmt.Errorf("%s %w", body, err)
		}
		return nil
	})
	page := cards(1, nil)
	postAlerts(t, alertmanager, page)
	eventually(t, "another alert", func() error { return pager.has("firing", "SimcardSuspended", "", "") })
	// Until this alert's end is sent, two heartbeats are due.
	last := beats.count("firing", "Watchdog")
	page[0].EndsAt = time.Now()
	postAlerts(t, alertmanager, page)
	eventually(t, "its end", func() error { return pager.has("resolved", "SimcardSuspended", "", "") })
	if n := beats.count("firing", "Watchdog"); n != last {
		t.Errorf("%d heartbeats after the end of Prometheus", n-last)
	}
}
