//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// robots are Alertmanager with the receivers of the example, and the robots that
// it sends every alert to.
type robots struct {
	alertmanager string // address
	robots       []*robot
	sent         []int // messages at each robot before the last send
}

// startRobots starts them, with pairs of a pattern and what replaces it in the template.
// Alerts with the same label job are one notification.
func startRobots(t *testing.T, refusing bool, edits ...string) *robots {
	t.Helper()
	s := &robots{alertmanager: freeAddress(t)}
	dir := t.TempDir()
	routes, app := []string{"routes:"}, ""
	for i, name := range robotNames {
		r := &robot{name: name, refusing: refusing}
		url := serve(t, r)
		s.robots = append(s.robots, r)
		routes = append(routes, fmt.Sprintf("    - {receiver: %s, group_by: [job], continue: %t}", name, i+1 < len(robotNames)))
		write(t, filepath.Join(dir, name+".url"), url+"/?key=secret\n") // with a line end, as editors leave it
		app = url
	}
	write(t, filepath.Join(dir, "wechat.secret"), "secret\n")
	write(t, filepath.Join(dir, "robots.tmpl"), replace(t, example(t, "alertmanager/robots.tmpl"), edits...))
	write(t, filepath.Join(dir, "alertmanager.yml"), replace(t, example(t, "alertmanager/alertmanager.yml"),
		`(group_wait|group_interval): \S+`, "$1: 1s",
		`/etc/alertmanager`, dir,
		`(message_type: markdown)`, "$1\n        api_url: "+app,
		`routes:`, strings.Join(routes, "\n"),
	))
	startAlertmanager(t, dir, s.alertmanager, "--web.external-url=http://alertmanager.example.com")
	return s
}

// send posts alerts to Alertmanager, with the test's name as their job.
func (s *robots) send(t *testing.T, alerts []postedAlert) {
	t.Helper()
	s.sent = nil
	for _, r := range s.robots {
		s.sent = append(s.sent, len(r.since(0)))
	}
	for i := range alerts {
		alerts[i].Labels["job"] = t.Name()
	}
	postAlerts(t, s.alertmanager, alerts)
}

// want waits until each robot has a message about that many firing alerts, with or
// without resolved ones, and checks and returns these messages.
func (s *robots) want(t *testing.T, firing int, resolved bool) []robotMessage {
	t.Helper()
	var messages []robotMessage
	for i, r := range s.robots {
		eventually(t, fmt.Sprintf("message of %d alerts at %s", firing, r.name), func() error {
			var titles []string
			for _, m := range r.since(s.sent[i]) {
				if f, r := m.counts(); f == firing && r > 0 == resolved {
					messages = append(messages, m)
					return nil
				}
				titles = append(titles, m.title)
			}
			return fmt.Errorf("messages %q", titles)
		})
		m := messages[i]
		m.check(t)
		t.Logf("%s: %d bytes of text, %d of the request\n%s", m.robot, len(m.text), m.size, m.text)
	}
	return messages
}

var (
	countPattern = regexp.MustCompile(` (\d+)`)
	linkPattern  = regexp.MustCompile(`\[查看全部告警\]\(http://alertmanager\.example\.com/#/alerts\)$`)
	// furtherPattern is what may stand in a message besides: links, and who is called.
	furtherPattern = regexp.MustCompile(` \[(?:卡片|清单|处理办法)\]\(https?://[\w./?=&%#:+-]+\)|<@\w+>|<at id=\w+></at>`)
	leftPattern    = regexp.MustCompile(`……另有 (\d+) 条`)
	// foreignPattern is what no label may bring in: control characters, links,
	// mentions and formats.
	foreignPattern = regexp.MustCompile("[\\p{C}\\[\\]<>*`]")
)

// counts returns how many firing and resolved alerts the title names.
func (m robotMessage) counts() (firing, resolved int) {
	title, end, _ := strings.Cut(m.title, "；解除")
	for _, match := range countPattern.FindAllStringSubmatch(title, -1) {
		n, _ := strconv.Atoi(match[1])
		firing += n
	}
	if strings.Contains(title, "【告警解除】") {
		return 0, firing
	}
	resolved, _ = strconv.Atoi(strings.TrimSpace(strings.Trim(end, "*")))
	return firing, resolved
}

// check checks what holds for every message.
func (m robotMessage) check(t *testing.T) {
	t.Helper()
	if m.refusal != nil {
		t.Errorf("%s refused a message: %v\n%s", m.robot, m.refusal, m.text)
	}
	firing, resolved := m.counts()
	lines, left := alertLines(m.text), 0
	if match := leftPattern.FindStringSubmatch(m.text); match != nil {
		left, _ = strconv.Atoi(match[1])
	}
	if len(lines) == 0 || len(lines)+left != firing+resolved {
		t.Errorf("%s lists %d alerts and leaves out %d, of %d and %d", m.robot, len(lines), left, firing, resolved)
	}
	for i, line := range lines {
		if done := strings.HasPrefix(line, "✅"); done != (i >= firing) {
			t.Errorf("%s: line %d of %d firing alerts is %s", m.robot, i, firing, line)
		}
	}
	if !linkPattern.MatchString(m.text) {
		t.Errorf("%s: no link at the end of\n%s", m.robot, m.text)
	}
	text := furtherPattern.ReplaceAllString(linkPattern.ReplaceAllString(m.text, ""), "")
	text = strings.TrimPrefix(text, "**"+strings.Trim(m.title, "*")+"**")
	for line := range strings.SplitSeq(text, "\n") {
		if foreign := foreignPattern.FindString(line); foreign != "" {
			t.Errorf("%s: %q in %s", m.robot, foreign, line)
		}
	}
}

