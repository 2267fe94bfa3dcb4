//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestPaths: the flags about paths hold for every endpoint, and the process's own metrics
// can be left out.
func TestPaths(t *testing.T) {
	e := startExporter(t, "--demo", "--web.external-url=http://example.com/sim/", "--web.telemetry-path=/m", "--web.disable-exporter-metrics")
	metrics := get(t, "http://"+e.address+"/sim/m")
	for _, want := range []string{`simcard_up{group="live"} 1`, "simcard_exporter_build_info{", `simcard_exporter_platform_available{live="true"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	for _, unwanted := range []string{"go_goroutines", "process_open_fds", "promhttp_"} {
		if strings.Contains(metrics, unwanted) {
			t.Errorf("%s in the metrics", unwanted)
		}
	}
	if page := get(t, "http://"+e.address+"/sim/"); !strings.Contains(page, `href="/sim/m"`) {
		t.Errorf("no link to the metrics in\n%s", page)
	}
	for _, path := range []string{"/-/ready", "/m"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+e.address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d outside the prefix", path, resp.StatusCode)
		}
	}
}
