//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

var race = flag.Bool("race-detector", true, "build the exporter with the race detector, which makes it slow")

// binary is the exporter, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "simcard_exporter")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "simcard_exporter")
	return path, command("go", "build", "-race="+strconv.FormatBool(*race), "-o", path, repository).Run()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func binaryPath(t *testing.T) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatalf("build exporter: %v", err)
	}
	return path
}

// exporter is the program in a process of its own.
type exporter struct {
	address string
	process *exec.Cmd
	log     logBuffer
}

// startExporter starts the exporter and waits until it is ready. It ends with the
// test, or with stop.
func startExporter(t *testing.T, args ...string) *exporter {
	t.Helper()
	e := launchExporter(t, args...)
	e.waitFor(t, "Listening on") // after "ready" perhaps: it is another goroutine's
	e.waitFor(t, "msg=ready")
	return e
}

// launchExporter starts the exporter and waits for nothing.
func launchExporter(t *testing.T, args ...string) *exporter {
	t.Helper()
	e := &exporter{address: freeAddress(t)}
	e.process = command(binaryPath(t), append(args, "--web.listen-address="+e.address)...)
	e.process.Stdout, e.process.Stderr = &e.log, &e.log
	if err := e.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = e.stop()
		if t.Failed() {
			t.Logf("exporter:\n%s", tail(e.log.String(), 4000))
		}
	})
	return e
}

// waitFor waits for a text in the log.
func (e *exporter) waitFor(t *testing.T, text string) {
	t.Helper()
	eventually(t, text, func() error {
		if !strings.Contains(e.log.String(), text) {
			return errors.New("not in the log")
		}
		return nil
	})
}

// output returns what the exporter prints on its standard output.
func output(t *testing.T, args ...string) string {
	t.Helper()
	out, err := command(binaryPath(t), args...).Output()
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return string(out)
}

// stop ends the exporter as a supervisor does. The error is that of its exit.
func (e *exporter) stop() error {
	if e.process.ProcessState != nil {
		return nil
	}
	_ = e.process.Process.Signal(syscall.SIGTERM)
	return e.process.Wait()
}

// scrape returns the metrics, asking with Prometheus's timeout header if there
// is a timeout.
func (e *exporter) scrape(t *testing.T, timeout string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+e.address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if timeout != "" {
		req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", timeout)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// startPlatform starts a simulated platform with the documentation's cards, and
// writes a configuration for one of them, whose path it returns.
func startPlatform(t *testing.T, behaviour simulator.Behaviour) (config string) {
	t.Helper()
	sim := simulator.New(simulator.PageCards())
	sim.SetBehaviour(behaviour)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	config = filepath.Join(t.TempDir(), "simcard.yml")
	write(t, config, "platform: {url: "+server.URL+", timeout: 10m}\ngroups: [{name: g, imeis: [352019040635785]}]\n")
	return config
}

// logBuffer keeps a log that is read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends to the log.
func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
