//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestWindowsScripts: the exporter takes the flags of the script that installs it, and has
// the report for which the other one asks. Neither script has a letter beyond ASCII: without
// a byte order mark, Windows PowerShell reads them in the system's code page.
func TestWindowsScripts(t *testing.T) {
	install, digest := example(t, "windows/install.ps1"), example(t, "windows/digest.ps1")
	if all := install + digest; strings.ContainsFunc(all, func(r rune) bool { return r > '~' }) {
		t.Error("not ASCII")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "simcard.yml"), "groups: [{name: g, imeis: [352019040635785]}]\n")
	arguments := submatches(`(?m)^\$arguments = '(.*)'$`, install)
	check := command(binaryPath(t), append(strings.Fields(strings.Join(arguments, " ")), "--config.check")...)
	check.Dir = dir
	if out, err := check.CombinedOutput(); err != nil || len(arguments) != 1 {
		t.Errorf("%q: %v\n%s", arguments, err, out)
	}

	e := startExporter(t, "--demo")
	for _, path := range submatches(`"\$exporter(/[^"]*)"`, digest) {
		get(t, "http://"+e.address+strings.ReplaceAll(path, "$Robot", "feishu")) // fails unless the status is 200
	}
}
