//go:build e2e

package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var (
	fencedCode = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	link       = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)\)`)
)

// TestLinks follows every link of every Markdown file within the repository.
func TestLinks(t *testing.T) {
	files, err := command("git", "-C", repository, "ls-files", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range strings.Fields(string(files)) {
		text := fencedCode.ReplaceAllString(string(read(t, filepath.Join(repository, file))), "")
		for _, m := range link.FindAllStringSubmatch(inlineCode.ReplaceAllString(text, ""), -1) {
			target, err := url.Parse(m[2])
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if target.IsAbs() {
				continue
			}
			// As GitHub sees it, from blob/BRANCH: a relative link holds in every fork.
			if filepath.Join(filepath.Dir(file), target.Path) == "../../releases" {
				continue
			}
			n++
			path := filepath.Join(repository, file)
			if target.Path != "" {
				path = filepath.Join(filepath.Dir(path), target.Path)
			}
			if info, err := os.Stat(path); err != nil {
				t.Errorf("%s: %s leads nowhere", file, m[2])
			} else if target.Fragment != "" {
				if info.IsDir() {
					path = filepath.Join(path, "README.md")
				}
				if !anchors(string(read(t, path)))[target.Fragment] {
					t.Errorf("%s: %s leads to no heading", file, m[2])
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d links", n)
	}
}

// TestNamedFiles finds each file that CONTRIBUTING.md says to change.
func TestNamedFiles(t *testing.T) {
	paths := submatches("`([a-z.][^` *]*/[^` *]*)`", string(read(t, repository+"/.github/CONTRIBUTING.md")))
	for _, path := range paths {
		if _, err := os.Stat(filepath.Join(repository, path)); err != nil {
			t.Errorf("%s does not exist", path)
		}
	}
	if len(paths) < 10 {
		t.Errorf("only %d files", len(paths))
	}
}

// anchors returns those that GitHub gives to the headings of a Markdown file.
func anchors(markdown string) map[string]bool {
	found := make(map[string]bool)
	used := make(map[string]int)
	for _, m := range heading.FindAllStringSubmatch(fencedCode.ReplaceAllString(markdown, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.In(r, unicode.L, unicode.M, unicode.Nd):
				return unicode.ToLower(r)
			}
			return -1
		}, link.ReplaceAllString(m[1], "$1"))
		n := used[anchor]
		used[anchor]++
		if n > 0 {
			anchor += "-" + strconv.Itoa(n)
		}
		found[anchor] = true
	}
	return found
}
