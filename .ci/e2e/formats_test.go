//go:build e2e

package e2e

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

var formatCards = flag.Int("format-cards", 1000, "how many cards TestFormats has")

// TestFormats: Prometheus stores the same samples, whatever format it negotiates.
func TestFormats(t *testing.T) {
	cards := simulator.Fleet(*formatCards)
	platform := httptest.NewServer(simulator.New(cards))
	t.Cleanup(platform.Close)
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("imei,iccid,shop\n")
	for i, c := range cards {
		fmt.Fprintf(&rows, "%s,%s,\"Shop %d, \"\"East\"\"\"\n", c.IMEI, c.ICCID, i)
	}
	write(t, filepath.Join(dir, "cards.csv"), rows.String())
	write(t, filepath.Join(dir, "simcard.yml"), "platform: {url: "+platform.URL+"}\ngroups: [{name: g, max_age: 12h, files: [cards.csv]}]\n")
	exporter := startExporter(t, "--config.file="+filepath.Join(dir, "simcard.yml"))
	eventually(t, "every card answered", func() error {
		if !strings.Contains(exporter.scrape(t, "60"), `simcard_up{group="g"} 1`) {
			return errors.New("simcard_up is not 1")
		}
		return nil
	})

	var jobs strings.Builder
	protocols := []string{"PrometheusText0.0.4", "PrometheusText1.0.0", "OpenMetricsText0.0.1", "OpenMetricsText1.0.0", "PrometheusProto"}
	for _, protocol := range protocols {
		fmt.Fprintf(&jobs, "  - job_name: %s\n    scrape_protocols: [%s]\n    scrape_native_histograms: true\n    static_configs: [{targets: ['%s']}]\n", protocol, protocol, exporter.address)
	}
	write(t, filepath.Join(dir, "prometheus.yml"), "global: {scrape_interval: 10s, scrape_timeout: 10s}\nscrape_configs:\n"+jobs.String())
	s := &servers{prometheus: freeAddress(t)}
	background(t, "prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "tsdb"), "--web.listen-address="+s.prometheus)
	waitReady(t, s.prometheus)

	first := protocols[0]
	for _, protocol := range protocols {
		eventually(t, protocol+" stored", func() error {
			return s.expectValue(fmt.Sprintf(`count(simcard_info{job=%q})`, protocol), float64(len(cards)))
		})
		for _, metric := range []string{"simcard_status", "simcard_balance_bytes", "simcard_expiry_timestamp_seconds", "simcard_activation_timestamp_seconds", "simcard_info"} {
			query := fmt.Sprintf(`count(%[1]s{job=%[2]q} == ignoring(job) %[1]s{job=%[3]q}) or vector(0)`, metric, protocol, first)
			if err := s.expectValue(query, float64(len(cards))); err != nil {
				t.Errorf("%s: %s: %v", protocol, metric, err)
			}
		}
	}
	if err := s.expectValue(`count(simcard_group_state_cards)`, float64(5*len(protocols))); err != nil {
		t.Error(err)
	}
}

// parseOpenMetrics prints how many samples the reference parser finds, or fails.
const parseOpenMetrics = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(sum(len(family.samples) for family in text_string_to_metric_families(sys.stdin.read())))
`

// TestReferenceParser: OpenMetrics passes the parser of Prometheus's Python client, with the
// exporter's own metrics.
func TestReferenceParser(t *testing.T) {
	e := startExporter(t, "--demo")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+e.address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"simcard_up{", "go_memstats_alloc_bytes_total ", "# EOF\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q", want)
		}
	}
	runWith(t, string(text), "/usr/bin/python3", "-c", parseOpenMetrics) // Debian's, with its packages
}

// expectValue returns nil if a query has that one value.
func (s *servers) expectValue(query string, want float64) error {
	got, err := s.value(query)
	if err == nil && got != want {
		err = fmt.Errorf("%s is %v, want %v", query, got, want)
	}
	return err
}
