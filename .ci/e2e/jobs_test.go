//go:build e2e

package e2e

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

// TestScrapeJobs: the example's job scrapes an exporter with any configuration, and the jobs
// that it has as comments, in its place, scrape the one that they are for. Each series is
// scraped once, and no alert about the exporter fires.
func TestScrapeJobs(t *testing.T) {
	for _, test := range []struct {
		name   string
		block  int // of jobs in the example, 0 is what is no comment
		groups []string
	}{
		{name: "one job", groups: []string{"terminals"}},
		{name: "one job, and a live group", groups: []string{"terminals", "live"}},
		{name: "two jobs for a live group", block: 1, groups: []string{"terminals", "live"}},
		{name: "two jobs for a large fleet", block: 2, groups: []string{"terminals", "live"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := startExporter(t, "--config.file="+startGroups(t, test.groups...))
			s := &servers{prometheus: freeAddress(t), alertmanager: freeAddress(t), webhook: &webhook{}}
			dir := s.writeConfig(t, e.address, serve(t, s.webhook))
			file := filepath.Join(dir, "prometheus.yml")
			text := string(read(t, file))
			if test.block > 0 {
				blocks := jobBlocks(t, text)
				text = strings.Replace(text, blocks[0], uncomment(blocks[test.block]), 1)
				write(t, file, text)
			}
			startAlertmanager(t, dir, s.alertmanager)
			startPrometheus(t, dir, s.prometheus)

			eventually(t, "ten scrapes of each job, all targets up", func() error {
				if err := s.targetsUp(); err != nil {
					return err
				}
				rarest, err := s.value(`min(count_over_time(up{job=~"simcard.*"}[1h]))`)
				if err == nil && rarest < 10 {
					err = fmt.Errorf("%v scrapes", rarest)
				}
				return err
			})
			eventually(t, "each series, once", func() error { return s.scraped(e.scrape(t, "")) })
			eventually(t, "no alert about the exporter", func() error { return s.quiet("simcard-exporter") })
		})
	}
}

// scraped returns nil if Prometheus has all cards of those metrics, and no series of two jobs.
func (s *servers) scraped(metrics string) error {
	for _, metric := range []string{"simcard_info", "simcard_balance_bytes", "simcard_problem", "simcard_group_cards"} {
		want := strings.Count(metrics, "\n"+metric+"{")
		got, err := s.value("count(" + metric + ")")
		if err != nil {
			return err
		}
		if got != float64(want) || want == 0 {
			return fmt.Errorf("%v series %s, and the exporter has %d", got, metric, want)
		}
	}
	n, err := s.value(`count(count without (job) (label_replace({__name__=~"simcard_.+"}, "name", "$1", "__name__", "(.+)")) > 1) or vector(0)`)
	if err == nil && n != 0 {
		err = fmt.Errorf("%v series are scraped twice", n)
	}
	return err
}

// startGroups starts a platform, and returns a configuration with groups of 30 of its cards
// each, of which the one called "live" is.
func startGroups(t *testing.T, names ...string) (config string) {
	t.Helper()
	const cards = 30
	fleet := simulator.Fleet(cards * len(names))
	sim := httptest.NewServer(simulator.New(fleet))
	t.Cleanup(sim.Close)
	var text strings.Builder
	fmt.Fprintf(&text, "platform: {url: %s}\ngroups:\n", sim.URL)
	for i, name := range names {
		var iccids []string
		for _, card := range fleet[i*cards : (i+1)*cards] {
			iccids = append(iccids, card.ICCID)
		}
		fmt.Fprintf(&text, "  - {name: %s, live: %t, max_age: 1h, expiring_within: 1y, iccids: [%s]}\n", name, name == "live", strings.Join(iccids, ", "))
	}
	config = filepath.Join(t.TempDir(), "simcard.yml")
	write(t, config, text.String())
	return config
}

// jobBlocks returns the example's jobs for the exporter: what is in use, and then those that
// are comments, which take its place.
func jobBlocks(t *testing.T, config string) []string {
	t.Helper()
	var blocks []string
	for _, paragraph := range strings.Split(config, "\n\n") {
		if at := regexp.MustCompile(`(?m)^  (# )?- job_name: simcard$`).FindStringIndex(paragraph); at != nil {
			blocks = append(blocks, paragraph[at[0]:])
		}
	}
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of jobs in\n%s", len(blocks), config)
	}
	return blocks
}

// uncomment turns a block that is a comment into jobs.
func uncomment(block string) string {
	return regexp.MustCompile(`(?m)^  # `).ReplaceAllString(block, "  ")
}

// quiet returns nil if no alert of a group of rules is pending or fires.
func (s *servers) quiet(group string) error {
	var data struct {
		Groups []struct {
			Name  string
			Rules []struct{ Name, State string }
		}
	}
	if err := s.query("/api/v1/rules", &data); err != nil {
		return err
	}
	n := 0
	for _, g := range data.Groups {
		if g.Name != group {
			continue
		}
		n += len(g.Rules)
		for _, rule := range g.Rules {
			if !slices.Contains([]string{"", "inactive"}, rule.State) {
				return fmt.Errorf("%s is %s", rule.Name, rule.State)
			}
		}
	}
	if n == 0 {
		return fmt.Errorf("no rule in group %s", group)
	}
	return nil
}
