package szzkc

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
)

// TestPages: what a page for people says is part of the error, whatever its status is, but not
// if that is the status again.
func TestPages(t *testing.T) {
	const maintenance = "<!DOCTYPE html>\n<html><head><title>系统维护中</title></head><body>请稍后访问</body></html>"
	for name, test := range map[string]struct {
		status int
		body   string
		gzip   bool
		want   string
	}{
		"status 200":                 {status: 200, body: maintenance, want: `decode: answer is a page: "系统维护中"`},
		"status 502":                 {status: 502, body: maintenance, want: `http_5xx: status 502 Bad Gateway: answer is a page: "系统维护中"`},
		"status 403":                 {status: 403, body: maintenance, want: `http_4xx: status 403 Forbidden: answer is a page: "系统维护中"`},
		"status 429":                 {status: 429, body: maintenance, want: `throttled: status 429 Too Many Requests: answer is a page: "系统维护中"`},
		"with a byte-order mark":     {status: 503, body: "\ufeff" + maintenance, want: `http_5xx: status 503 Service Unavailable: answer is a page: "系统维护中"`},
		"compressed":                 {status: 503, body: maintenance, gzip: true, want: `http_5xx: status 503 Service Unavailable: answer is a page: "系统维护中"`},
		"no title":                   {status: 500, body: "<html><body><p>数据库</p><p>升级</p>", want: `http_5xx: status 500 Internal Server Error: answer is a page: "数据库 升级"`},
		"the status again":           {status: 404, body: "<html><title>404 Not Found</title><h1>404 Not Found</h1><hr>nginx", want: "http_4xx: status 404 Not Found"},
		"no page":                    {status: 500, body: `{"Message":"An error has occurred."}`, want: "http_5xx: status 500 Internal Server Error"},
		"nothing":                    {status: 500, want: "http_5xx: status 500 Internal Server Error"},
		"more than any answer has":   {status: 500, body: maintenance + strings.Repeat(" ", MaxBody), want: `http_5xx: status 500 Internal Server Error: answer is a page: "系统维护中"`},
		"a text of any length":       {status: 500, body: "<title>" + strings.Repeat("维", 1000), want: `http_5xx: status 500 Internal Server Error: answer is a page: "` + strings.Repeat("维", 4*maxText/3) + `"`},
		"a text with control signs ": {status: 500, body: "<title>a\x00\u202eb</title>", want: `http_5xx: status 500 Internal Server Error: answer is a page: "a\x00\u202eb"`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			body := []byte(test.body)
			if test.gzip {
				var compressed bytes.Buffer
				to := gzip.NewWriter(&compressed)
				_, _ = to.Write(body)
				_ = to.Close()
				body = compressed.Bytes()
				w.Header().Set("Content-Encoding", "gzip")
			}
			w.WriteHeader(test.status)
			_, _ = w.Write(body)
		}))
		_, err := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig).Query(t.Context(), []string{"1"}, false)
		server.Close()
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
