//go:build e2e

package e2e

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestRobots sends alerts through Alertmanager to all robots of the example.
func TestRobots(t *testing.T) {
	s := startRobots(t, false)
	began := time.Date(2026, 1, 1, 23, 30, 0, 0, time.UTC) // 7:30 of the next day in China

	t.Run("one", func(t *testing.T) {
		s.send(t, cards(1, func(a *postedAlert, _ int) { a.StartsAt = began }))
		for _, m := range s.want(t, 1, false) {
			wantContains(t, m.text, "🔴 河坊街点心铺0（杭州）：已停机，…000000，王师傅 13800000000",
				"说明：The platform has suspended the card", "（01-02 07:30 起）", "](http://alertmanager.example.com/#/alerts)")
		}
	})
	t.Run("twenty", func(t *testing.T) {
		s.send(t, cards(20, nil))
		for _, m := range s.want(t, 20, false) {
			wantContains(t, m.title, "停机 20")
			wantContains(t, m.text, "河坊街点心铺11（杭州）：已停机")
		}
	})
	t.Run("five hundred", func(t *testing.T) {
		s.send(t, cards(500, nil))
		for _, m := range s.want(t, 500, false) {
			wantContains(t, m.title, "停机 500")
			wantContains(t, m.text, "……另有 ")
		}
	})
	t.Run("resolved", func(t *testing.T) {
		alerts := cards(20, nil)
		s.send(t, alerts)
		s.want(t, 20, false)
		for i := range 5 {
			alerts[i].EndsAt = time.Now()
		}
		s.send(t, alerts)
		for _, m := range s.want(t, 15, true) {
			wantContains(t, m.text, "✅ 河坊街点心铺0（杭州）：停机已解除")
		}
		for i := range alerts {
			alerts[i].EndsAt = time.Now()
		}
		s.send(t, alerts[5:])
		for _, m := range s.want(t, 0, true) {
			wantContains(t, m.title, "【告警解除】停机 ")
		}
	})
	t.Run("order", func(t *testing.T) {
		s.send(t, cards(30, func(a *postedAlert, i int) {
			switch i {
			case 9:
				a.Labels["alertname"], a.Labels["severity"], a.StartsAt = "SimcardDataLow", "warning", time.Now()
				a.Annotations["fact"] = "剩 512 KB"
			case 19:
				a.StartsAt = time.Now()
			default:
				a.StartsAt = began
			}
		}))
		for _, m := range s.want(t, 30, false) {
			wantContains(t, m.title, "停机 29，流量不足 1")
			lines := alertLines(m.text)
			wantContains(t, lines[0], "河坊街点心铺19")
			if m.robot == "dingtalk" {
				wantContains(t, lines[29], "🟡 河坊街点心铺9（杭州）：剩 512 KB，…000009")
			}
		}
	})
	t.Run("causes", func(t *testing.T) {
		s.send(t, cards(80, func(a *postedAlert, i int) {
			a.Labels["instance"] = "a:10460"
			if i == 79 {
				a.Labels = map[string]string{"alertname": "SimcardPlatformDown", "severity": "critical", "instance": "b:10460"}
				a.Annotations = map[string]string{"summary": "no answers for others"}
			}
		}))
		for _, m := range s.want(t, 80, false) {
			wantContains(t, alertLines(m.text)[0], "🔴 平台无答复：no answers for others")
		}
	})
	t.Run("cause resolved", func(t *testing.T) {
		alerts := cards(1, func(a *postedAlert, _ int) {
			a.Labels = map[string]string{"alertname": "SimcardPlatformDown", "severity": "critical"}
			a.Annotations["summary"] = "no answers"
		})
		s.send(t, alerts)
		s.want(t, 1, false)
		alerts[0].EndsAt = time.Now()
		s.send(t, alerts)
		for _, m := range s.want(t, 0, true) {
			wantContains(t, m.text, "✅ 平台无答复已解除，原告警：no answers，")
		}
	})
	t.Run("labels", func(t *testing.T) {
		s.send(t, cards(4, func(a *postedAlert, i int) {
			a.Annotations = nil
			delete(a.Labels, "shop")
			switch i {
			case 1:
				delete(a.Labels, "city")
				delete(a.Labels, "iccid")
			case 2:
				a.Labels = map[string]string{"alertname": "SimcardPlatformDown", "severity": "critical"}
				a.Annotations = map[string]string{"summary": "no answers"}
			case 3:
				a.Labels["shop"] = "老王面馆（杭州2店）"
			}
		}))
		for _, m := range s.want(t, 4, false) {
			wantContains(t, m.text, "🔴 杭州：停机，…000000，王师傅", "🔴 卡 …000001：停机，…000001，", "🔴 平台无答复：no answers，",
				"🔴 老王面馆（杭州2店）：停机，…000003，")
		}
	})
	t.Run("hostile", func(t *testing.T) {
		s.send(t, cards(len(hostile), func(a *postedAlert, i int) {
			for j, name := range []string{"alertname", "shop", "city", "iccid", "imei"} {
				a.Labels[name] = hostile[(i+j)%len(hostile)]
			}
			a.Annotations = map[string]string{"summary": hostile[i], "description": hostile[i], "fact": hostile[i], "order": hostile[i]}
		}))
		s.want(t, len(hostile), false)
	})
	t.Run("hostile descriptions", func(t *testing.T) {
		s.send(t, cards(5, func(a *postedAlert, i int) {
			text := strings.Join(hostile[i*len(hostile)/5:(i+1)*len(hostile)/5], "")
			a.Labels["alertname"], a.Labels["shop"] = text, text
			a.Annotations = map[string]string{"summary": text, "description": text, "fact": text}
		}))
		for _, m := range s.want(t, 5, false) {
			if n := len(alertLines(m.text)); n != 5 {
				t.Errorf("%s lists %d of five: the details take their room", m.robot, n)
			}
		}
	})
	t.Run("kinds", func(t *testing.T) {
		s.send(t, mixedCards(32))
		for _, m := range s.want(t, 32, false) {
			wantContains(t, m.title, "停机 4，三天内到期 1，流量不足 8，流量撑不到月底 2，即将到期 15，机卡分离 1，平台查无此卡 1")
			if m.robot == "wechat" {
				continue // has room for fewer
			}
			lines := alertLines(m.text)
			if len(lines) != 32 {
				t.Errorf("%s lists %d cards", m.robot, len(lines))
			}
			// By the amount, not by its text; by the date; the worst first.
			wantInOrder(t, m.text, "已停机", "2026-12-01 到期", "剩 80 KB", "剩 330 KB", "剩 1000 KB", "约 12 月 05 日用尽", "约 12 月 15 日用尽",
				"2026-12-04 到期", "2026-12-06 到期", "2026-12-25 到期", "机卡分离", "平台查无此卡")
		}
	})
	t.Run("five kinds", func(t *testing.T) { s.send(t, mixedCards(5)); s.want(t, 5, false) })
	t.Run("five hundred kinds", func(t *testing.T) { s.send(t, mixedCards(500)); s.want(t, 500, false) })
	t.Run("renewals", func(t *testing.T) {
		s.send(t, cards(1, func(a *postedAlert, _ int) {
			a.Labels = map[string]string{"alertname": "SimcardManyCards", "severity": "warning", "group": "terminals", "problem": "expiring"}
			a.Annotations = map[string]string{"summary": "分组 terminals 有 154 张 SIM 卡即将到期", "fact": "最早 2026-12-01 到期；杭州 61 张，宁波 40 张，苏州 20 张"}
		}))
		for _, m := range s.want(t, 1, false) {
			wantContains(t, m.title, "大批卡异常 1")
			wantContains(t, m.text, "🟡 大批卡异常：分组 terminals 有 154 张 SIM 卡即将到期，", "起。最早 2026-12-01 到期；杭州 61 张，宁波 40 张")
		}
	})
}

