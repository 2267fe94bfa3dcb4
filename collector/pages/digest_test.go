package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
	"simcard_exporter/config/cards"
)

// Digest implements [Source].
func (f *fixed) Digest(ctx context.Context) (Digest, error) { return f.digest, ctx.Err() }

// troubled returns a card with a problem.
func troubled(of problem.Problem, labels ...Label) Card {
	c := healthyCard()
	c.State, c.Problems, c.Labels = of.State(), 1<<of, labels
	return c
}

// labelled returns labels, of pairs of a name and a value.
func labelled(pairs ...string) (labels []Label) {
	for pair := range slices.Chunk(pairs, 2) {
		labels = append(labels, Label{Name: pair[0], Value: pair[1]})
	}
	return labels
}

// morning is what a report is made of that has something of everything.
func morning() Digest {
	labels := labelled("city", "杭州", "contact", "李娜", "phone", "13800000000", "shop", "河坊街点心铺")
	suspended, expired := troubled(problem.Suspended, labels...), troubled(problem.Expired, labels[0])
	suspended.Answer.Since = time.Now().Add(-48 * time.Hour)
	expired.Answer.Expires = platform.InstantOf(time.Date(2020, 1, 2, 20, 0, 0, 0, time.UTC))
	expiring, low := troubled(problem.Expiring, labels...), troubled(problem.DataLow)
	expiring.Answer.Expires = platform.InstantOf(time.Date(2099, 1, 2, 3, 0, 0, 0, time.UTC))
	*low.Answer.Balance = 512 << 10
	unknown, silent := troubled(problem.Unknown, labels...), troubled(problem.Unknown)
	unknown.ByIMEI, unknown.ID, unknown.Answer.Card = true, "352019040635785", nil
	silent.State, silent.Problems, silent.Answer = problem.NoAnswer, 0, nil
	week := time.Date(2098, 12, 28, 16, 0, 0, 0, time.UTC)
	return Digest{Cards: 60, Parts: []Part{
		{State: problem.OutOfService, Total: 2, Cards: []Card{suspended, expired}},
		{State: problem.Attention, Problem: problem.Expiring, Week: week, Total: 1, Cards: []Card{expiring}},
		{State: problem.Attention, Problem: problem.Expiring, Week: week.AddDate(0, 0, 7), Total: 1, Cards: []Card{expiring}},
		{State: problem.Attention, Problem: problem.DataLow, Total: 1, Cards: []Card{low}},
		{State: problem.Attention, Problem: problem.Unknown, Total: 1, Cards: []Card{unknown}},
		{State: problem.NoAnswer, Total: 1, Cards: []Card{silent}},
	}}
}

func morningOverview() Overview {
	return Overview{Shard: Shard{Count: 1}, Groups: []Group{
		{Name: "a", Scraped: time.Now(), OldestData: time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC)}, {Name: "b", Scraped: time.Now()},
	}}
}

func TestDigest(t *testing.T) {
	handler := newHandler(&fixed{digest: morning(), overview: morningOverview()}, func(o *Options) {
		o.Rows = func() []GroupRows { return []GroupRows{{"a", cards.Rows{Invalid: 3}}} }
		o.Origin, o.Base = "https://example.com", "/sim"
	})
	body := serve(t, handler, http.MethodGet, "/digest", "Accept-Language", "zh-CN").Body.String()
	today, seen := time.Now().In(shanghai).Format("01-02"), time.Now().Add(-48*time.Hour).In(shanghai).Format(time.DateOnly)
	wantInOrder(t, body, "SIM 卡日报 "+today+"：不可用 2，即将到期 2，流量不足 1，平台查无此卡 1，无数据 1\n数据截至 2026-11-28 00:00 或之后，",
		"\n即将到期：12-29 至 01-04 1 张，01-05 至 01-11 1 张\n", "台账有 3 行未采用",
		"\n\n不可用：2 张\n🔴 河坊街点心铺（杭州）：已停机，"+seen+" 发现，ICCID …083314，李娜 13800000000\n🔴 杭州：已到期 2020-01-03，ICCID …083314",
		"\n\n即将到期，12-29 至 01-04：1 张\n🟡 河坊街点心铺（杭州）：2099-01-02 到期，ICCID …083314，李娜 13800000000\n",
		"流量不足：1 张\n🟡 ICCID …083314：剩余 512.0 KB\n", "🟡 河坊街点心铺（杭州）：平台查无此卡，IMEI …635785，", "无数据：1 张\n⚪ ICCID …083314：从未有数据\n查看全部 https://example.com/sim/\n")
	if strings.Contains(body, "告警") {
		t.Errorf("a keyword for nobody in\n%s", body)
	}
	body = serve(t, handler, http.MethodGet, "/digest").Body.String()
	wantInOrder(t, body, "SIM cards on "+today+": Out of service 2, Expires soon 2", "Data as of 2026-11-28 00:00 or later", "(杭州): Suspended, first seen "+seen, "expires 2099-01-02", "512.0 KB left", "never answered", "Show all")
}

