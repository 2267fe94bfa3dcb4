//go:build e2e

package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme finds every flag, metric and setting in the README.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(repository + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	demo := startExporter(t, "--demo")
	for _, key := range submatches(`(?m)^[ -]*([a-z_]+):`, get(t, "http://"+demo.address+"/config")) {
		if !strings.Contains(readme, key+":") && !strings.Contains(readme, "`"+key+"`") {
			t.Errorf("README.md says nothing of the setting %s", key)
		}
	}
	names := submatches(`--(?:\[no-\])?([a-z.-]+)`, output(t, "--help"))
	names = append(names, submatches(`(?m)^# TYPE (simcard_\w+)`, demo.scrape(t, ""))...)
	if len(names) < 30 {
		t.Fatalf("only %d names", len(names))
	}
	for _, name := range names {
		if name != "help-long" && name != "help-man" && !strings.Contains(readme, name+"`") {
			t.Errorf("README.md says nothing of %s", name)
		}
	}
}

// submatches returns what the group of a pattern matches.
func submatches(pattern, text string) []string {
	var found []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}
