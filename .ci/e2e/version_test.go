//go:build e2e

package e2e

import (
	"html"
	"path/filepath"
	"runtime"
	"testing"
)

// TestVersion: --version, the pages and the metric tell the same, and the truth, whether or
// not the linker stamped it.
func TestVersion(t *testing.T) {
	const module = "github.com/prometheus/common/version."
	stamped := filepath.Join(t.TempDir(), "stamped")
	runWith(t, "", "go", "build", "-o", stamped, "-ldflags", "-X "+module+"Version=1.2.3 -X "+module+"Revision=abc -X "+module+"Branch=main", repository)
	out, err := command(stamped, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	wantContains(t, string(out), "simcard_exporter, version 1.2.3 (branch: main, revision: abc)", "build user:       unknown", "go version:       "+runtime.Version())

	// Go stamps a build from a repository with a version of its own.
	versions := submatches(`version (\S+) \(branch: unknown, revision: `, output(t, "--version"))
	if len(versions) != 1 || versions[0] == "" {
		t.Fatalf("--version: %q in %s", versions, output(t, "--version"))
	}
	demo := startExporter(t, "--demo")
	wantContains(t, html.UnescapeString(get(t, "http://"+demo.address+"/")), "simcard_exporter "+versions[0])
	wantContains(t, demo.scrape(t, ""), `version="`+versions[0]+`"`)
}
