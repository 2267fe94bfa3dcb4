package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// cardBody is what the template card shows.
type cardBody struct {
	Card      Card
	Level     level
	Heading   string
	Verdict   []string
	Advice    []string
	Since     string // when the status was first seen; "" if that is unknown
	Fields    []field
	Attempts  []attemptRow
	NextAsked string
	PromQL    string
	Refresh   string // the link that queries the card
	Grafana   string // the link to its dashboard; "" if there is none
}

// field is what the platform says of a card.
type field struct {
	Name, Value string
	Unreadable  bool
}

type attemptRow struct {
	Attempt
	Took, AskedFor, Brought string
	Failed                  bool
}

func (s *site) serveCard(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	p := s.newPage(r)
	if utf8.RuneCountInString(id) > maxText {
		s.message(w, r, http.StatusBadRequest, p.T("query too long"), "")
		return
	}
	release := s.acquire(s.searches, w, r)
	if release == nil {
		return
	}
	c, found := s.Source.Card(id)
	release()
	if !found {
		s.message(w, r, http.StatusNotFound, p.T("no such card", id), p.T("no such card hint"))
		return
	}
	v := describe(&c, p.now)
	words := heading(&c)
	if c.State != problem.NotInUse {
		words = append(words, facts(&c, p.now)...)
	}
	b := cardBody{
		Card: c, Level: v.level, Heading: p.joined(words), Fields: fields(p.printer, c.Answer), NextAsked: p.T("due now"),
		PromQL:  promQL(&c),
		Refresh: s.Base + "/card/refresh?" + url.Values{"id": {c.ID}}.Encode(),
	}
	for _, line := range v.lines {
		b.Verdict = append(b.Verdict, p.sentence(line))
	}
	for _, line := range advice(&c) {
		b.Advice = append(b.Advice, p.sentence(line))
	}
	if a := c.Answer; a.known() && a.Served && !a.Since.IsZero() {
		b.Since = p.T("status since", moment(a.Since), span(p.now.Sub(a.Since)))
	}
	for _, a := range c.Attempts {
		b.Attempts = append(b.Attempts, attempted(p.printer, a))
	}
	switch {
	case c.PlatformDown && c.NextDue.IsZero():
		b.NextAsked = p.T("due when up")
	case !c.NextDue.IsZero():
		b.NextAsked = p.T("next asked at", moment(c.NextDue), ago(c.NextDue))
	}
	if s.Grafana != "" {
		b.Grafana = s.Grafana + "/d/simcard-card?" + dashboardVariables(&c).Encode()
	}
	p.Title = b.Heading + " – " + cmp.Or(c.Value("shop"), c.ID)
	if c.Refreshing && !c.PlatformDown { // or else it waits until the platform is back
		p.Reloads = 3
	}
	p.Body = b
	s.render(w, http.StatusOK, "card", p)
}

// maxRefresh is how long a browser waits for the platform after the button was pressed.
// What is not done by then goes on.
const maxRefresh = 10 * time.Second

func (s *site) serveRefresh(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	release := s.acquire(s.refreshes, w, r)
	if release == nil {
		return
	}
	defer release()
	ctx, cancel := context.WithTimeout(r.Context(), maxRefresh)
	defer cancel()
	if err := s.Source.Refresh(ctx, id); errors.Is(err, ErrNoCard) {
		p := s.printer(r)
		s.message(w, r, http.StatusNotFound, p.T("no such card", id), p.T("no such card hint"))
		return
	}
	http.Redirect(w, r, s.cardLink(id), http.StatusSeeOther)
}

// fields returns what the platform says of a card, with what could not be read of it.
func fields(p printer, a *Answer) (all []field) {
	if !a.known() {
		return nil
	}
	add := func(name, value string) {
		f := field{Name: p.T("field " + name), Value: value}
		if value == "" {
			f.Unreadable = true
			f.Value = p.T("sent nothing")
			if sent := a.sent(name); sent != "" {
				f.Value = p.T("sent", sent)
			}
		}
		all = append(all, f)
	}
	at := func(i platform.Instant) string {
		if i == 0 {
			return ""
		}
		return p.When(i.Time())
	}
	status, balance := "", ""
	if a.Status != nil {
		status = strconv.Itoa(*a.Status)
		switch *a.Status {
		case 0:
			status = p.T("status suspended")
		case 1:
			status = p.T("status in service")
		}
	}
	if a.Balance != nil {
		if balance = p.Bytes(*a.Balance); *a.Balance >= 1024 {
			balance = p.T("term", balance, p.N(int(*a.Balance))+" B")
		}
	}
	add("status", status)
	add("balance", balance)
	add("expiry", at(a.Expires))
	add("activation", at(a.Activated))
	add("imei", a.IMEI)
	add("iccid", a.ICCID)
	add("service_number", a.ServiceNumber)
	return all
}

// known reports whether there is an answer that has the card.
func (a *Answer) known() bool { return a != nil && a.Card != nil }

// sent returns what the platform sent for a field that could not be read; "" if nothing.
func (a *Answer) sent(field string) string {
	for _, f := range a.Invalid {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

func attempted(p printer, a Attempt) attemptRow {
	row := attemptRow{Attempt: a, Took: a.Duration.Round(time.Millisecond).String(), Failed: a.Outcome != OutcomeAnswered}
	switch {
	case a.This && a.Cards == 1:
		row.AskedFor = p.T("only this card")
	case a.This:
		row.AskedFor = p.T("with this card", a.Cards)
	case a.Cards == 1:
		row.AskedFor = p.T("another card alone")
	default:
		row.AskedFor = p.T("without this card", a.Cards)
	}
	if a.Purpose != "" {
		row.AskedFor += p.T("clause") + p.T("for "+string(a.Purpose))
	}
	switch a.Outcome {
	case OutcomeAnswered, OutcomeIncomplete:
		row.Brought = p.T("outcome "+string(a.Outcome), a.Answered)
	default:
		row.Brought = p.T("outcome " + string(a.Outcome))
	}
	return row
}

// promQL returns a query for all series of a card.
func promQL(c *Card) string {
	label := "iccid"
	if c.ByIMEI {
		label = "imei"
	}
	return fmt.Sprintf(`{__name__=~"simcard_.+", %s=%q}`, label, c.ID)
}

// dashboardVariables are those of the dashboard of a card.
func dashboardVariables(c *Card) url.Values {
	v := make(url.Values)
	var imei, iccid string
	if a := c.Answer; a.known() {
		imei, iccid = a.IMEI, a.ICCID
	}
	if c.ByIMEI { // series have the case of the configuration
		imei = c.ID
	} else {
		iccid = c.ID
	}
	if imei != "" {
		v.Set("var-imei", imei)
	}
	if iccid != "" {
		v.Set("var-iccid", iccid)
	}
	return v
}
