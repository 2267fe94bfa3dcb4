package pages

import (
	"bufio"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// download returns a handler that serves the cards of a query, all of them. Those that have
// not all been written are broken off: nobody takes a part of them for the whole.
func (s *site) download(contentType, disposition string, write func(w *bufio.Writer, p printer, columns []Column, cards iter.Seq[Card]) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, ok := s.checkedQuery(w, r)
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), maxWait)
		turn, err := s.downloads.Take(ctx, w, 1)
		cancel()
		if err != nil {
			s.busy(w, r)
			return
		}
		defer turn.Done()
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", disposition)
		columns, cards := s.Source.All(r.Context(), q)
		buffer := bufio.NewWriterSize(turn, 64<<10)
		err = write(buffer, s.printer(r), columns, cards)
		if err == nil && r.Context().Err() == nil { // or the cards end early
			err = buffer.Flush()
		}
		if err != nil || r.Context().Err() != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// exported is a card as the downloads show it.
type exported struct {
	IMEI          string            `json:"imei,omitempty"`  // as listed
	ICCID         string            `json:"iccid,omitempty"` // as listed
	Group         string            `json:"group"`
	Labels        map[string]string `json:"labels,omitempty"`
	Contact       string            `json:"contact,omitempty"`
	Phone         string            `json:"phone,omitempty"`
	Address       string            `json:"address,omitempty"`
	Place         string            `json:"place,omitempty"`
	State         string            `json:"state"`
	Problems      []string          `json:"problems"`
	Verdict       string            `json:"verdict"`
	ReportedIMEI  string            `json:"reported_imei,omitempty"`
	ReportedICCID string            `json:"reported_iccid,omitempty"`
	ServiceNumber string            `json:"service_number,omitempty"`
	Status        *int              `json:"status,omitempty"`
	BalanceBytes  *float64          `json:"balance_bytes,omitempty"`
	Activated     *time.Time        `json:"activated,omitempty"`
	Expires       *time.Time        `json:"expires,omitempty"`
	Answered      *time.Time        `json:"answered,omitempty"`
	DataAsOf      *time.Time        `json:"data_as_of,omitempty"`
}

// exportOf returns c as the downloads show it, without Labels and Problems. Values that are too
// old to be served are left out.
func exportOf(p printer, c *Card) exported {
	e := exported{IMEI: c.ID, Group: c.Group, Place: c.Place, State: c.State.String(), Verdict: p.verdict(c)}
	if !c.ByIMEI {
		e.IMEI, e.ICCID = c.Expected, c.ID
	}
	e.Contact, e.Phone, e.Address = c.Value("contact"), c.Value("phone"), c.Value("address")
	a := c.Answer
	if a == nil || !a.Served {
		return e
	}
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.In(p.zone)
		return &t
	}
	e.Answered, e.DataAsOf = at(a.At), at(a.About)
	if a.Card != nil {
		e.ReportedIMEI, e.ReportedICCID, e.ServiceNumber = a.IMEI, a.ICCID, a.ServiceNumber
		e.Status, e.BalanceBytes = a.Status, a.Balance
		e.Activated, e.Expires = at(a.Activated.Time()), at(a.Expires.Time())
	}
	return e
}

// withNames adds what programs know by its name: labels and problems.
func (e exported) withNames(c *Card) exported {
	e.Labels, e.Problems = make(map[string]string), []string{}
	for _, l := range c.Labels {
		if !l.Contact {
			e.Labels[l.Name] = l.Value
		}
	}
	for of := range c.Problems.All() {
		e.Problems = append(e.Problems, of.String())
	}
	return e
}

// serveJSON serves the cards as an array.
func (s *site) serveJSON(w http.ResponseWriter, r *http.Request) {
	s.download("application/json", "inline", writeJSON)(w, r)
}

func writeJSON(w *bufio.Writer, p printer, _ []Column, cards iter.Seq[Card]) error {
	separator := "[\n"
	for c := range cards {
		line, err := json.Marshal(exportOf(p, &c).withNames(&c))
		if err != nil {
			return err // cannot happen: every card can be encoded
		}
		_, _ = w.WriteString(separator)
		if _, err := visible.WriteString(w, string(line)); err != nil { // as JSON escapes a character
			return err // the reader is gone
		}
		separator = ",\n"
	}
	if separator == "[\n" {
		_, _ = w.WriteString("[")
	}
	_, err := w.WriteString("\n]\n")
	return err
}
