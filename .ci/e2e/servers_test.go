//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// servers are Prometheus and Alertmanager, with the configuration of the
// examples, and the webhook that Alertmanager notifies.
type servers struct {
	prometheus   string // address
	alertmanager string // address
	webhook      *webhook
}

// startServers starts both, and changes nothing but addresses and times in the
// examples' configuration.
func startServers(t *testing.T, exporter string) *servers {
	t.Helper()
	s := &servers{prometheus: freeAddress(t), alertmanager: freeAddress(t), webhook: &webhook{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("alerts at the webhook:\n%s", s.webhook)
		}
	})
	dir := s.writeConfig(t, exporter, serve(t, s.webhook))

	startAlertmanager(t, dir, s.alertmanager)
	startPrometheus(t, dir, s.prometheus)
	return s
}

// startAlertmanager starts it with the alertmanager.yml of a directory.
func startAlertmanager(t *testing.T, dir, address string, flags ...string) {
	t.Helper()
	background(t, "alertmanager", append(flags, "--config.file="+filepath.Join(dir, "alertmanager.yml"),
		"--storage.path="+filepath.Join(dir, "am"),
		"--web.listen-address="+address, "--cluster.listen-address=")...)
	waitReady(t, address)
}

// startPrometheus starts it with the prometheus.yml of a directory.
func startPrometheus(t *testing.T, dir, address string) (stop func()) {
	t.Helper()
	stop = background(t, "prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		// Alerts whose Prometheus is gone end after four times this.
		"--rules.alert.resend-delay=1s",
		"--web.listen-address="+address)
	waitReady(t, address)
	return stop
}

// writeConfig writes the changed configuration of both servers, the rules
// included, and returns its directory. The other ranges in the rules' queries
// stay as they are.
func (s *servers) writeConfig(t *testing.T, exporter, receiverURL string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct{ from, to string }{
		{from: "prometheus/prometheus.yml", to: "prometheus.yml"},
		{from: "prometheus/rules/simcard.rules.yml", to: "rules/simcard.rules.yml"},
		{from: "prometheus/rules/watchdog.rules.yml", to: "rules/watchdog.rules.yml"},
		{from: "alertmanager/alertmanager.yml", to: "alertmanager.yml"},
		{from: "alertmanager/robots.tmpl", to: "robots.tmpl"},
	} {
		write(t, filepath.Join(dir, file.to), replace(t, example(t, file.from),
			`(scrape_interval|evaluation_interval|interval): \S+`, "$1: 1s",
			`scrape_timeout: \S+`, "scrape_timeout: 1s",
			`\[1d:5m\]`, "[10m:1s]", // of the bound of the hold
			`keep_firing_for: \w+`, "keep_firing_for: 8s", // longer than any "for"
			`([ {])for: \w+`, "${1}for: 2s",
			`(group_wait|group_interval): \S+`, "$1: 1s",
			`repeat_interval: \S+`, "repeat_interval: 1h",
			`exporter:10460`, exporter,
			`prometheus:9090`, s.prometheus,
			`alertmanager:9093`, s.alertmanager,
			`http://127.0.0.1:9999/\w+`, receiverURL,
		))
	}
	return dir
}

// query decodes the data of a response of Prometheus's API.
func (s *servers) query(path string, data any) error {
	body, err := fetch("http://" + s.prometheus + path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, &struct{ Data any }{data})
}

// value returns the one value of a query.
func (s *servers) value(query string) (float64, error) {
	var data struct {
		Result []struct{ Value [2]any }
	}
	if err := s.query("/api/v1/query?query="+url.QueryEscape(query), &data); err != nil {
		return 0, err
	}
	if len(data.Result) != 1 {
		return 0, fmt.Errorf("%s has %d values", query, len(data.Result))
	}
	return strconv.ParseFloat(fmt.Sprint(data.Result[0].Value[1]), 64)
}

// targetsUp returns nil if Prometheus scrapes all targets of the example.
func (s *servers) targetsUp() error {
	var data struct {
		ActiveTargets []struct{ ScrapePool, Health, LastError string }
	}
	if err := s.query("/api/v1/targets", &data); err != nil {
		return err
	}
	if len(data.ActiveTargets) < 3 {
		return fmt.Errorf("%d targets", len(data.ActiveTargets))
	}
	for _, target := range data.ActiveTargets {
		if target.Health != "up" {
			return fmt.Errorf("%s is %s: %s", target.ScrapePool, target.Health, target.LastError)
		}
	}
	return nil
}

// rulesHealthy returns nil if Prometheus has evaluated all rules without error.
func (s *servers) rulesHealthy() error {
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := s.query("/api/v1/rules", &data); err != nil {
		return err
	}
	n := 0
	for _, group := range data.Groups {
		for _, rule := range group.Rules {
			n++
			if rule.Health != "ok" {
				return fmt.Errorf("%s is %s: %s", rule.Name, rule.Health, rule.LastError)
			}
		}
	}
	if n < 20 {
		return fmt.Errorf("%d rules", n)
	}
	return nil
}
