package szzkc

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestExchangeShowsBodies: of whatever came as a body, people see the text, and not more than
// they can read.
func TestExchangeShowsBodies(t *testing.T) {
	const maintenance = "系统维护中"
	long := strings.Repeat(maintenance, MaxBody/len(maintenance)+1)
	bomb := gzipOf(t, strings.Repeat(maintenance, 1<<18))
	for name, test := range map[string]struct {
		body     []byte
		encoding string
		status   int
		want     string
	}{
		"UTF-8":                      {body: []byte(maintenance), want: "  " + maintenance + "\n"},
		"GB18030":                    {body: []byte("\xcf\xb5\xcd\xb3\xce\xac\xbb\xa4\xd6\xd0"), want: "  " + maintenance + "\n"},
		"UTF-8 that breaks off":      {body: []byte(maintenance)[:10], want: "  系统维\n"},
		"more than is read":          {body: []byte(long)[:MaxBody+1], want: "  " + long[:maxShown/3*3] + "\n  … and 1044480 bytes more\n"},
		"lines of Windows":           {body: []byte("a\r\n b\r\n"), want: "  a\n   b\n"},
		"compressed":                 {body: gzipOf(t, maintenance), encoding: "gzip", want: "  " + maintenance + "\n"},
		"compressed, and breaks off": {body: gzipOf(t, maintenance)[:25], encoding: "gzip", want: "  系统维"},
		"a bomb":                     {body: bomb, encoding: "gzip", want: "  " + long[:maxShown/3*3] + "\n"},
		"not compressed as it says":  {body: []byte(maintenance), encoding: "gzip", want: "  " + maintenance + "\n"},
		"nor by this":                {body: []byte(maintenance), encoding: "zstd", want: "  " + maintenance + "\n"},
		"an unknown encoding":        {body: []byte(maintenance), encoding: "br", want: "  " + maintenance + "\n"},
		"a redirect":                 {body: []byte("https://example.com/?token=hunter2"), status: http.StatusFound, want: "answer\n  302 Found\n"},
		"nothing":                    {want: "answer\n  200 OK\n"},
	} {
		status := cmp.Or(test.status, http.StatusOK)
		answer := &http.Response{Status: fmt.Sprint(status, " ", http.StatusText(status)), StatusCode: status, Header: make(http.Header)}
		answer.Header.Set("Location", "https://me:hunter2@example.com/?token=hunter2")
		if test.encoding != "" {
			answer.Header.Set("Content-Encoding", test.encoding)
		}
		var got strings.Builder
		(&Exchange{answer: answer, body: test.body}).Write(&got, "http://example.com")
		if !strings.Contains(got.String(), test.want) || got.Len() > 2*maxShown || strings.Contains(got.String(), "hunter2") {
			t.Errorf("%s: got %.300q, want %.300q", name, got.String(), test.want)
		}
	}
}

func gzipOf(t *testing.T, text string) []byte {
	t.Helper()
	var compressed bytes.Buffer
	to := gzip.NewWriter(&compressed)
	if _, err := to.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return compressed.Bytes()
}
