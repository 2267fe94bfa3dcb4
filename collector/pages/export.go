package pages

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"iter"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"simcard_exporter/collector/problem"
)

// download returns a handler that serves the cards of a query, all of them. Those that have
// not all been written are broken off: nobody takes a part of them for the whole.
func (s *site) download(contentType, disposition string, write func(w *bufio.Writer, p printer, labelNames []string, cards iter.Seq[Card]) error) http.HandlerFunc {
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
		labelNames, cards := s.Source.All(r.Context(), q)
		buffer := bufio.NewWriterSize(turn, 64<<10)
		err = write(buffer, s.printer(r), labelNames, cards)
		if err == nil && r.Context().Err() == nil { // or the cards end early
			err = buffer.Flush()
		}
		if err != nil || r.Context().Err() != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// serveCSV serves the cards for a spreadsheet.
func (s *site) serveCSV(w http.ResponseWriter, r *http.Request) {
	s.download("text/csv; charset=utf-8", `attachment; filename="cards.csv"`, writeCSV)(w, r)
}

func writeCSV(w *bufio.Writer, p printer, labelNames []string, cards iter.Seq[Card]) error {
	_, _ = w.WriteString("\ufeff") // or Excel would take it for another encoding; a later Write returns the error
	out := csv.NewWriter(w)
	out.UseCRLF = true
	header := append([]string{"imei", "iccid", "group"}, labelNames...)
	_ = out.Write(append(header, "state", "problems", "verdict", "reported_imei", "reported_iccid", "service_number",
		"status", "balance_bytes", "activated", "expires", "answered", "data_as_of", "place"))
	for c := range cards {
		if err := out.Write(csvRow(p, &c, labelNames)); err != nil {
			return err // the reader is gone
		}
	}
	out.Flush()
	return out.Error()
}

// csvRow returns the cells of a card. A spreadsheet leaves an identifier whole if it is a
// formula; any other cell that looks like one gets an apostrophe in front.
func csvRow(p printer, c *Card, labelNames []string) []string {
	e := exportOf(p, c)
	row := []string{identifierCell(e.IMEI), identifierCell(e.ICCID), textCell(c.Group)}
	for _, name := range labelNames {
		row = append(row, textCell(e.Labels[name]))
	}
	row = append(row, e.State, strings.Join(e.Problems, " "), textCell(e.Verdict), identifierCell(e.ReportedIMEI), identifierCell(e.ReportedICCID), identifierCell(e.ServiceNumber))
	status, balance := "", ""
	if e.Status != nil {
		status = strconv.Itoa(*e.Status)
	}
	if e.BalanceBytes != nil {
		balance = strconv.FormatFloat(*e.BalanceBytes, 'f', -1, 64)
	}
	row = append(row, status, balance)
	for _, t := range []*time.Time{e.Activated, e.Expires, e.Answered, e.DataAsOf} {
		cell := ""
		if t != nil {
			cell = p.Time(*t)
		}
		row = append(row, cell)
	}
	return append(row, textCell(e.Place))
}

// identifierCell returns a formula for an identifier, which keeps all of its digits. What
// the platform sent may be anything.
func identifierCell(id string) string {
	if id == "" || strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return textCell(id)
	}
	return formula(id)
}

// formula returns a cell whose value is a text, not a number.
func formula(text string) string { return `="` + text + `"` }

// longNumber is a number that a spreadsheet would cut: it drops zeros in front, shows
// more than 11 digits as a power of ten, and keeps 15.
var longNumber = regexp.MustCompile(`^(0[0-9]+|[0-9]{12,})$`)

// textCell returns a cell that no spreadsheet takes for a formula, or for a number that it
// would cut.
func textCell(cell string) string {
	cell = visible.Replace(cell)
	if longNumber.MatchString(cell) {
		return formula(cell)
	}
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}

// exported is a card as the downloads show it.
type exported struct {
	IMEI          string            `json:"imei,omitempty"`  // as listed
	ICCID         string            `json:"iccid,omitempty"` // as listed
	Group         string            `json:"group"`
	Labels        map[string]string `json:"labels,omitempty"`
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

// exportOf returns c as the downloads show it. Values that are too old to be served are
// left out.
func exportOf(p printer, c *Card) exported {
	e := exported{IMEI: c.ID, Group: c.Group, Place: c.Place, Labels: make(map[string]string), State: c.State.String(), Problems: []string{}, Verdict: p.sentence(describe(c, p.now).lines[0])}
	if !c.ByIMEI {
		e.IMEI, e.ICCID = c.Expected, c.ID
	}
	for _, l := range c.Labels {
		e.Labels[l.Name] = l.Value
	}
	for _, p := range problem.All() {
		if c.Problems.Has(p) {
			e.Problems = append(e.Problems, p.String())
		}
	}
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

// serveJSON serves the cards as an array.
func (s *site) serveJSON(w http.ResponseWriter, r *http.Request) {
	s.download("application/json", "inline", writeJSON)(w, r)
}

func writeJSON(w *bufio.Writer, p printer, _ []string, cards iter.Seq[Card]) error {
	separator := "[\n"
	for c := range cards {
		line, err := json.Marshal(exportOf(p, &c))
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
