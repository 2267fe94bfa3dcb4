package pages

import (
	"strings"
	"time"
)

// asOf says when the cards were counted, and of when their data is.
func (p printer) asOf(o Overview) string {
	switch oldest, newest := o.data(); {
	case oldest.IsZero():
		return p.T("as of", moment(o.At))
	case newest.Sub(oldest) < time.Minute:
		return p.T("as of with data", moment(o.At), moment(newest))
	default:
		return p.T("as of with range", moment(o.At), moment(oldest), moment(newest))
	}
}

// data returns the earliest and the latest moment that the values of cards are about; zero
// without any.
func (o *Overview) data() (oldest, newest time.Time) {
	for _, g := range o.Groups {
		if !g.OldestData.IsZero() && (oldest.IsZero() || g.OldestData.Before(oldest)) {
			oldest = g.OldestData
		}
		if g.NewestData.After(newest) {
			newest = g.NewestData
		}
	}
	return oldest, newest
}

// notices says what concerns all cards.
func (s *site) notices(p printer, o Overview) (notices []string) {
	for _, d := range o.Down {
		key := "platform down"
		if d.Live {
			key = "platform down live"
		}
		notices = append(notices, p.T(key, moment(d.Since), failure(d.Cause)))
	}
	var last time.Time
	var many []string
	for _, g := range o.Groups {
		if g.Scraped.After(last) {
			last = g.Scraped
		}
		if g.ManyExpire() {
			many = append(many, g.Name)
		}
	}
	if many != nil {
		notices = append(notices, p.T("many expire", strings.Join(many, p.T("list"))))
	}
	switch {
	case last.IsZero():
		notices = append(notices, p.T("no scrape", s.Telemetry))
	case p.now.Sub(last) > freshScrape:
		notices = append(notices, p.T("no scrape since", moment(last)))
	}
	return notices
}