// TestRobotSettings switches on what the template does not do by itself: links to the
// exporter, and calls.
func TestRobotSettings(t *testing.T) {
	s := startRobots(t, false,
		`\$exporter := ""`, `$$exporter := "http://10.0.0.5:10460"`,
		`\$callContacts := false`, `$$callContacts := true`,
		`"wecom" \(list\) "dingtalk" \(list\) "feishu" \(list\)`, `"wecom" (list "wangwu") "dingtalk" (list "13912345678") "feishu" (list "all")`)
	const runbook = "https://wiki.example.com/simcard/README.zh-CN.md#simcardsuspended"
	t.Run("few", func(t *testing.T) {
		s.send(t, cards(3, func(a *postedAlert, i int) {
			a.Annotations["runbook_url"] = runbook
			switch i {
			case 1:
				a.Labels["phone"] = "> @all 1"
				a.Annotations["runbook_url"] = "https://evil.example/)[x](http://"
			case 2:
				a.Labels = map[string]string{"alertname": "SimcardManyCards", "severity": "warning", "group": "a b)[", "problem": "expiring"}
				a.Annotations["runbook_url"] = "https://runbooks.example/README.md#nobody-has-set-it"
			}
		}))
		for _, m := range s.want(t, 3, false) {
			wantContains(t, m.text, "[卡片](http://10.0.0.5:10460/card?id=89860423191970000000) [处理办法]("+runbook+")",
				"[清单](http://10.0.0.5:10460/cards?group=a+b%29%5B&problem=expiring)",
				map[string]string{"wecom": "<@wangwu>", "dingtalk": "@13912345678 @13800000000 ", "feishu": "<at id=all></at>"}[m.robot])
			if m.robot == "dingtalk" && m.numbers != "13912345678 13800000000" {
				t.Errorf("calls %q", m.numbers)
			}
			if strings.Contains(m.text, "evil.example/)") || strings.Contains(m.text, "runbooks.example") {
				t.Errorf("links to nowhere in\n%s", m.text)
			}
		}
	})
	t.Run("many", func(t *testing.T) { s.send(t, cards(500, nil)); s.want(t, 500, false) })
	t.Run("warnings call nobody", func(t *testing.T) {
		s.send(t, cards(3, func(a *postedAlert, _ int) { a.Labels["severity"] = "warning" }))
		for _, m := range s.want(t, 3, false) {
			if strings.Contains(m.text, "@") || strings.Contains(m.text, "<at") || m.numbers != "" {
				t.Errorf("%s calls %q in\n%s", m.robot, m.numbers, m.text)
			}
		}
	})
}