// alertLines returns the lines of a message that stand for an alert each.
func alertLines(text string) []string {
	return submatches(`(?m)^ *((?:🔴|🟡|🔵|✅) .*?) *$`, text)
}

// postedAlert is an alert as Alertmanager's API takes it.
type postedAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt,omitzero"`
}

// cards returns alerts for n suspended cards, which started now. change, if not
// nil, changes each of them.
func cards(n int, change func(a *postedAlert, i int)) []postedAlert {
	alerts := make([]postedAlert, n)
	for i := range alerts {
		shop, imei, iccid := fmt.Sprint("河坊街点心铺", i), fmt.Sprintf("35201904%07d", i), fmt.Sprintf("8986042319197%07d", i)
		alerts[i] = postedAlert{
			StartsAt: time.Now(),
			Labels: map[string]string{
				"alertname": "SimcardSuspended", "severity": "critical", "problem": "suspended", "group": "terminals",
				"imei": imei, "iccid": iccid, "shop": shop, "city": "杭州", "till": "1",
				"contact": "王师傅", "phone": fmt.Sprintf("138%08d", i),
			},
			Annotations: map[string]string{
				"fact":        "已停机",
				"summary":     "SIM card " + iccid + " is suspended",
				"description": "The platform has suspended the card; the terminal is offline. Group terminals, ICCID " + iccid + ", IMEI " + imei + ".",
			},
		}
		if change != nil {
			change(&alerts[i], i)
		}
	}
	return alerts
}

// mixedCards returns alerts for n cards of several kinds, in no order.
func mixedCards(n int) []postedAlert {
	return cards(n, func(a *postedAlert, i int) {
		shops := []string{"河坊街点心铺", "老王面馆（北门店）", "阳光水果2号店", "Lakeside Tea", "夜市14号"}
		a.Labels["shop"], a.Labels["city"] = shops[i%5], []string{"杭州", "宁波", "苏州"}[i%3]
		kind := func(name, severity, fact, order string) {
			a.Labels["alertname"], a.Labels["severity"] = name, severity
			a.Annotations["fact"], a.Annotations["order"] = fact, order
		}
		switch i %= 32; {
		case i%8 == 0: // suspended
		case i == 31:
			kind("SimcardExpiresInThreeDays", "critical", "2026-12-01 到期", "")
		case i == 30:
			kind("SimcardMoved", "warning", "机卡分离", "")
		case i == 29:
			kind("SimcardUnknown", "warning", "平台查无此卡", "")
		case i == 28 || i == 27:
			kind("SimcardDataRunsOut", "warning", fmt.Sprintf("约 12 月 %02d 日用尽", 10*(28-i)+5), "")
		case i%3 == 1:
			kb := []int{1000, 80, 330}[i%9/3]
			kind("SimcardDataLow", "warning", fmt.Sprintf("剩 %d KB", kb), fmt.Sprintf("%015d", 1024*kb))
		default:
			kind("SimcardExpiresSoon", "warning", fmt.Sprintf("2026-12-%02d 到期", 4+i*7%23), "")
		}
	})
}

// wantInOrder checks that the parts follow each other in the text.
func wantInOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Errorf("no %q, or not in order, in\n%s", part, text)
			return
		}
		rest = after
	}
}

// hostile are texts that are something else in YAML, JSON, Markdown or a template,
// or that are too long.
var hostile = []string{
	"a: b", "告警: 掉线", "x:", "- item", "[点我](http://evil.example)", "[告警] 文本", "### 标题", "# x\na: b", "~", "null",
	"---", "123", "007", "1e3", "yes", ".nan", ".inf", "<at id=all></at>", "<@all> <font color=\"red\">", "`**_粗_**`",
	`"引号" \ 'x' \n`, "{{ .Alerts }}", "%s %d %!", "\x00\x1b\x7f\u0085\u2028\ufeff\ufffe\uffff\U0001f600", "&#60;at id=all&#62;",
	strings.Repeat("中", 10000), strings.Repeat("&<>\"", 3000), "\u202eleft", "!!binary x", "*alias &anchor", "a\r\nb\n> c", "|\n  x",
	"，11-25 07:30 起 9", "】 99；解除 7", "@所有人 @13800000000", strings.Repeat("\U0001f468\u200d", 99), "\ufffd\xff\xfe",
}

// postAlerts sends alerts to Alertmanager, as Prometheus does.
func postAlerts(t *testing.T, alertmanager string, alerts []postedAlert) {
	t.Helper()
	body, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+alertmanager+"/api/v2/alerts", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("alerts: %s", resp.Status)
	}
}
