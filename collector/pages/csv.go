package pages

import (
	"bufio"
	"encoding/csv"
	"iter"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// serveCSV serves the cards for a spreadsheet.
func (s *site) serveCSV(w http.ResponseWriter, r *http.Request) {
	s.download("text/csv; charset=utf-8", `attachment; filename="cards.csv"`, writeCSV)(w, r)
}

// csvHeadings are the columns beside those of what is known of cards.
var csvHeadings = []string{
	"problem", "verdict", "balance mb", "field expiry", "expiry month", "state", "group", "iccid", "imei", "reported iccid", "reported imei", "field service_number", "field activation", "answered at", "data as of", "place",
}

func writeCSV(w *bufio.Writer, p printer, columns []Column, cards iter.Seq[Card]) error {
	_, _ = w.WriteString("\ufeff") // or Excel would take it for another encoding; a later Write returns the error
	out := csv.NewWriter(w)
	out.UseCRLF = true
	var header []string
	for _, c := range columns {
		header = append(header, textCell(p.heading(c)))
	}
	for _, key := range csvHeadings {
		header = append(header, p.T(key))
	}
	_ = out.Write(header)
	for c := range cards {
		if err := out.Write(csvRow(p, &c, columns)); err != nil {
			return err // the reader is gone
		}
	}
	out.Flush()
	return out.Error()
}

// csvRow returns the cells of a card. A spreadsheet leaves an identifier whole if it is a
// formula; any other cell that looks like one gets an apostrophe in front.
func csvRow(p printer, c *Card, columns []Column) (row []string) {
	e := exportOf(p, c)
	for _, column := range columns {
		row = append(row, textCell(c.Value(column.Name)))
	}
	var problems []string
	for of := range c.Problems.All() {
		problems = append(problems, p.Caption(of))
	}
	row = append(row, strings.Join(problems, p.T("clause")), textCell(e.Verdict))
	balance, month := "", ""
	if e.BalanceBytes != nil {
		balance = strconv.FormatFloat(*e.BalanceBytes/(1<<20), 'f', 2, 64)
	}
	if e.Expires != nil {
		month = e.Expires.Format("2006-01")
	}
	row = append(row, balance, p.cell(e.Expires), textCell(month), p.Caption(c.State), textCell(c.Group),
		identifierCell(e.ICCID), identifierCell(e.IMEI), identifierCell(e.ReportedICCID), identifierCell(e.ReportedIMEI), identifierCell(e.ServiceNumber))
	return append(row, p.cell(e.Activated), p.cell(e.Answered), p.cell(e.DataAsOf), textCell(e.Place))
}

// cell returns a time as spreadsheets know it, "" if there is none.
func (p printer) cell(t *time.Time) string {
	if t == nil {
		return ""
	}
	return p.Time(*t)
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

// A spreadsheet takes what looks like a number, a date or a time for one, and shows another
// text: of a number it drops zeros in front and at the end, shows more than 11 digits as a
// power of ten, and keeps 15.
var (
	plainNumber = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,10})(?:\.[0-9]*[1-9])?$`)
	alike       = regexp.MustCompile(`^[0-9.]*[0-9][-0-9./:eE,%年月日 ]*$|(?i)^[0-9]+[- /]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$|(?i)^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- /.]?[0-9]+$|^(?:true|false)$`)
)

// textCell returns a cell that no spreadsheet takes for a formula, or for a number or date
// that it would show as another text.
func textCell(cell string) string {
	cell = visible.Replace(cell)
	if alike.MatchString(cell) && !plainNumber.MatchString(cell) {
		return formula(cell)
	}
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}
