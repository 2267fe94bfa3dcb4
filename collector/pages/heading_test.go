package pages

import (
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// TestHeading: what lists and the heading of a card say in a few words.
func TestHeading(t *testing.T) {
	for name, test := range map[string]struct {
		change           func(*Card)
		english, chinese string
		advice           string // the beginning of the first one
	}{
		"healthy":          {func(*Card) {}, "In service · 12.3 MB left · expires 2027-01-05", "正常 · 剩余 12.3 MB · 2027-01-05 到期", ""},
		"platform down":    {func(c *Card) { c.Answer, c.PlatformDown, c.BatchError = nil, true, "http_5xx: 502" }, "The platform cannot be reached", "平台无响应", ""},
		"batch failed":     {func(c *Card) { c.Answer, c.BatchError = nil, "timeout: late" }, "The last request failed", "最近一次查询失败", ""},
		"being asked":      {func(c *Card) { c.Answer, c.Refreshing = nil, true }, "Being asked", "正在查询", ""},
		"not asked":        {func(c *Card) { c.Answer = nil }, "Not asked yet", "尚未查询", ""},
		"too old":          {func(c *Card) { c.Answer.Served = false }, "No current answer", "没有最新数据", ""},
		"not in use":       {func(c *Card) { c.NotInUse = true }, "Not in use", "未使用", ""},
		"other status":     {func(c *Card) { *c.Answer.Status = 7 }, "Status 7 · 12.3 MB left · expires 2027-01-05", "状态为 7 · 剩余 12.3 MB · 2027-01-05 到期", ""},
		"nothing readable": {func(c *Card) { c.Answer.Card = new(platform.Card) }, "No status · No balance · No expiry date", "没有状态 · 剩余流量未知 · 没有到期时间", ""},
		"suspended":        {func(c *Card) { *c.Answer.Status = 0 }, "Suspended · 12.3 MB left · expires 2027-01-05", "已停机 · 剩余 12.3 MB · 2027-01-05 到期", "Likely reason: arrears"},
		"and expired": {func(c *Card) { *c.Answer.Status, c.Answer.Expires = 0, platform.InstantOf(before(day)) },
			"Suspended · Expired · 12.3 MB left · expiry 2026-11-24", "已停机 · 已到期 · 剩余 12.3 MB · 到期日 2026-11-24", "Likely reason: it has expired"},
		"and out of data": {func(c *Card) { *c.Answer.Status, *c.Answer.Balance = 0, 0 },
			"Suspended · Out of data · 0 B left · expires 2027-01-05", "已停机 · 流量用尽 · 剩余 0 B · 2027-01-05 到期", "Likely reason: its data is used up"},
		"and moved": {func(c *Card) { *c.Answer.Status, c.Answer.IMEI = 0, "352019040625281" },
			"Suspended · Moved · 12.3 MB left · expires 2027-01-05", "已停机 · 机卡分离 · 剩余 12.3 MB · 2027-01-05 到期", "Likely reason: the card sits in another device"},
	} {
		c := healthyCard()
		test.change(&c)
		judge(&c)
		words := heading(&c)
		if c.State != problem.NotInUse {
			words = append(words, facts(&c, testNow)...)
		}
		zone := time.FixedZone("", 8*60*60)
		if got := (printer{english, testNow, zone}).joined(words); got != test.english {
			t.Errorf("%s: %s, want %s", name, got, test.english)
		}
		if got := (printer{chinese, testNow, zone}).joined(words); got != test.chinese {
			t.Errorf("%s: %s, want %s", name, got, test.chinese)
		}
		said := ""
		if lines := advice(&c); lines != nil {
			said = printer{english, testNow, zone}.sentence(lines[0])
		}
		if !strings.HasPrefix(said, test.advice) || test.advice == "" && said != "" {
			t.Errorf("%s: advice %q, want %q", name, said, test.advice)
		}
	}
}

// TestAdvice: there is something to do about each problem.
func TestAdvice(t *testing.T) {
	for _, p := range problem.All() {
		if lines := advice(&Card{State: p.State(), Problems: 1 << p}); len(lines) != 1 {
			t.Errorf("%v: %d pieces of advice, want 1", p, len(lines))
		}
	}
}

// TestRenewals: a card counts in the week and the month in which it expires.
func TestRenewals(t *testing.T) {
	calendar := NewCalendar(testNow.In(time.FixedZone("", 8*60*60))) // 2026-11-25
	var r Renewals
	for _, expires := range []time.Time{before(day), testNow, after(6 * day), after(7 * day), after(29 * day), after(30 * day), after(300 * day)} {
		r.Add(calendar, platform.InstantOf(expires))
	}
	if r.Weeks != [...]int{2, 1, 0, 1} || r.Months != [...]int{2, 4, 0, 0, 0, 0} {
		t.Errorf("%+v", r)
	}
	for text, want := range map[string][2]string{"30d": {"2026-11-25", "2026-12-25"}, "7d-14d": {"2026-12-02", "2026-12-09"}, "2026-12": {"2026-12-01", "2027-01-01"}} {
		from, until := expiry(text, testNow)
		if from.Format(time.DateOnly) != want[0] || until.Format(time.DateOnly) != want[1] {
			t.Errorf("%s: %v to %v, want %v", text, from, until, want)
		}
	}
}
