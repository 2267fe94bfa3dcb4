//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
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

// TestChineseReadme finds each message that README.zh-CN.md explains among the
// texts of the program.
func TestChineseReadme(t *testing.T) {
	var texts strings.Builder
	for _, pattern := range []string{"/config/testdata/bad/*.txtar", "/config/*_test.go", "/config/inventory/*.go"} {
		paths, err := filepath.Glob(repository + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			texts.Write(read(t, path))
		}
	}
	_, table, _ := strings.Cut(string(read(t, repository+"/README.zh-CN.md")), "| 提示（节选） |")
	table, _, _ = strings.Cut(table, "\n\n")
	n := 0
	for row := range strings.Lines(table) {
		explained, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, message := range submatches("`([^`]+)`", explained) {
			n++
			if !strings.Contains(texts.String(), message) {
				t.Errorf("no message reads %s", message)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d messages", n)
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
