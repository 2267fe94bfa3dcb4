// Package browser looks at the pages of the demo with a real browser, headless Chromium,
// which must be in PATH. It is a module of its own, so that nobody who builds the
// exporter needs the browser's library.
package browser

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// limit is how long the browser may take for one test.
const limit = time.Minute

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// startDemo builds the exporter, runs its demo until the test ends, scrapes it once, and
// returns its URL.
func startDemo(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "simcard_exporter")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-X github.com/prometheus/common/version.Version=2.0.0", "-o", binary, ".")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithCancel(context.Background())
	demo := exec.CommandContext(ctx, binary, "--demo", "--web.listen-address=127.0.0.1:0", "--web.grafana-url=http://grafana.example.com")
	log, err := demo.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = demo.Wait() // which reports the signal
	})
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			url := "http://" + m[1]
			scrape(t, url)
			return url
		}
	}
	t.Fatal("the demo ended")
	return ""
}

// scrape scrapes the demo. While it loads, it answers with 503.
func scrape(t *testing.T, url string) {
	t.Helper()
	for {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
}

// write writes a file that a test makes.
func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
