package pages

import (
	"bufio"
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

// A download of a million cards takes longer than the server's write timeout. So it has
// a deadline of its own, which moves on as the reader takes cards.
const (
	exportWriteTimeout = time.Minute
	cardsPerDeadline   = 1000 // after so many, the deadline moves on
)

// startExport begins a download. If the query is not valid, or its turn does not come, it
// answers the request and returns nil.
func (s *site) startExport(w http.ResponseWriter, r *http.Request) (labelNames []string, cards iter.Seq[Card], release func()) {
	q, ok := s.checkedQuery(w, r)
	if !ok {
		return nil, nil, nil
	}
	release = s.acquire(s.exports, w, r)
	if release == nil {
		return nil, nil, nil
	}
	labelNames, all := s.Source.All(r.Context(), q)
	controller := http.NewResponseController(w)
	return labelNames, func(yield func(Card) bool) {
		n := 0
		for c := range all {
			if n%cardsPerDeadline == 0 {
				// An error, from a writer without a deadline, does not matter.
				_ = controller.SetWriteDeadline(time.Now().Add(exportWriteTimeout))
			}
			n++
			if !yield(c) {
				return
			}
		}
	}, release
}

// serveCSV serves the cards for a spreadsheet.
func (s *site) serveCSV(w http.ResponseWriter, r *http.Request) {
	labelNames, cards, release := s.startExport(w, r)
	if release == nil {
		return
	}
	defer release()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="cards.csv"`)
	buffer := bufio.NewWriterSize(w, 64<<10)
	_, _ = buffer.WriteString("\ufeff") // or Excel would take it for another encoding; Flush returns the error
	out := csv.NewWriter(buffer)
	out.UseCRLF = true
	header := append([]string{"imei", "iccid", "group"}, labelNames...)
	_ = out.Write(append(header, "state", "problems", "verdict", "reported_imei", "reported_iccid", "service_number",
		"status", "balance_bytes", "activated", "expires", "answered", "data_as_of", "place"))
	p := s.printer(r)
	for c := range cards {
		if out.Write(csvRow(p, &c, labelNames)) != nil {
			return // the reader is gone
		}
	}
	out.Flush()
	_ = buffer.Flush()
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
	_, cards, release := s.startExport(w, r)
	if release == nil {
		return
	}
	defer release()
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriterSize(w, 64<<10)
	p := s.printer(r)
	separator := "[\n"
	for c := range cards {
		line, err := json.Marshal(exportOf(p, &c))
		if err != nil {
			return // cannot happen: every card can be encoded
		}
		_, _ = out.WriteString(separator)
		if _, err := out.Write(line); err != nil {
			return // the reader is gone
		}
		separator = ",\n"
	}
	if separator == "[\n" {
		_, _ = out.WriteString("[")
	}
	_, _ = out.WriteString("\n]\n")
	_ = out.Flush()
}
