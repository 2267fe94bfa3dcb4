package collector

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/szzkc/simulator"
)

var (
	failures = regexp.MustCompile(`(?s)<tr class="error">.*?</tr>|<p class="notice">.*?</p>`)
	notOurs  = regexp.MustCompile(`(?s)<.*?>|“.*?”|http://[^ ）]*|HTTP|TLS|JSON|state|timeout|[0-9.:]+`)
	letters  = regexp.MustCompile(`[A-Za-z]+`)
)

// TestFailuresInChinese: whatever goes wrong with the platform, the Chinese page says so in
// Chinese, or quotes others.
func TestFailuresInChinese(t *testing.T) {
	cards := simulator.Fleet(3)
	for _, fault := range simulator.Faults() {
		t.Run(fault.String(), func(t *testing.T) {
			env := newTestEnvOverTCP(t, simulator.New(cards), []Group{uncached(testGroup("g", byIMEI, cards))}, func(s *Settings) {
				s.Timeout, s.MaxRetries = 200*time.Millisecond, 0
			})
			env.sim.SetBehaviour(simulator.Behaviour{Fault: fault})
			source := env.Pages(testEstimate)
			if _, err := env.Scrape(t.Context(), time.Now().Add(5*time.Second), Selection{}); err != nil {
				t.Fatal(err)
			}
			said := failures.FindAllString(chinesePage(t, source), -1)
			if source.Overview().Groups[0].LastError != "" && len(said) == 0 {
				t.Error("the page does not say what is wrong")
			}
			for _, line := range said {
				if english := letters.FindAllString(notOurs.ReplaceAllString(html.UnescapeString(line), " "), -1); english != nil {
					t.Errorf("%q in %s", strings.Join(english, " "), line)
				}
			}
		})
	}
}

// chinesePage returns the overview of what a source knows.
func chinesePage(t *testing.T, source pages.Source) string {
	t.Helper()
	mux := http.NewServeMux()
	pages.Options{
		Source: source, Interval: time.Minute,
		Location:    func() *time.Location { return time.UTC },
		LastReload:  func() (time.Time, error) { return time.Now(), nil },
		Rows:        func() []pages.GroupRows { return nil },
		Persistence: func() persistence.State { return persistence.State{} },
	}.Register(func(method, path string, h http.Handler) { mux.Handle(method+" "+path, h) })
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?lang=zh", nil))
	return recorder.Body.String()
}
