//go:build e2e

package e2e

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

const restartCards = 2_000 // with the race detector, 10,000 would take a minute

// restarted is an exporter that keeps its answers in a file, on a platform that counts.
type restarted struct {
	*exporter
	sim  *simulator.Simulator
	args []string
}

func startRestarted(t *testing.T) *restarted {
	t.Helper()
	cards := simulator.Fleet(restartCards)
	r := &restarted{sim: simulator.New(cards)}
	platform := httptest.NewServer(r.sim)
	t.Cleanup(platform.Close)
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("imei\n")
	for _, c := range cards {
		rows.WriteString(c.IMEI + "\n")
	}
	write(t, filepath.Join(dir, "cards.csv"), rows.String())
	config := filepath.Join(dir, "simcard.yml")
	write(t, config, "platform: {url: "+platform.URL+", concurrency: 20, max_retries: 0}\n"+
		"groups: [{name: g, max_age: 1h, files: [cards.csv]}]\n")
	r.args = []string{"--config.file=" + config, "--persistence.file=" + filepath.Join(dir, "answers"), "--persistence.interval=1s"}
	r.start(t)
	return r
}

// start starts the exporter, and the counters at 0.
func (r *restarted) start(t *testing.T) {
	t.Helper()
	r.sim.ResetCounters()
	r.exporter = startExporter(t, r.args...)
}

// cards returns the series that come from the platform's answers, sorted.
func (r *restarted) cards(t *testing.T) (series []string) {
	t.Helper()
	for line := range strings.Lines(r.scrape(t, "60")) {
		if strings.Contains(line, "{iccid=") || strings.HasPrefix(line, "simcard_group_oldest") || strings.HasPrefix(line, "simcard_up") {
			series = append(series, line)
		}
	}
	slices.Sort(series)
	if want := 4*restartCards + 3; len(series) != want {
		t.Errorf("%d series, want %d", len(series), want)
	}
	return series
}

func (r *restarted) lastSave(t *testing.T) string {
	t.Helper()
	_, after, _ := strings.Cut(r.scrape(t, ""), "\nsimcard_exporter_persistence_last_save_success_timestamp_seconds ")
	timestamp, _, _ := strings.Cut(after, "\n")
	return timestamp
}

// TestRestart: a restart within max_age costs no request, and changes no series, even
// when the process is killed after a save, and while the platform is down.
func TestRestart(t *testing.T) {
	r := startRestarted(t)
	before := r.cards(t)
	requests := r.sim.Counters().Requests
	for name, end := range map[string]func() error{
		"stopped": func() error { return r.stop() }, // of the exporter that runs then
		"killed": func() error {
			_ = r.process.Process.Kill()
			_ = r.process.Wait() // says that it was killed
			return nil
		},
	} {
		saved := r.lastSave(t)
		eventually(t, "save", func() error {
			if r.lastSave(t) == saved {
				return fmt.Errorf("the last one was at %s", saved)
			}
			return nil
		})
		if err := end(); err != nil {
			t.Errorf("exit: %v", err)
		}
		r.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		r.start(t)
		if after := r.cards(t); !slices.Equal(before, after) {
			t.Errorf("%s: the cards have changed", name)
		}
		t.Logf("%s: %d requests before, %d after the restart", name, requests, r.sim.Counters().Requests)
		if n := r.sim.Counters().Requests; n != 0 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}