// TestRobotNames checks that each alert of the examples has a name in the chat.
func TestRobotNames(t *testing.T) {
	names := submatches(`- alert: (\w+)`, string(read(t, rulesFile))+string(read(t, watchdogFile)))
	if len(names) < 20 {
		t.Fatalf("only %d alerts", len(names))
	}
	for _, name := range names {
		wantContains(t, string(read(t, robotsFile)), `(list "`+name+`" "`)
	}
}

// TestRobotRefuses shows what Alertmanager makes of a message that a robot
// refuses. It has been sent, unless the robot is WeCom's app.
func TestRobotRefuses(t *testing.T) {
	s := startRobots(t, true)
	s.send(t, cards(1, nil))
	metrics := func() string { return get(t, "http://"+s.alertmanager+"/metrics") }
	eventually(t, "failed notification of the app", func() error {
		if !regexp.MustCompile(`notifications_failed_total{.*integration="wechat".*} [1-9]`).MatchString(metrics()) {
			return errors.New("no failure")
		}
		return nil
	})
	eventually(t, "three notifications of the robots", func() error {
		if !strings.Contains(metrics(), `alertmanager_notifications_total{integration="webhook"} 3`) {
			return errors.New("fewer")
		}
		return nil
	})
	for _, r := range s.robots {
		if len(r.since(0)) == 0 {
			t.Errorf("no message at %s", r.name)
		}
	}
	if failed := regexp.MustCompile(`notifications_failed_total{.*integration="webhook".*} [1-9]`).FindString(metrics()); failed != "" {
		t.Errorf("a refusal counts as a failure: %s", failed)
	}
}