// TestDigestNothing: a report says so when nothing is wrong, and when nothing is known.
func TestDigestNothing(t *testing.T) {
	o := morningOverview()
	body := serve(t, newHandler(&fixed{digest: Digest{Cards: 60}, overview: o}), http.MethodGet, "/digest?for=feishu").Body.String()
	wantInOrder(t, body, "【告警】数据截至", `"template":"green"`, "60 张卡全部正常")
	o.Groups, o.Shard = nil, Shard{Index: 1, Count: 3}
	o.Down = []Down{{Since: time.Now(), Cause: "[http_5xx](http://evil.example) " + strings.Repeat("x", 1000)}}
	body = serve(t, newHandler(&fixed{overview: o}), http.MethodGet, "/digest?for=wecom&lang=en").Body.String()
	wantInOrder(t, body, "(shard 2 of 3)", "No data yet", "has not answered since", "［http_5xx］", "…", "Nothing has been scraped yet")
}

// TestDigestLanguages: robots speak Chinese unless they are told to, and what cannot be
// understood is an error, not a text that no robot takes.
func TestDigestLanguages(t *testing.T) {
	handler := newHandler(&fixed{digest: morning(), overview: morningOverview()})
	for query, want := range map[string]string{
		"": "SIM cards", "?lang=zh": "SIM 卡日报", "?lang=en": "SIM cards", "?for=wecom": "SIM 卡日报", "?for=dingtalk&lang=en": "SIM cards", "?for=feishu&lang=zh": "SIM 卡日报",
		"?for=wechat": "", "?for=WeCom": "", "?lang=de": "",
	} {
		got := serve(t, handler, http.MethodGet, "/digest"+query)
		if want == "" && got.Code != http.StatusBadRequest || want != "" && !strings.Contains(got.Body.String(), want) {
			t.Errorf("%q: %d %s", query, got.Code, got.Body)
		}
	}
}

// TestDigestLimits: a message of any number of cards, whose labels may be anything, is one
// that the robot takes, as full as can be, and says how many cards it leaves out.
func TestDigestLimits(t *testing.T) {
	for name, text := range map[string]string{
		"plain": "河坊街点心铺", "long": strings.Repeat("很长的名字", 2000), "quotes": strings.Repeat(`"\`, 50), "controls": strings.Repeat("\x01\n\x7f\u202e", 50),
		"markup": "[a](http://evil.example) <@all> *b* `c` " + strings.Repeat("&<>", 20), "emoji": strings.Repeat("🏪", 50),
	} {
		d := morning()
		for i := range d.Parts {
			c := d.Parts[i].Cards[0]
			c.Labels = labelled("city", text, "contact", text, "phone", text, "shop", text)
			d.Parts[i].Cards, d.Parts[i].Total = nil, 500
			for range MaxRows {
				d.Parts[i].Cards = append(d.Parts[i].Cards, c)
			}
		}
		handler := newHandler(&fixed{digest: d, overview: morningOverview()})
		for robot, limit := range map[string]int{"wecom": 4096, "dingtalk": 20000, "feishu": 20000} {
			t.Run(name+" "+robot, func(t *testing.T) {
				body := serve(t, handler, http.MethodGet, "/digest?for="+robot).Body.String()
				var message any
				if err := json.Unmarshal([]byte(body), &message); err != nil {
					t.Fatal(err)
				}
				size := len(body)
				if robot == "wecom" {
					size = len(message.(map[string]any)["markdown"].(map[string]any)["content"].(string))
				}
				left, shown := 0, strings.Count(body, "🔴 ")+strings.Count(body, "🟡 ")+strings.Count(body, "⚪ ")
				if _, err := fmt.Sscanf(body[strings.Index(body, "……另有 "):], "……另有 %d", &left); err != nil || left+shown != 3000 || shown == 0 {
					t.Errorf("%d cards are shown, and %d left out: %v", shown, left, err)
				}
				if size > limit || size < limit*7/10 {
					t.Errorf("%d bytes, limit %d", size, limit)
				}
				if strings.ContainsAny(body, "\x01\x7f\u202e`") || strings.Contains(body, "](") {
					t.Errorf("not plain: %s", body)
				}
			})
		}
	}
}

// wantInOrder checks that a text has all parts, one after the other.
func wantInOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("no %q, or not in this place, in\n%s", part, text)
		}
		rest = after
	}
}
