package pages

import (
	"regexp"
	"strings"
)

// failure is what went wrong with a request, in English as the exporter logs it, or in the
// platform's own words.
type failure string

// details are what the exporter logs of failures beside their reason, and how that is said in
// Chinese. What a library or the platform said is not among them, and is quoted.
var details = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^status ([0-9]+)[^:]*: answer is a page: "(.*?)"?$`), "HTTP 状态码 $1，网页内容：“$2”"},
	{regexp.MustCompile(`^status ([0-9]+)`), "HTTP 状态码 $1"},
	{regexp.MustCompile(`^answer is a page: "(.*?)"?$`), "网页内容：“$1”"},
	{regexp.MustCompile(`^answer has more than ([0-9]+) bytes`), "超过 $1 字节"},
	{regexp.MustCompile(`^answer has no state`), "缺少 state 字段"},
	{regexp.MustCompile(`^answer has state true and no`), "没有返回任何卡的数据"},
	{regexp.MustCompile(`^answer has ([0-9]+) items`), "返回了 $1 条数据，过多"},
	{regexp.MustCompile(`^no item of the answer is of a card that was asked for`), "返回的都不是所查的卡"},
	{regexp.MustCompile(`^parse answer: (.*)`), "不是完整的 JSON：“$1”"},
	{regexp.MustCompile(`^decompress answer: (.*)`), "解压失败：“$1”"},
	{regexp.MustCompile(`^the platform redirects to a Location without a host`), "跳转地址没有主机名"},
	{regexp.MustCompile(`^the platform redirects to (.*)`), "跳转到 $1"},
	{regexp.MustCompile(`^the platform redirects without a valid Location`), "跳转地址无效"},
	{regexp.MustCompile(`^the answer waited for (.*) in a process that stood still`), "本程序停顿了 $1，答复已过时"},
	{regexp.MustCompile(`^the answer has none of the cards, and the platform knew some of them`), "平台以前有的卡，这次一张也没有返回"},
	{regexp.MustCompile(`^items of the answer could not be read: ([0-9]+) of ([0-9]+) cards`), "平台返回的部分数据无法识别：$2 张卡中有 $1 张"},
	{regexp.MustCompile(`^platform says "(.*?)"?$`), "平台返回“$1”"},

	// What the Go libraries say of connections.
	{regexp.MustCompile(`lookup ([^ ]+).*: (?:no such host|server misbehaving|i/o timeout)$`), "域名 $1 解析失败"},
	{regexp.MustCompile(`dial tcp ([^ ]+): .*refused`), "$1 拒绝连接"},
	{regexp.MustCompile(`(?:context deadline exceeded|Client\.Timeout .*|i/o timeout)[^:]*$`), "超过设定的 timeout"},
	{regexp.MustCompile(`(?:no route to host|network is unreachable|unreachable (?:network|host).*)$`), "网络不通"},
	{regexp.MustCompile(`(?:connection reset by peer|forcibly closed.*|broken pipe|EOF)$`), "连接被中断"},
	{regexp.MustCompile(`^(?:tls: |x509: |remote error: tls: )(.*)`), "TLS 或证书错误：“$1”"},
}

// Unavailable is how the failure begins of a request that is not sent since the circuit breaker
// is open.
const Unavailable = "platform is unavailable, only probes are sent"

// Failure says what went wrong in the printer's language.
func (p printer) Failure(text string) string {
	switch rest, isUnavailable := strings.CutPrefix(text, Unavailable); {
	case text == "":
		return ""
	case isUnavailable && strings.HasPrefix(rest, "; last: "):
		return p.T("failure unavailable", failure(strings.TrimPrefix(rest, "; last: ")))
	case isUnavailable:
		return p.T("failure queued")
	}
	reason, detail, _ := strings.Cut(text, ": ")
	words, known := texts["reason "+reason]
	switch {
	case !known:
		return p.detail(text)
	case detail == "":
		return words[p.language]
	default:
		return p.T("reason with details", words[p.language], p.detail(detail))
	}
}

// detail says a part of a failure in the printer's language, or quotes it.
func (p printer) detail(text string) string {
	for _, known := range details {
		switch m := known.english.FindStringSubmatchIndex(text); {
		case m == nil:
		case p.language == english:
			return text
		default:
			return string(known.english.ExpandString(nil, known.chinese, text, m))
		}
	}
	return p.T("quoted", text)
}
