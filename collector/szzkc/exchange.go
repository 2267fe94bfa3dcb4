package szzkc

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Exchange is a request as it was sent, and what came back. The zero value is none.
type Exchange struct {
	request []byte         // its body
	answer  *http.Response // nil if none came
	body    []byte         // of the answer, as far as it was read, as it came
}

// Record has the last request recorded in e. A Client that records is not safe for concurrent
// use.
func (c *Client) Record(e *Exchange) { c.recorded = e }

// shownHeaders are those that tell why an answer is none. A Location may hold secrets.
var shownHeaders = []string{"Content-Type", "Content-Encoding", "Retry-After", "Www-Authenticate", "Server", "Via"}

// maxShown is how many bytes of a body are written: an answer about one card has 250.
const maxShown = 4096

// Write writes the exchange for people to read: the request to url, which holds no secrets,
// the status, headers that matter, and the beginning of the body, decompressed and in UTF-8.
func (e *Exchange) Write(w io.Writer, url string) {
	fmt.Fprintf(w, "\nrequest (as http_client_config says, whose secrets are not shown)\n  POST %s\n  %s\n\nanswer\n", url, e.request)
	if e.answer == nil {
		fmt.Fprintln(w, "  none")
		return
	}
	fmt.Fprintf(w, "  %s\n", e.answer.Status)
	for _, name := range shownHeaders {
		if values := e.answer.Header.Values(name); len(values) > 0 {
			fmt.Fprintf(w, "  %s: %s\n", name, strings.Join(values, ", "))
		}
	}
	body, _ := decompress(e.body, e.answer.Header.Values("Content-Encoding"))
	if len(body) == 0 { // it is not what it is said to be
		body = e.body
	}
	text := toUTF8(body)
	if isRedirect(e.answer.StatusCode) { // it repeats the Location
		text = ""
	}
	shown := cut(text, maxShown)
	for line := range strings.Lines(shown) {
		fmt.Fprintf(w, "  %s\n", strings.TrimRight(line, "\r\n"))
	}
	if more := len(text) - len(shown); more > 0 {
		fmt.Fprintf(w, "  … and %d bytes more\n", more)
	}
}
