package collector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"

	"simcard_exporter/collector/platform"
)

// Report writes what Ask brought: each field as it is read, or as explain says why it is not,
// the lines in /metrics, and what to do next. If that was no answer about the card, the error
// says why, and what to do.
func (q *Inquiry) Report(w io.Writer, explain func(platform.InvalidField) string) error {
	fmt.Fprintf(w, "\nread, after %v, as\n", q.duration.Round(time.Millisecond))
	if q.known() == 0 {
		fmt.Fprintln(w, "  no card")
	} else {
		q.writeFields(w, explain)
	}
	if q.Unexpected > 0 {
		fmt.Fprintf(w, "  items of other cards, or of this one again: %d\n", q.Unexpected)
	}
	q.writeSeries(w)
	next, err := q.next()
	if err == nil {
		fmt.Fprintf(w, "\nnext: %s\n", next)
	}
	return err
}

// writeFields writes the fields of the card that were read, and then those that were not.
func (q *Inquiry) writeFields(w io.Writer, explain func(platform.InvalidField) string) {
	c := q.Cards[0]
	at := func(i platform.Instant) string {
		return i.Time().In(q.fleet.settings.Location).Format("2006-01-02 15:04:05 -0700")
	}
	for _, f := range []struct {
		name   string
		isRead bool
		text   func() string
	}{
		{"service_number", c.ServiceNumber != "", func() string { return c.ServiceNumber }},
		{"imei", c.IMEI != "", func() string { return c.IMEI }},
		{"iccid", c.ICCID != "", func() string { return c.ICCID }},
		{"status", c.Status != nil, func() string { return strconv.Itoa(*c.Status) }},
		{"activation", c.Activated != 0, func() string { return at(c.Activated) }},
		{"expiry", c.Expires != 0, func() string { return at(c.Expires) }},
		{"balance", c.Balance != nil, func() string { return strconv.FormatFloat(*c.Balance, 'f', -1, 64) + " bytes" }},
	} {
		if f.isRead {
			fmt.Fprintf(w, "  %s: %s\n", f.name, f.text())
		}
	}
	for _, f := range q.Invalid[0] {
		fmt.Fprintf(w, "  %s: not read, since %s\n", f.Field, explain(f))
	}
}

// writeSeries writes what a scrape would serve of the card.
func (q *Inquiry) writeSeries(w io.Writer) {
	if len(q.rows.Cards) == 0 {
		fmt.Fprintln(w, "\nin /metrics\n  nothing of this answer: only an earlier one, up to max_age plus stale_if_error old")
		return
	}
	when := "where it counts as"
	if !q.listed {
		when = "once it is listed, where it will count as"
	}
	fmt.Fprintf(w, "\nin /metrics, %s %s\n", when, q.rows.Cards[0].State)
	var text bytes.Buffer
	_ = q.rows.Write(&text, expfmt.NewFormat(expfmt.TypeTextPlain), func(string) bool { return true }) // to memory
	for line := range strings.Lines(text.String()) {
		if !strings.HasPrefix(line, "#") {
			fmt.Fprint(w, "  "+line)
		}
	}
}

// next says what to do after an answer about the card. The error does after anything else.
func (q *Inquiry) next() (string, error) {
	var failure *platform.Error
	next := "start without --query, and have Prometheus scrape these lines"
	switch {
	case q.listed:
	case q.known() > 0 && q.all.card(q.Cards[0].ICCID) != nil:
		next = fmt.Sprintf(byOtherNumber, q.Cards[0].ICCID)
	case q.known() > 0 && q.all.card(q.Cards[0].IMEI) != nil:
		next = fmt.Sprintf(byOtherNumber, q.Cards[0].IMEI)
	default:
		next = "list the card under imeis or iccids of a group, or in a card file, and start without --query"
	}
	switch {
	case errors.As(q.err, &failure):
		return "", fmt.Errorf("%w; %s", q.err, afterFailure[failure.Reason])
	case q.err != nil:
		return "", q.err
	case q.known() == 0:
		return "", errors.New("the platform does not know this card: compare the number with the one on the card or the device, and ask the vendor whether this account has it")
	case len(q.Invalid[0]) > 0:
		next = "ask the vendor about what is not read, unless the card was never activated and has no dates yet; then " + next
	}
	return next, nil
}

const byOtherNumber = "the card is listed by its other number: ask with --query=%s, which shows its group and labels"

// afterFailure says what to do.
var afterFailure = map[platform.Reason]string{
	platform.Connect:   "check that this machine reaches platform.url: the name, the port, the proxy, the firewall",
	platform.Timeout:   "ask again, or raise platform.timeout; live answers are the slowest",
	platform.HTTP4xx:   "check platform.url, and the account in http_client_config if the status is 401 or 403",
	platform.HTTP5xx:   "the platform is in trouble: ask again later, and then the vendor",
	platform.Throttled: "ask again later, and set platform.rate_limit to what the vendor allows",
	platform.Rejected:  "check the number and the account in http_client_config, and ask the vendor what these words mean",
	platform.Decode:    "if the platform is under maintenance, ask again later; otherwise set platform.url to where its API is, or ask the vendor what the answer means",
	platform.TooLarge:  "set platform.url to where the platform's API is",
}
