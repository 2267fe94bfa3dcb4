package pages

import (
	"net/http"
	"strings"
	"time"

	"simcard_exporter/collector/platform"
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
	robot, known := robots[values.Get("for")]
	switch values.Get("lang") {
	case "zh":
		p.language = chinese
	case "en":
		p.language = english
	case "":
		if robot != nil {
			p.language = chinese
		}
	default:
		known = false
	}
	if !known { // a robot would not take the text
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
	return d.robot.keyword() + title + d.T("digest colon") + strings.Join(counts, d.T("digest comma"))
}

// head returns the lines that the report begins with.
func (d *report) head(title string) string {
	var data time.Time
	for _, g := range d.overview.Groups {
		if !g.OldestData.IsZero() && (data.IsZero() || g.OldestData.Before(data)) {
			data = g.OldestData
		}
	}
	age := d.T("digest no data")
	if !data.IsZero() {
		age = d.T("digest data", d.minute(data), d.now.In(d.zone).Format("15:04"))
	}
	lines := d.robot.begin(title, age)
	var weeks []string
	for _, part := range d.digest.Parts {
		if !part.Week.IsZero() && len(weeks) < maxWeeks {
			weeks = append(weeks, d.T("digest in week", d.week(part.Week), part.Total))
		}
	}
	if len(weeks) > 1 {
		lines = append(lines, d.Caption(problem.Expiring)+d.T("digest colon")+strings.Join(weeks, d.T("digest comma")))
	}
	notices := d.site.notices(d.printer, d.overview)
	for _, notice := range notices[:min(len(notices), maxNotices)] {
		lines = append(lines, "⚠️ "+d.robot.plain(cut(notice, maxNotice)))
	}
	invalid := 0
	for _, g := range d.site.Rows() {
		invalid += g.Invalid
	}
	if invalid > 0 {
		lines = append(lines, "⚠️ "+d.T("digest rows", invalid))
	}
	return strings.Join(lines, d.robot.newline())
}

// Limits of the head of a report, and of what it says of a card, in characters.
const (
	maxWeeks   = 6
	maxNotices = 3
	maxNotice  = 150
	maxShop    = 30
	maxCity    = 15
	maxContact = 40
	maxURL     = 500
)

func cut(text string, characters int) string {
	if runes := []rune(text); len(runes) > characters {
		return string(runes[:characters]) + "…"
	}
	return text
}

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

// line says where a card is, what is wrong with it, which it is, and whom to call.
func (d *report) line(c *Card) string {
	mark := map[problem.State]string{problem.OutOfService: "🔴 ", problem.Attention: "🟡 "}[c.State]
	if mark == "" {
		mark = "⚪ "
	}
	said := d.facts(c)
	number := d.number(c)
	place := cut(first(c, "shop", "merchant", "customer"), maxShop)
	switch city := cut(first(c, "city"), maxCity); {
	case place == "":
		place = city
	case city != "" && !strings.Contains(place, city): // as in 朝阳店（北京）, but not in 北京朝阳店
		place = d.T("digest place", place, city)
	}
	if place == "" {
		place = number
	} else {
		said = append(said, number)
	}
	whom := strings.TrimSpace(cut(first(c, "contact"), maxContact) + " " + cut(first(c, "phone"), maxContact))
	if whom != "" {
		said = append(said, whom)
	}
	return mark + place + d.T("digest colon") + strings.Join(said, d.T("digest comma"))
}

// first returns the value of the first of the labels that c has.
func first(c *Card, names ...string) string {
	for _, name := range names {
		for _, l := range c.Labels {
			if l.Name == name && l.Value != "" {
				return l.Value
			}
		}
	}
	return ""
}

// numberEnd is how many characters of a number tell a card from the others.
const numberEnd = 6

// number returns the end of the card's ICCID or, if that is unknown, of its IMEI.
func (d *report) number(c *Card) string {
	kind, id := "ICCID", c.ID
	if c.ByIMEI {
		kind = "IMEI"
		if c.Answer.known() && c.Answer.ICCID != "" {
			kind, id = "ICCID", c.Answer.ICCID
		}
	}
	return kind + " …" + end(id)
}

func end(id string) string { return id[max(0, len(id)-numberEnd):] }

// facts says what is wrong with a card.
func (d *report) facts(c *Card) (facts []string) {
	for _, of := range problem.All() {
		if c.Problems.Has(of) {
			facts = append(facts, d.fact(of, c.Answer))
		}
	}
	switch {
	case facts != nil:
	case c.Answer == nil:
		facts = []string{d.T("digest never answered")}
	default:
		facts = []string{d.T("digest last answer", d.minute(c.Answer.At))}
	}
	return facts
}

// fact says what there is to say about one problem of a card.
func (d *report) fact(of problem.Problem, a *Answer) string {
	caption := d.Caption(of)
	if of == problem.Suspended && !a.Since.IsZero() {
		return d.T("digest since", caption, date(a.Since))
	}
	if !a.known() {
		return caption
	}
	switch fact := of.Fact(a.Card).(type) {
	case platform.Instant:
		if fact.Time().After(d.now) {
			return d.T("digest expires", date(fact.Time()))
		}
		return d.T("digest expired", caption, date(fact.Time()))
	case problem.Bytes:
		if fact > 0 {
			return d.T("v left", amount(fact))
		}
	case string:
		return d.T("digest device", caption, end(fact))
	}
	return caption
}
