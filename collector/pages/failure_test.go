package pages

import (
	"strings"
	"testing"

	"simcard_exporter/collector/platform"
)

// TestFailures: what went wrong is said in the page's language, and what others said is quoted.
func TestFailures(t *testing.T) {
	for text, want := range map[string][languages]string{
		"":                                 {"", ""},
		"卡号不合法":                            {"“卡号不合法”", "“卡号不合法”"},
		"http_5xx":                         {"the platform has an error", "平台出错"},
		"timeout: x":                       {"the platform did not answer in time (“x”)", "平台响应超时（“x”）"},
		"http_5xx: status 502 Bad Gateway": {"the platform has an error (status 502 Bad Gateway)", "平台出错（HTTP 状态码 502）"},
		`http_5xx: status 503 Service Unavailable: answer is a page: "系统维护中"`:                       {`the platform has an error (status 503 Service Unavailable: answer is a page: "系统维护中")`, "平台出错（HTTP 状态码 503，网页内容：“系统维护中”）"},
		`http_4xx: status 403 Forbidden: answer is a page: "禁止…`:                                    {`the platform refuses the request (status 403 Forbidden: answer is a page: "禁止…)`, "平台拒绝请求（HTTP 状态码 403，网页内容：“禁止…”）"},
		`decode: answer is a page: "系统维护中"`:                                                         {`the platform answered with something else (answer is a page: "系统维护中")`, "平台返回的内容无法识别（网页内容：“系统维护中”）"},
		"connect: dial tcp 127.0.0.1:80: connect: connection refused":                               {"no connection to the platform (dial tcp 127.0.0.1:80: connect: connection refused)", "无法连接平台（127.0.0.1:80 拒绝连接）"},
		"connect: dial tcp: lookup app.szzkc.com on 127.0.0.53:53: no such host":                    {"no connection to the platform (dial tcp: lookup app.szzkc.com on 127.0.0.53:53: no such host)", "无法连接平台（域名 app.szzkc.com 解析失败）"},
		"timeout: context deadline exceeded":                                                        {"the platform did not answer in time (context deadline exceeded)", "平台响应超时（超过设定的 timeout）"},
		"platform is unavailable, only probes are sent; last: http_5xx: status 500 x":               {"only probes are sent, the last error: the platform has an error (status 500 x)", "目前仅做探测，最近错误：平台出错（HTTP 状态码 500）"},
		"platform is unavailable, only probes are sent: it was queued too long ago":                 {"only probes are sent, and it was queued too long ago", "目前仅做探测，排队时间过长，已放弃"},
		"the answer has none of the cards, and the platform knew some of them":                      {"the answer has none of the cards, and the platform knew some of them", "平台以前有的卡，这次一张也没有返回"},
		"items of the answer could not be read: 3 of 20 cards":                                      {"items of the answer could not be read: 3 of 20 cards", "平台返回的部分数据无法识别：20 张卡中有 3 张"},
		"too_large: answer has more than 1048576 bytes":                                             {"the answer of the platform is too large (answer has more than 1048576 bytes)", "平台返回的内容过大（超过 1048576 字节）"},
		"connect: tls: failed to verify certificate: x509: certificate signed by unknown authority": {"no connection to the platform (tls: failed to verify certificate: x509: certificate signed by unknown authority)", "无法连接平台（TLS 或证书错误：“failed to verify certificate: x509: certificate signed by unknown authority”）"},
		"decode: the platform redirects to http://login.example":                                    {"the platform answered with something else (the platform redirects to http://login.example)", "平台返回的内容无法识别（跳转到 http://login.example）"},
		"connect: read answer: read tcp 127.0.0.1:5->127.0.0.1:6: read: connection reset by peer":   {"no connection to the platform (read answer: read tcp 127.0.0.1:5->127.0.0.1:6: read: connection reset by peer)", "无法连接平台（连接被中断）"},
	} {
		for l, want := range want {
			if got := (printer{language: language(l)}).Failure(text); got != want {
				t.Errorf("%s: %s, want %s", text, got, want)
			}
		}
	}
	seen := make(map[string]platform.Reason)
	for _, reason := range platform.Reasons() {
		if got := (printer{language: chinese}).Failure(string(reason) + ": x"); strings.Contains(got, string(reason)) || !strings.HasSuffix(got, "（“x”）") {
			t.Errorf("%s: %s", reason, got)
		}
		for l := range languages {
			said := (printer{language: language(l)}).Failure(string(reason))
			if other, known := seen[said]; known {
				t.Errorf("%s and %s are both: %s", reason, other, said)
			}
			seen[said] = reason
		}
	}
}
