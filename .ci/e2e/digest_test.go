//go:build e2e

package e2e

import (
	"encoding/csv"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// TestDigest posts the morning report to the robots with the command of the READMEs: that of
// the demo, which has room for every card, and that of 500 cards in trouble, whose labels
// are long and hostile.
func TestDigest(t *testing.T) {
	t.Run("demo", func(t *testing.T) {
		e := startExporter(t, "--demo", "--web.external-url=http://example.com/sim/", "--web.route-prefix=/")
		e.scrapeAll(t)
		for _, m := range e.postDigests(t) {
			wantContains(t, m.text, "不可用：", "平台查无此卡：", "🔴 阳光水果2号店（广州）：已停机，", "[查看全部](http://example.com/sim/)")
			if m.left() != 0 {
				t.Errorf("%s leaves out %d cards", m.robot, m.left())
			}
		}
	})
	t.Run("500 cards", func(t *testing.T) {
		e := startExporter(t, "--config.file="+startTroubled(t, 500))
		e.scrapeAll(t)
		for _, m := range e.postDigests(t) {
			shown := digestLines(m.text)
			if len(shown)+m.left() != 500 || len(shown) < 10 {
				t.Errorf("%s shows %d cards, and leaves out %d", m.robot, len(shown), m.left())
			}
			expiries := submatches(`(?m)^🟡 .*(20\d\d-\d\d-\d\d) 到期`, strings.Join(shown, "\n"))
			if !slices.IsSorted(expiries) || len(expiries) == 0 {
				t.Errorf("%s: %q expire in this order", m.robot, expiries)
			}
			for _, line := range shown {
				if foreign := foreignPattern.FindString(line); foreign != "" {
					t.Errorf("%s: %q in %s", m.robot, foreign, line)
				}
			}
			if m.robot == "wecom" && len(m.text) < 3500 || m.robot != "wecom" && m.size < 16000 {
				t.Errorf("%s: room is left in %d bytes", m.robot, m.size)
			}
		}
	})
}

// TestDigestAtRest: without a scrape, a report says so, and asks nothing.
func TestDigestAtRest(t *testing.T) {
	e := startExporter(t, "--config.file="+startTroubled(t, 3))
	for _, m := range e.postDigests(t) {
		wantContains(t, m.text, "无数据：3 张", "还没有数据", "尚未被抓取")
	}
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		wantContains(t, string(read(t, repository+"/collector/pages/"+name)), digestCommand(t))
	}
}

// scrapeAll scrapes until every card has an answer, or is refused one.
func (e *exporter) scrapeAll(t *testing.T) {
	t.Helper()
	eventually(t, "all cards answered", func() error {
		if up := submatches(`(?m)^simcard_up{.*} (\d)`, get(t, e.metrics())); slices.Contains(up, "0") {
			return fmt.Errorf("simcard_up is %q", up)
		}
		return nil
	})
}

func (e *exporter) metrics() string { return "http://" + e.address + "/metrics" }

// digestCommand returns the command of the README that posts a report.
func digestCommand(t *testing.T) string {
	t.Helper()
	commands := submatches(`(?m)^(curl .*/digest\?for=wecom.*)$`, string(read(t, repository+"/collector/pages/README.md")))
	if len(commands) != 1 {
		t.Fatalf("the README has the commands %q", commands)
	}
	return commands[0]
}

// postDigests runs the command for each robot, and returns the messages, which all robots
// have taken.
func (e *exporter) postDigests(t *testing.T) (messages []robotMessage) {
	t.Helper()
	for _, name := range []string{"wecom", "dingtalk", "feishu"} {
		r := &robot{name: name}
		file := filepath.Join(t.TempDir(), name+".url")
		write(t, file, serve(t, r)+"/?key=secret\n")
		posting := strings.NewReplacer("localhost:10460", e.address, "for=wecom", "for="+name, "wecom.url", file).Replace(digestCommand(t))
		if out, err := command("sh", "-c", posting).CombinedOutput(); err != nil || !strings.Contains(string(out), "code\":0") {
			t.Errorf("%s: %s, %v", posting, out, err)
		}
		sent := r.since(0)
		if len(sent) != 1 || sent[0].refusal != nil {
			t.Fatalf("%s: %+v", name, sent)
		}
		m := sent[0]
		t.Logf("%s: %d bytes of text, %d of the request, %d cards\n%s", name, len(m.text), m.size, len(digestLines(m.text)), m.text)
		marks := submatches(`(?m)^(.)`, strings.Join(digestLines(m.text), "\n"))
		if !slices.IsSortedFunc(marks, func(a, b string) int { return slices.Index(digestMarks, a) - slices.Index(digestMarks, b) }) {
			t.Errorf("%s: not the most urgent first", name)
		}
		messages = append(messages, m)
	}
	return messages
}

var (
	digestMarks = []string{"🔴", "🟡", "⚪"}
	digestLeft  = regexp.MustCompile(`……另有 (\d+) 张`)
)

// digestLines returns the lines of a report that stand for a card each.
func digestLines(text string) []string {
	return submatches(`(?m)^ *((?:🔴|🟡|⚪) .*?) *$`, text)
}

// left returns how many cards a report says that it leaves out.
func (m robotMessage) left() int {
	if match := digestLeft.FindStringSubmatch(m.text); match != nil {
		left, _ := strconv.Atoi(match[1])
		return left
	}
	return 0
}

// startTroubled starts a platform with n cards, a few of which are suspended and the others
// expire soon, and returns a configuration for them.
func startTroubled(t *testing.T, n int) (config string) {
	t.Helper()
	fleet := simulator.Fleet(n)
	var list strings.Builder
	rows := csv.NewWriter(&list)
	_ = rows.Write([]string{"ICCID", "门店", "城市", "联系人", "电话"})
	for i := range fleet {
		fleet[i].Balance, fleet[i].Status, fleet[i].ExpireTS = "4000.00KB", 1, time.Now().Add(time.Duration(1+i*7%24)*24*time.Hour).Format("2006-01-02T15:04:05")
		if i < 5 {
			fleet[i].Status = 0
		}
		text := strings.ToValidUTF8(hostile[i%len(hostile)], "") + strings.Repeat("很长的门店名称", 30)
		text = regexp.MustCompile(`[\x00-\x1f\x7f]`).ReplaceAllString(text, "")
		_ = rows.Write([]string{fleet[i].ICCID, text[:min(len(text), 800)], text[:min(len(text), 800)], "李娜", "13800000000"})
	}
	rows.Flush()
	sim := httptest.NewServer(simulator.New(fleet))
	t.Cleanup(sim.Close)
	config = filepath.Join(t.TempDir(), "simcard.yml")
	write(t, filepath.Join(filepath.Dir(config), "cards.csv"), strings.ToValidUTF8(list.String(), ""))
	write(t, config, "platform: {url: "+sim.URL+"}\ngroups: [{name: g, files: [cards.csv], max_age: 1h, columns: {联系人: contact, 电话: phone}}]\n")
	return config
}
