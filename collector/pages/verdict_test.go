package pages

import (
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// testNow is the moment of all verdicts.
var testNow = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func before(d time.Duration) time.Time { return testNow.Add(-d) }

func after(d time.Duration) time.Time { return testNow.Add(d) }

// healthyCard returns a card that was answered 20 seconds ago.
func healthyCard() Card {
	inService, balance := 1, 12.3*(1<<20)
	return Card{
		ID: "898604231919c0083314", Expected: "352019040635785", Group: "terminals", MaxAge: time.Minute, ServedFor: time.Hour,
		Shard: Shard{Count: 1}, Batch: 1, Batches: 1, BatchCards: 20, Scraped: before(20 * time.Second), NextDue: after(40 * time.Second),
		Answer: &Answer{
			At: before(20 * time.Second), Served: true,
			Card: &platform.Card{
				IMEI: "352019040635785", ICCID: "898604231919C0083314", ServiceNumber: "460044300203314", Status: &inService, Balance: &balance,
				Activated: platform.InstantOf(before(100 * day)), Expires: platform.InstantOf(after(41*day + time.Hour)),
			},
		},
	}
}

const day = 24 * time.Hour

// invalid returns fields that could not be read, from pairs of a name and a text.
func invalid(pairs ...string) (fields []platform.InvalidField) {
	for pair := range slices.Chunk(pairs, 2) {
		fields = append(fields, platform.InvalidField{Field: pair[0], Text: pair[1]})
	}
	return fields
}

// verdictTest is a healthy card with a change, and what is said of it.
type verdictTest struct {
	change           func(*Card)
	level            level
	english, chinese []string
}

// verdictTests has a case for each way in which a card can be. TestVerdicts compares
// what is said.
var verdictTests = map[string]verdictTest{
	"healthy": {
		change: func(*Card) {}, level: good,
		english: []string{"Answered 20 seconds ago; in service; 12.3 MB left; expires in 41 days."},
		chinese: []string{"20 秒前答复；正常；剩余 12.3 MB；41 天后到期。"},
	},
	"yesterday's data": {
		change: func(c *Card) { c.Answer.About = before(20 * time.Hour) }, level: good,
		english: []string{"Answered 20 seconds ago; data as of 2026-11-25 00:00:00; in service; 12.3 MB left; expires in 41 days."},
		chinese: []string{"20 秒前答复；数据截至 2026-11-25 00:00:00；正常；剩余 12.3 MB；41 天后到期。"},
	},
	"unknown": {
		change: func(c *Card) { c.Answer = &Answer{At: before(20 * time.Second), Served: true} }, level: warning,
		english: []string{"The platform does not know this number.", "Answered 20 seconds ago."},
		chinese: []string{"平台查无此卡号。", "20 秒前答复。"},
	},
	"refused": {
		change: func(c *Card) {
			c.Answer = nil
			c.Refusal = &Refusal{Since: before(time.Hour), Until: after(14 * time.Minute), Refused: true, Words: "卡号不合法"}
		}, level: warning,
		english: []string{"Refused by the platform since 2026-11-25 19:00:00; in its words: “卡号不合法”; asked again at 2026-11-25 20:14:00, in 14 minutes."},
		chinese: []string{"自 2026-11-25 19:00:00 起被平台拒绝；平台返回：“卡号不合法”；将于 2026-11-25 20:14:00（14 分钟后）再次查询。"},
	},
	"refused, and to be asked again": {
		change: func(c *Card) {
			c.Answer = nil
			c.Refusal = &Refusal{Since: before(time.Hour), Until: before(5 * time.Minute), Refused: true, Words: "卡号不合法"}
		}, level: warning,
		english: []string{"Refused by the platform since 2026-11-25 19:00:00; in its words: “卡号不合法”; asked again at the next scrape."},
		chinese: []string{"自 2026-11-25 19:00:00 起被平台拒绝；平台返回：“卡号不合法”；下次抓取时再次查询。"},
	},
	"received by another account": {
		change: func(c *Card) { c.Answer.Stale, c.NextDue = true, time.Time{} }, level: good,
		english: []string{
			"Answered 20 seconds ago; in service; 12.3 MB left; expires in 41 days.",
			"The next scrape will query it; it is served until 2026-11-25 20:59:40.",
		},
		chinese: []string{"20 秒前答复；正常；剩余 12.3 MB；41 天后到期。", "下次抓取时会查询；最迟使用到 2026-11-25 20:59:40。"},
	},
	"refused, since before a restart": {
		change: func(c *Card) {
			c.Answer = nil
			c.Refusal = &Refusal{Until: after(14 * time.Minute)}
		}, level: warning,
		english: []string{"In quarantine: the platform answers for others, but not for this card; asked again at 2026-11-25 20:14:00, in 14 minutes."},
		chinese: []string{"已隔离：平台能答复其他卡，唯独此卡不行；将于 2026-11-25 20:14:00（14 分钟后）再次查询。"},
	},
	"refused, with an old answer": {
		change: func(c *Card) {
			c.Answer.At, c.Answer.Stale = before(30*time.Minute), true
			c.Refusal = &Refusal{Since: before(29 * time.Minute), Until: after(14 * time.Minute), Words: "timeout: no answer"}
		}, level: warning,
		english: []string{
			"The platform has failed on this card since 2026-11-25 19:31:00; the error: the platform did not answer in time (“no answer”); asked again at 2026-11-25 20:14:00, in 14 minutes.",
			"Answered 30 minutes ago; in service; 12.3 MB left; expires in 41 days.",
		},
		chinese: []string{
			"自 2026-11-25 19:31:00 起平台查询此卡出错；错误：平台响应超时（“no answer”）；将于 2026-11-25 20:14:00（14 分钟后）再次查询。",
			"30 分钟前答复；正常；剩余 12.3 MB；41 天后到期。",
		},
	},
	"unreadable": {
		change: func(c *Card) {
			c.Answer = nil
			c.Refusal = &Refusal{Since: before(time.Hour), Until: after(time.Minute), Unreadable: true, Words: "items of the answer could not be read: 1 of 20 cards"}
		}, level: warning,
		english: []string{"No readable data from the platform since 2026-11-25 19:00:00; asked again at 2026-11-25 20:01:00, in 1 minute."},
		chinese: []string{"自 2026-11-25 19:00:00 起平台数据无法识别；将于 2026-11-25 20:01:00（1 分钟后）再次查询。"},
	},
	"unreadable balance": {
		change: func(c *Card) {
			c.Answer.Balance, c.Answer.Invalid = nil, invalid("balance", "--")
		}, level: warning,
		english: []string{"No balance: the platform sent “--”, which is no number.", "Answered 20 seconds ago; in service; expires in 41 days."},
		chinese: []string{"剩余流量未知：平台返回“--”，不是数字。", "20 秒前答复；正常；41 天后到期。"},
	},
	"no balance": {
		change: func(c *Card) { c.Answer.Balance, c.Answer.Invalid = nil, invalid("balance", "") }, level: warning,
		english: []string{"No balance in the platform's answer.", "Answered 20 seconds ago; in service; expires in 41 days."},
		chinese: []string{"平台答复中没有剩余流量这一项。", "20 秒前答复；正常；41 天后到期。"},
	},
	"unreadable status and expiry": {
		change: func(c *Card) {
			c.Answer.Status, c.Answer.Expires, c.Answer.Invalid = nil, 0, invalid("status", `"x"`, "expiry", "9999-12-31T00:00:00")
		}, level: warning,
		english: []string{
			`No status: the platform sent “"x"”, which is no number.`, "No expiry date: the platform sent “9999-12-31T00:00:00”, which stands for none.",
			"Answered 20 seconds ago; 12.3 MB left.",
		},
		chinese: []string{`无状态：平台返回“"x"”，不是数字。`, "无到期时间：平台返回“9999-12-31T00:00:00”，不是有效日期。", "20 秒前答复；剩余 12.3 MB。"},
	},
	"gone": {
		change: func(c *Card) {
			c.Answer = &Answer{At: before(20 * time.Second), Served: true}
			c.Problems = problem.SetOf("gone")
		}, level: bad,
		english: []string{"Gone: the platform knew this card, and does not know it any more.", "Answered 20 seconds ago."},
		chinese: []string{"已从平台消失：以前查得到，现在查不到。", "20 秒前答复。"},
	},
	"never activated": {
		change: func(c *Card) {
			*c.Answer.Balance, c.Answer.Activated, c.Answer.Expires = 0, 0, 0
			c.Answer.Invalid = invalid("activation", "0001-01-01T00:00:00", "expiry", "0001-01-01T00:00:00")
		}, level: good,
		english: []string{"Never activated, which is normal for a card in stock: it has no expiry date yet.", "Answered 20 seconds ago; in service."},
		chinese: []string{"尚未激活，库存卡属正常情况：还没有到期时间。", "20 秒前答复；正常。"},
	},
	"not in use": {
		change: func(c *Card) { c.NotInUse, *c.Answer.Status = true, 0 }, level: good,
		english: []string{"Not in use, as the list says.", "Answered 20 seconds ago; 12.3 MB left; expires in 41 days."},
		chinese: []string{"台账标明未使用。", "20 秒前答复；剩余 12.3 MB；41 天后到期。"},
	},
	"not in use, and not answered": {
		change: func(c *Card) { c.NotInUse, c.Answer, c.BatchError = true, nil, "timeout: context deadline exceeded" }, level: good,
		english: []string{"Not in use, as the list says.", "No answer yet: the last request for its batch failed: the platform did not answer in time (context deadline exceeded)."},
		chinese: []string{"台账标明未使用。", "尚无答复：本批次最近一次请求失败：平台响应超时（超过设定的 timeout）。"},
	},
	"batch failed": {
		change: func(c *Card) { c.Answer, c.BatchError = nil, "timeout: context deadline exceeded" }, level: warning,
		english: []string{"No answer yet: the last request for its batch failed: the platform did not answer in time (context deadline exceeded)."},
		chinese: []string{"尚无答复：本批次最近一次请求失败：平台响应超时（超过设定的 timeout）。"},
	},
	"platform down": {
		change: func(c *Card) { c.Answer, c.PlatformDown, c.BatchError = nil, true, "http_5xx: status 502 Bad Gateway" }, level: warning,
		english: []string{"No answer yet: the platform is down: the platform has an error (status 502 Bad Gateway)."},
		chinese: []string{"尚无答复：平台无响应：平台出错（HTTP 状态码 502）。"},
	},
	"not asked yet, no scrape": {
		change: func(c *Card) { c.Answer, c.Scraped = nil, time.Time{} }, level: waiting,
		english: []string{"Not asked yet: no scrape has come, and the exporter asks only when Prometheus scrapes it."},
		chinese: []string{"尚未查询：还没有抓取，只有 Prometheus 抓取时才会查询。"},
	},
	"not asked yet, its turn to come": {
		change: func(c *Card) { c.Answer = nil }, level: waiting,
		english: []string{"Not asked yet: its turn has not come since the last scrape, 20 seconds ago."},
		chinese: []string{"尚未查询：最近一次抓取（20 秒前）后还没轮到。"},
	},
	"being asked": {
		change: func(c *Card) { c.Answer, c.Refreshing = nil, true }, level: waiting,
		english: []string{"Not answered yet: it is being asked now."},
		chinese: []string{"尚无答复：正在查询。"},
	},
	"moved": {
		change: func(c *Card) { c.Answer.IMEI = "352019040625281" }, level: warning,
		english: []string{"Moved: the card is in terminal 352019040625281, and the list says another.", "Answered 20 seconds ago; in service; 12.3 MB left; expires in 41 days."},
		chinese: []string{"机卡分离：卡在终端 352019040625281 中，与登记不符。", "20 秒前答复；正常；剩余 12.3 MB；41 天后到期。"},
	},
	"expired": {
		change: func(c *Card) { c.Answer.Expires = platform.InstantOf(before(6 * day)) }, level: bad,
		english: []string{"Expired 6 days ago (2026-11-19).", "Answered 20 seconds ago; in service; 12.3 MB left."},
		chinese: []string{"已到期：6 天前（2026-11-19）。", "20 秒前答复；正常；剩余 12.3 MB。"},
	},
	"expires soon": {
		change: func(c *Card) { c.Answer.Expires = platform.InstantOf(after(10 * day)) }, level: warning,
		english: []string{"Expires soon: in 10 days (2026-12-05).", "Answered 20 seconds ago; in service; 12.3 MB left."},
		chinese: []string{"即将到期：10 天后（2026-12-05）。", "20 秒前答复；正常；剩余 12.3 MB。"},
	},
	"suspended and out of data": {
		change: func(c *Card) { *c.Answer.Status, *c.Answer.Balance = 0, 0 }, level: bad,
		english: []string{"Suspended: the terminal is offline.", "Out of data: 0 B left this month.", "Answered 20 seconds ago; expires in 41 days."},
		chinese: []string{"已停机：终端无法联网。", "流量用尽：本月剩余 0 B。", "20 秒前答复；41 天后到期。"},
	},
	"low on data": {
		change: func(c *Card) { *c.Answer.Balance = 1 << 19 }, level: warning,
		english: []string{"Low on data: 512.0 KB left this month.", "Answered 20 seconds ago; in service; expires in 41 days."},
		chinese: []string{"流量不足：本月剩余 512.0 KB。", "20 秒前答复；正常；41 天后到期。"},
	},
	"another status": {
		change: func(c *Card) { *c.Answer.Status = 7 }, level: good,
		english: []string{"Answered 20 seconds ago; status 7, which is neither in service nor suspended; 12.3 MB left; expires in 41 days."},
		chinese: []string{"20 秒前答复；状态为 7，既非正常也非停机；剩余 12.3 MB；41 天后到期。"},
	},
	"stale, batch failed": {
		change: func(c *Card) {
			c.Answer.At, c.Answer.Stale, c.BatchError = before(30*time.Minute), true, "connect: connection refused"
		}, level: warning,
		english: []string{
			"Answered 30 minutes ago; in service; 12.3 MB left; expires in 41 days.",
			"This answer is older than max_age, 1 minute; the last request for its batch failed: no connection to the platform (“connection refused”); it is served until 2026-11-25 20:30:00.",
		},
		chinese: []string{
			"30 分钟前答复；正常；剩余 12.3 MB；41 天后到期。",
			"该答复已超过 max_age（1 分钟）；本批次最近一次请求失败：无法连接平台（“connection refused”）；最迟使用到 2026-11-25 20:30:00。",
		},
	},
	"stale, due at the next scrape": {
		change: func(c *Card) { c.Answer.At, c.Answer.Stale = before(70*time.Second), true }, level: good,
		english: []string{
			"Answered 70 seconds ago; in service; 12.3 MB left; expires in 41 days.",
			"This answer is older than max_age, 1 minute; the next scrape will query it; it is served until 2026-11-25 20:58:50.",
		},
		chinese: []string{
			"70 秒前答复；正常；剩余 12.3 MB；41 天后到期。",
			"该答复已超过 max_age（1 分钟）；下次抓取时会查询；最迟使用到 2026-11-25 20:58:50。",
		},
	},
	"too old, no scrape": {
		change: func(c *Card) {
			c.Answer.At, c.Answer.Stale, c.Answer.Served, c.Scraped = before(3*day), true, false, before(3*day)
		}, level: warning,
		english: []string{"No value: the last answer came 3 days ago, and an answer is served for 1 hour at most.", "The last scrape was 3 days ago, and only a scrape asks."},
		chinese: []string{"无数据：最近答复在 3 天前，超过 1 小时的数据不再使用。", "最近一次抓取在 3 天前，只有抓取才会查询。"},
	},
	"too old, platform down": {
		change: func(c *Card) {
			c.Answer.At, c.Answer.Stale, c.Answer.Served = before(2*time.Hour), true, false
			c.PlatformDown, c.BatchError = true, "http_5xx: status 502 Bad Gateway"
		}, level: warning,
		english: []string{"No value: the last answer came 2 hours ago, and an answer is served for 1 hour at most.", "The platform is down: the platform has an error (status 502 Bad Gateway)."},
		chinese: []string{"无数据：最近答复在 2 小时前，超过 1 小时的数据不再使用。", "平台无响应：平台出错（HTTP 状态码 502）。"},
	},
}

// judge fills in what the collector would find wrong with c, unless the test says it.
func judge(c *Card) {
	facts := problem.Card{
		Limits:   problem.Limits{ExpiringWithin: 30 * day, LowBalance: 1 << 20},
		NotInUse: c.NotInUse, Expected: c.Expected, Refused: c.Refusal != nil, Now: platform.InstantOf(testNow),
	}
	if a := c.Answer; a != nil {
		facts.Served, facts.Item, facts.Invalid = a.Served, a.Card, a.Invalid
		if a.Card != nil {
			facts.IMEI = a.IMEI
		}
	}
	if c.Problems == 0 {
		c.State, c.Problems = problem.Judge(&facts)
	}
}

func TestVerdicts(t *testing.T) {
	for name, test := range verdictTests {
		t.Run(name, func(t *testing.T) {
			c := healthyCard()
			test.change(&c)
			if c.Answer != nil && c.Answer.About.IsZero() { // as with live
				c.Answer.About = c.Answer.At
			}
			judge(&c)
			v := describe(&c, testNow)
			if v.level != test.level {
				t.Errorf("%s, want %s", v.level, test.level)
			}
			for l, want := range [][]string{english: test.english, chinese: test.chinese} {
				p := printer{language(l), testNow, time.FixedZone("Asia/Shanghai", 8*60*60)}
				var said []string
				for _, line := range v.lines {
					said = append(said, p.sentence(line))
				}
				if got, want := strings.Join(said, "\n"), strings.Join(want, "\n"); got != want {
					t.Errorf("said\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
}
