//go:build e2e

package e2e

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// glossary is what one thing is called in Chinese, and other words for it, which would
// be taken for another thing.
var glossary = []struct{ word, others string }{
	{"机卡分离", "换机|不在登记的终端里|机卡不符"},
	{"剩余流量", "余额|[^的]余量|可用流量"},
	{"流量用尽", "流量用光|流量耗尽|流量已尽"},
	{"流量撑不到月底", "流量将用尽|流量不够用"},
	{"平台查无此卡", "在平台上查不到|平台没有此卡|查无此号"},
	{"答复", "应答"},
	{"停机", "停用状态|已停卡"},
	{"台账", "卡表|卡片文件|卡文件"},
	{"静默", "屏蔽告警|沉默"},
	{"厂商", "卡商"},
	{"未采用", "被跳过|被忽略的行"},
}

// TestGlossary checks that one thing has one name in all Chinese texts.
func TestGlossary(t *testing.T) {
	files, err := command("git", "-C", repository, "ls-files", "*zh-CN*", "*.tmpl", "collector/pages/texts*.go", "collector/pages/failure.go",
		"collector/problem/problem.go", ".ci/dashboards/chinese.go", "examples/victoriametrics/README.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(files))
	if len(names) < 20 {
		t.Fatalf("only %q", names)
	}
	var all strings.Builder
	for _, name := range names {
		text := string(read(t, filepath.Join(repository, name)))
		all.WriteString(text)
		for _, entry := range glossary {
			for i, line := range slices.Collect(strings.SplitSeq(text, "\n")) {
				if found := regexp.MustCompile(entry.others).FindString(line); found != "" {
					t.Errorf("%s:%d: %s is called %s", name, i+1, found, entry.word)
				}
			}
		}
	}
	for _, entry := range glossary {
		wantContains(t, all.String(), entry.word)
	}
}
