//go:build e2e

package e2e

import (
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestVictoriaMetrics: vmagent and vmalert accept the example and the rules, and
// vmagent's jobs are those of Prometheus, with a limit for the size of a scrape.
func TestVictoriaMetrics(t *testing.T) {
	const scrapeFile = examples + "victoriametrics/scrape.yml"
	runWith(t, "", "vmagent", "-promscrape.config="+scrapeFile, "-dryRun")
	for _, rules := range []string{"*.rules.yml", "zh-CN/*.rules.yml"} {
		runWith(t, "", "vmalert", "-rule="+examples+"prometheus/rules/"+rules, "-dryRun")
	}

	jobs := simcardJobs(t, scrapeFile)
	for _, job := range jobs {
		if job["max_scrape_size"] == nil {
			t.Errorf("job %v has no max_scrape_size", job["job_name"])
		}
		delete(job, "max_scrape_size")
	}
	if want := simcardJobs(t, prometheusFile); len(want) == 0 || !reflect.DeepEqual(jobs, want) {
		t.Errorf("vmagent's jobs are\n%v\nand Prometheus's\n%v", jobs, want)
	}
}

// simcardJobs returns the jobs that scrape the exporter.
func simcardJobs(t *testing.T, path string) []map[string]any {
	t.Helper()
	var config struct {
		Jobs []map[string]any `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(read(t, path), &config); err != nil {
		t.Fatal(err)
	}
	var jobs []map[string]any
	for _, job := range config.Jobs {
		if name, ok := job["job_name"].(string); ok && strings.HasPrefix(name, "simcard") {
			jobs = append(jobs, job)
		}
	}
	return jobs
}
