//go:build e2e

package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// TestShutdownDuringScrape: however long the platform takes, a scrape that runs
// at the end answers with what is known, and the exporter exits with 0.
func TestShutdownDuringScrape(t *testing.T) {
	for name, behaviour := range map[string]simulator.Behaviour{
		"slow platform":    {Latency: time.Minute, Fault: simulator.ShuffledItems},
		"hanging platform": {Fault: simulator.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan struct{}, 1)
			behaviour.Only = func([]string) bool { // called when a request arrives
				arrived <- struct{}{}
				return true
			}
			e := startExporter(t, "--config.file="+startPlatform(t, behaviour))
			text := make(chan string, 1)
			go func() { text <- e.scrape(t, "60") }()
			<-arrived
			if err := e.stop(); err != nil {
				t.Errorf("exit: %v", err)
			}
			wantContains(t, <-text, `simcard_up{group="g"} 0`, `simcard_group_cards{group="g"} 1`)
		})
	}
}

// TestShutdownAfterScrape: a request that nobody waits for any more does not
// hold up the end either.
func TestShutdownAfterScrape(t *testing.T) {
	e := startExporter(t, "--config.file="+startPlatform(t, simulator.Behaviour{Fault: simulator.Hang}))
	wantContains(t, e.scrape(t, "1"), `simcard_up{group="g"} 0`, "simcard_exporter_requests_in_flight 1")
	start := time.Now()
	if err := e.stop(); err != nil {
		t.Errorf("exit: %v", err)
	}
	t.Logf("ended after %v", time.Since(start).Round(time.Millisecond))
}

// TestShutdownDuringReload: the end does not wait for a reload, which can take
// long.
func TestShutdownDuringReload(t *testing.T) {
	config := startPlatform(t, simulator.Behaviour{})
	e := startExporter(t, "--config.file="+config)
	cards := strings.NewReplacer("imeis: [352019040635785]", "files: [cards.csv]").Replace(string(read(t, config)))
	writeMillion(t, filepath.Join(filepath.Dir(config), "cards.csv"))
	write(t, config, cards)
	if err := e.process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-time.After(200 * time.Millisecond) // the reload has begun, and takes seconds
	if err := e.stop(); err != nil {
		t.Errorf("exit: %v", err)
	}
	if n := countReloads(e.log.String()); n != (reloads{loaded: 1}) {
		t.Errorf("%+v, want the one at the start only", n)
	}
}

// TestShutdownDuringLoad: nor does it wait for the load at the start.
func TestShutdownDuringLoad(t *testing.T) {
	dir := t.TempDir()
	writeMillion(t, filepath.Join(dir, "cards.csv"))
	config := filepath.Join(dir, "simcard.yml")
	write(t, config, "groups: [{name: g, files: [cards.csv]}]\n")
	e := launchExporter(t, "--config.file="+config, "--persistence.file="+filepath.Join(dir, "answers"))
	e.waitFor(t, "Listening on")
	if err := e.stop(); err != nil {
		t.Errorf("exit: %v", err)
	}
	if log := e.log.String(); strings.Contains(log, "msg=ready") {
		t.Errorf("the load came first:\n%s", log)
	}
}

// writeMillion writes a card file that takes seconds to load.
func writeMillion(t *testing.T, path string) {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("imei\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&rows, "35201904%07d\n", i)
	}
	write(t, path, rows.String())
}

// TestReady: a platform that is down does not make the exporter unready.
func TestReady(t *testing.T) {
	e := startExporter(t, "--config.file="+startPlatform(t, simulator.Behaviour{Fault: simulator.ServerError}))
	e.scrape(t, "")
	get(t, "http://"+e.address+"/-/ready")
}
