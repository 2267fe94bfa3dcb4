package pages

import (
	"bytes"
	"embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"
	xlanguage "golang.org/x/text/language"

	"simcard_exporter/collector/web/turns"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// site holds what all pages have in common. It does not change.
type site struct {
	Options
	templates *template.Template
	matcher   xlanguage.Matcher
	assets    map[string]asset  // by the name in its URL
	assetURLs map[string]string // by file

	searches, refreshes *semaphore.Weighted // limit how many run at once
	downloads           *turns.Turns        // likewise
}

// asset is a file beside the pages. Its name holds a hash of its content, so that
// browsers may keep it for ever.
type asset struct {
	contentType string
	content     []byte
}

func newSite(o Options) *site {
	s := &site{
		Options:   o,
		templates: template.Must(template.ParseFS(templateFiles, "templates/*.html")),
		matcher:   newMatcher(),
		assets:    make(map[string]asset), assetURLs: make(map[string]string),
		searches: semaphore.NewWeighted(maxSearches()), refreshes: semaphore.NewWeighted(maxRefreshes), downloads: turns.New(maxDownloads),
	}
	for file, contentType := range map[string]string{"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"} {
		content, err := assetFiles.ReadFile("assets/" + file)
		if err != nil {
			panic(err) // it is part of the binary
		}
		hash := fnv.New64a()
		_, _ = hash.Write(content) // never fails
		name, extension, _ := strings.Cut(file, ".")
		hashed := fmt.Sprintf("%s-%x.%s", name, hash.Sum64(), extension)
		s.assets[hashed] = asset{contentType, content}
		s.assetURLs[file] = o.Base + "/static/" + hashed
	}
	return s
}

func (s *site) serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := s.assets[r.PathValue("file")]
	if !ok {
		s.serveMissing(w, r)
		return
	}
	w.Header().Set("Content-Type", a.contentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.content)
}

// page is what every template shows: what pages have in common, and a Body of its own.
type page struct {
	printer
	site    *site
	Title   string // and h1
	Query   Query
	Reloads int // by itself, after that many seconds; 0 for not
	Here    string
	Other   otherLanguage
	Body    any
}

// newPage returns a page without a body, in the language of a request.
func (s *site) newPage(r *http.Request) page {
	p := s.printer(r)
	return page{printer: p, site: s, Query: query(r, p), Here: strings.TrimPrefix(r.URL.Path, s.Base), Other: p.language.other(r)}
}

func (s *site) printer(r *http.Request) printer {
	return printer{s.language(r), time.Now(), s.Location()}
}

// Name returns the program's name.
func (p page) Name() string { return p.site.Name }

// Version returns the program's version.
func (p page) Version() string { return p.site.Version }

// Base returns what links begin with.
func (p page) Base() string { return p.site.Base }

// Telemetry returns the path for metrics.
func (p page) Telemetry() string { return p.site.Telemetry }

// Asset returns the URL of a file beside the pages.
func (p page) Asset(file string) string { return p.site.assetURLs[file] }

// Cards returns a link to the list of cards in a state, with a problem, and of a group; "" is
// any.
func (p page) Cards(state, problem, group string) string {
	return p.list("/cards", Query{State: state, Problem: problem, Group: group})
}

// shownTime is what the template time shows.
type shownTime struct {
	P  printer
	At time.Time
}

// cell is a number that links to its list.
type cell struct {
	tile
	Shown string
}

// Cell prepares a number for the template number.
func (p page) Cell(t tile) cell { return cell{t, p.N(t.Cards)} }

// At prepares a time for the template time.
func (p page) At(t time.Time) shownTime { return shownTime{p.printer, t} }

// maxShown is how much of a label's value a list shows, in characters.
const maxShown = 60

// Cut shortens a text that a list has no room for.
func (p page) Cut(text string) string { return cut(text, maxShown) }

// render writes a page whole, or an error in its place.
func (s *site) render(w http.ResponseWriter, status int, name string, p page) {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name, p); err != nil {
		http.Error(w, "render page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = visible.WriteString(w, b.String())
}
