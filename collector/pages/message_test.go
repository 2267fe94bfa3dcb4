package pages

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestMessages: whatever is turned away, a browser gets a page in the reader's language with
// the navigation, and a program a text.
func TestMessages(t *testing.T) {
	mux, otherSite, otherHost := newHandlers(&fixed{}, func(o *Options) { o.Origin = "https://sim.example.com" })
	for name, test := range map[string]struct {
		handler      http.Handler
		method, path string
		status       int
		allow        string
		english      string
		chinese      string
	}{
		"no such page":  {mux, http.MethodGet, "/nowhere", http.StatusNotFound, "", "There is no such page", "没有这个页面"},
		"no such asset": {mux, http.MethodGet, "/static/style.css", http.StatusNotFound, "", "There is no such page", "没有这个页面"},
		"no such card":  {mux, http.MethodGet, "/card?id=1", http.StatusNotFound, "", "No card has the identifier 1", "没有编号为 1 的卡"},
		"bad query":     {mux, http.MethodGet, "/cards?state=odd", http.StatusBadRequest, "", "There is no such state.", "没有这个状态。"},
		"only POST":     {mux, http.MethodGet, "/card/refresh", http.StatusMethodNotAllowed, "POST", "This needs a POST request.", "这里只接受 POST 请求。"},
		"only GET":      {mux, http.MethodPost, "/cards", http.StatusMethodNotAllowed, "GET, HEAD", "This needs a GET request.", "这里只接受 GET 请求。"},
		"other site":    {otherSite, http.MethodPost, "/card/refresh?id=1", http.StatusForbidden, "", "This request comes from another site", "请求来自其他网站"},
		"other host":    {otherHost, http.MethodGet, "/", http.StatusForbidden, "", "This exporter is at https://sim.example.com", "本程序的网址是 https://sim.example.com"},
	} {
		check := func(got *httptest.ResponseRecorder, contentType, want string) {
			t.Helper()
			if got.Code != test.status || !strings.HasPrefix(got.Header().Get("Content-Type"), contentType) || got.Header().Get("Allow") != test.allow || !strings.Contains(got.Body.String(), want) {
				t.Errorf("%s: %d %v, want %d and %q in\n%s", name, got.Code, got.Header(), test.status, want, got.Body)
			}
			if isPage := strings.Contains(got.Body.String(), "<nav"); isPage != (contentType == "text/html") {
				t.Errorf("%s: with navigation %t", name, isPage)
			}
			if switches := strings.Contains(got.Body.String(), `class="language"`); switches != (contentType == "text/html" && test.method == http.MethodGet) {
				t.Errorf("%s: a link to the other language: %t", name, switches) // which would be another request
			}
		}
		check(serve(t, test.handler, test.method, test.path, "Accept", "text/html,*/*", "Accept-Language", "en"), "text/html", test.english)
		check(serve(t, test.handler, test.method, test.path, "Accept", "text/html,*/*", "Accept-Language", "zh-CN"), "text/html", test.chinese)
		check(serve(t, test.handler, test.method, test.path, "Accept", "*/*"), "text/plain", test.english)
	}
}
