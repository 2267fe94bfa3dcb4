package pages

import (
	"net/http"
	"strings"
	"time"

	"simcard_exporter/collector/problem"
)

// Digest is what a morning report is about.
type Digest struct {
	Cards int    // number of all cards, those without trouble included
	Parts []Part // the most urgent first; a card is in one at most
}

// Part is the cards that are in the same trouble.
type Part struct {
	State   problem.State
	Problem problem.Problem // the worst of each, if they need attention
	Week    time.Time       // when the week begins in which they expire, if they are expiring
	Total   int             // number of cards
	Cards   []Card          // the most urgent first, at most MaxRows
}

// caption names the trouble of the part.
func (p printer) caption(of *Part) string {
	if of.State == problem.Attention {
		return p.Caption(of.Problem)
	}
	return p.Caption(of.State)
}

// week names a week by its first and last day.
func (p printer) week(monday time.Time) string {
	monday = monday.In(p.zone)
	next := monday.AddDate(0, 0, 7)
	if !p.now.Before(monday) && p.now.Before(next) {
		return p.T("digest this week")
	}
	return p.T("digest week", monday.Format("01-02"), next.AddDate(0, 0, -1).Format("01-02"))
}

// serveDigest serves the report of a morning, as text or as a robot's message.
func (s *site) serveDigest(w http.ResponseWriter, r *http.Request) {
	p, values := s.printer(r), r.URL.Query()
	robot, knowsRobot := robots[values.Get("for")]
	lang := values.Get("lang")
	_, knowsLanguage := languageNamed(lang)
	if robot != nil && lang == "" {
		p.language = chinese
	}
	if !knowsRobot || lang != "" && !knowsLanguage { // a robot would not take the text
		http.Error(w, p.T("digest of"), http.StatusBadRequest)
		return
	}
	release := s.acquire(s.searches, w, r)
	if release == nil {
		return
	}
	digest, err := s.Source.Digest(r.Context())
	overview := s.Source.Overview()
	release()
	if err != nil {
		panic(http.ErrAbortHandler) // the reader is gone
	}
	d := report{printer: p, site: s, robot: robot, digest: digest, overview: overview}
	w.Header().Set("Content-Type", robot.contentType())
	_, _ = w.Write(d.message())
}

// report puts a digest into words.
type report struct {
	printer
	site     *site
	robot    *robot // nil for a text
	digest   Digest
	overview Overview
}

// message returns the report as the robot takes it: the head, and as many cards as there is
// room for.
func (d *report) message() []byte {
	total := 0
	for _, part := range d.digest.Parts {
		total += part.Total
	}
	robot, title, end, shown := d.robot, d.title(), d.link(), 0
	rest := func() string { return robot.newline() + d.T("digest rest", total-shown) }
	var text strings.Builder
	text.WriteString(d.head(title))
	room := robot.room(title) - robot.size(text.String()+rest()+end)
cards:
	for i := range d.digest.Parts {
		part := &d.digest.Parts[i]
		heading := robot.heading(d.heading(part))
		for j := range part.Cards {
			line := heading + robot.newline() + robot.plain(d.line(&part.Cards[j]))
			if room -= robot.size(line); room < 0 {
				break cards
			}
			text.WriteString(line)
			heading = ""
			shown++
		}
	}
	if shown < total {
		text.WriteString(rest())
	}
	text.WriteString(end)
	return robot.message(title, text.String(), d.level())
}

// title says how many cards are in which trouble.
func (d *report) title() string {
	title := d.T("digest title", d.now.In(d.zone).Format("01-02"))
	if d.overview.Shard.Count > 1 {
		title += d.T("digest shard", d.overview.Shard.Number(), d.overview.Shard.Count)
	}
	var counts []string
	for i, parts := 0, d.digest.Parts; i < len(parts); {
		caption, cards := d.caption(&parts[i]), 0
		for ; i < len(parts) && d.caption(&parts[i]) == caption; i++ { // all weeks together
			cards += parts[i].Total
		}
		counts = append(counts, d.T("digest count", caption, cards))
	}
	if counts == nil {
		counts = []string{d.T("digest all well", d.digest.Cards)}
	}
	return d.robot.keyword() + title + d.T("colon") + strings.Join(counts, d.T("digest comma"))
}

// head returns the lines that the report begins with.
func (d *report) head(title string) string {
	age := d.T("digest no data")
	if oldest, _ := d.overview.data(); !oldest.IsZero() {
		age = d.T("digest data", d.minute(oldest), d.now.In(d.zone).Format("15:04"))
	}
	lines := d.robot.begin(title, age)
	var weeks []string
	for _, part := range d.digest.Parts {
		if !part.Week.IsZero() && len(weeks) < maxWeeks {
			weeks = append(weeks, d.T("digest in week", d.week(part.Week), part.Total))
		}
	}
	if len(weeks) > 1 {
		lines = append(lines, d.Caption(problem.Expiring)+d.T("colon")+strings.Join(weeks, d.T("digest comma")))
	}
	notices := d.site.notices(d.printer, d.overview)
	for _, notice := range notices[:min(len(notices), maxNotices)] {
		lines = append(lines, "⚠️ "+d.robot.plain(cut(notice, maxNotice)))
	}
	if invalid := d.site.invalidRows(); invalid > 0 {
		lines = append(lines, "⚠️ "+d.T("digest rows", invalid))
	}
	return strings.Join(lines, d.robot.newline())
}

// Limits of what stands around the cards. A notice is counted in characters, the URL in
// bytes.
const (
	maxWeeks   = 6
	maxNotices = 3
	maxNotice  = 150
	maxURL     = 500
)

func (d *report) minute(t time.Time) string { return t.In(d.zone).Format("2006-01-02 15:04") }

// heading returns the line above the cards of a part.
func (d *report) heading(part *Part) string {
	caption := d.caption(part)
	if !part.Week.IsZero() {
		caption = d.T("digest expiring", caption, d.week(part.Week))
	}
	return d.T("digest part", caption, part.Total)
}

// link returns a line that leads to the overview, "" if nobody knows its address.
func (d *report) link() string {
	url := d.site.Origin + d.site.Base + "/"
	if d.site.Origin == "" || len(url) > maxURL {
		return ""
	}
	return d.robot.newline() + d.robot.link(d.T("digest all"), url)
}

// level says how bad things are.
func (d *report) level() level {
	if len(d.digest.Parts) == 0 {
		return good
	}
	return levelOf(d.digest.Parts[0].State)
}
