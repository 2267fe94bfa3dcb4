//go:build e2e

package e2e

import (
	"regexp"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestLargeFleet: the jobs for a large fleet, which the example has as comments, name every
// metric that the rules use, and no metric twice.
func TestLargeFleet(t *testing.T) {
	jobs := uncomment(jobBlocks(t, example(t, "prometheus/prometheus.yml"))[2])
	var config []struct {
		Name   string              `yaml:"job_name"`
		Params map[string][]string `yaml:"params"`
	}
	if err := yaml.Unmarshal([]byte(jobs), &config); err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, job := range config {
		named = append(named, job.Params["name[]"]...)
	}
	compact := slices.Compact(slices.Sorted(slices.Values(named)))
	if len(config) != 2 || len(compact) != len(named) || len(named) < 20 {
		t.Errorf("%d jobs name %d metrics, %d of them different", len(config), len(named), len(compact))
	}
	rules := regexp.MustCompile(`(?m)^ *#.*|[a-z_]+:[a-z0-9_:]+`).ReplaceAllString(string(read(t, rulesFile)), "")
	for _, metric := range submatches(`\b((?:simcard|process)_\w+)`, rules) {
		if metric != "simcard_exporter" && !slices.Contains(named, metric) {
			t.Errorf("no job names %s", metric)
		}
	}
}
