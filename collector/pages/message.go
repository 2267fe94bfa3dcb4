package pages

import (
	"net/http"
	"strings"
)

// message says one thing, and no more: to a browser on a page, to a program in a text.
func (s *site) message(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, visible.Replace(strings.TrimSpace(title+"\n"+text)), status)
		return
	}
	p := s.newPage(r)
	p.Query = Query{} // it may be what is wrong
	p.Title, p.Body = title, text
	if r.Method != http.MethodGet {
		p.Other = otherLanguage{} // no link can repeat the request
	}
	s.render(w, status, "message", p)
}

// serveMissing answers for a path that there is none of, or that only another method is for.
func (s *site) serveMissing(w http.ResponseWriter, r *http.Request) {
	p := s.printer(r)
	switch {
	case strings.HasSuffix(r.URL.Path, "/-/reload") || strings.HasSuffix(r.URL.Path, "/card/refresh"):
		w.Header().Set("Allow", http.MethodPost)
		s.message(w, r, http.StatusMethodNotAllowed, p.T("only post"), "")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		s.message(w, r, http.StatusMethodNotAllowed, p.T("only get"), "")
	default:
		s.message(w, r, http.StatusNotFound, p.T("no such page"), p.T("no such page hint"))
	}
}

// serveOtherSite turns away what a page of another site has a browser send.
func (s *site) serveOtherSite(w http.ResponseWriter, r *http.Request) {
	p := s.printer(r)
	s.message(w, r, http.StatusForbidden, p.T("other site"), p.T("other site hint"))
}

// serveOtherHost turns away what is for another host than that of the Origin.
func (s *site) serveOtherHost(w http.ResponseWriter, r *http.Request) {
	p := s.printer(r)
	s.message(w, r, http.StatusForbidden, p.T("other host", s.Origin, r.Host), p.T("other host hint"))
}
