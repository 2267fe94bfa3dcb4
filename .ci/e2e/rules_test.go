//go:build e2e

package e2e

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"gopkg.in/yaml.v3"
)

// alertRules is a rules file. Annotations are kept apart from the rest, which is
// anything.
type alertRules struct {
	Groups []struct {
		Rules []struct {
			Annotations map[string]string
			Rest        map[string]any `yaml:",inline"`
		}
		Rest map[string]any `yaml:",inline"`
	}
}

// values matches what a text says of the alert's value.
var values = regexp.MustCompile(`{{[^}]*\$value[^}]*}}`)

// dates matches how a date is written, which differs between languages.
var dates = regexp.MustCompile(`Format "[^"]*"`)

// TestChineseRules checks that the Chinese rules differ from the English ones in
// words only.
func TestChineseRules(t *testing.T) {
	english, chinese := parseRules(t, rulesFile), parseRules(t, chineseRulesFile)
	for i, group := range english.Groups {
		if i >= len(chinese.Groups) || len(group.Rules) != len(chinese.Groups[i].Rules) || !reflect.DeepEqual(group.Rest, chinese.Groups[i].Rest) {
			t.Fatalf("group %v differs", group.Rest["name"])
		}
		for j, rule := range group.Rules {
			translated := chinese.Groups[i].Rules[j]
			if !reflect.DeepEqual(rule.Rest, translated.Rest) {
				t.Errorf("\n%v\nin Chinese is\n%v", rule.Rest, translated.Rest)
			}
			for name, text := range rule.Annotations {
				got := translated.Annotations[name]
				if name != "runbook_url" && name != "order" && !strings.ContainsFunc(got, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					t.Errorf("%v: %s is not Chinese: %s", rule.Rest["alert"], name, got)
				}
				if want, got := usedValues(text), usedValues(got); !slices.Equal(want, got) {
					t.Errorf("%v: %s uses %s, in Chinese %s", rule.Rest["alert"], name, want, got)
				}
			}
			if len(translated.Annotations) != len(rule.Annotations) {
				t.Errorf("%v: annotations %v", rule.Rest["alert"], translated.Annotations)
			}
		}
	}
	if len(english.Groups) != len(chinese.Groups) {
		t.Errorf("%d groups, in Chinese %d", len(english.Groups), len(chinese.Groups))
	}
}

// TestRunbooks finds the heading that each alert's runbook_url leads to, and the
// alert of each runbook.
func TestRunbooks(t *testing.T) {
	for rules, readme := range map[string]string{rulesFile: "README.md", chineseRulesFile: "README.zh-CN.md"} {
		wanted := make(map[string]bool)
		for _, group := range parseRules(t, rules).Groups {
			for _, rule := range group.Rules {
				if rule.Rest["alert"] == nil {
					continue
				}
				name := rule.Rest["alert"].(string)
				wanted[name] = true
				if got, want := rule.Annotations["runbook_url"], "https://runbooks.example/"+readme+"#"+strings.ToLower(name); got != want {
					t.Errorf("%s: runbook_url is %s, want %s", name, got, want)
				}
			}
		}
		headings := submatches(`(?m)^### (Simcard\w+)$`, example(t, "prometheus/"+readme))
		slices.Sort(headings)
		if want := slices.Sorted(maps.Keys(wanted)); !slices.Equal(headings, want) {
			t.Errorf("%s: runbooks of %v, want %v", readme, headings, want)
		}
	}
}

func parseRules(t *testing.T, path string) alertRules {
	t.Helper()
	var rules alertRules
	if err := yaml.Unmarshal(read(t, path), &rules); err != nil {
		t.Fatal(err)
	}
	if len(rules.Groups) < 3 {
		t.Fatalf("%s: %d groups", path, len(rules.Groups))
	}
	return rules
}

func usedValues(text string) []string {
	found := values.FindAllString(dates.ReplaceAllString(text, "Format"), -1)
	slices.Sort(found)
	return found
}
