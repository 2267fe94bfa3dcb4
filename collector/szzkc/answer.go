package szzkc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Answer is what the platform said about a batch. Without Cards and without
// Invalid it says that the platform knows none of the batch's cards.
type Answer struct {
	// Cards are in the platform's order. Nothing ties them to what was asked:
	// there may be fewer, repeated ones, and ones that nobody asked for.
	Cards []Card
	// Invalid lists the fields that were missing, empty or unreadable.
	Invalid []InvalidField
	// RetryAfter is how long the platform asked to be left alone, 0 if it did
	// not say. It may come with an error, too.
	RetryAfter time.Duration
}

// Card is one card. A field that the platform left out, or that could not be
// read, has its zero value: "", nil or the zero time.
type Card struct {
	ServiceNumber string
	IMEI          string
	ICCID         string
	Status        *int      // 1 in service, 0 suspended
	Balance       *float64  // bytes left in this calendar month
	Activated     time.Time // when the card was activated
	Expires       time.Time // when the card expires
}

// InvalidField is a field of one item that was missing, empty or unreadable.
type InvalidField struct {
	Item  int    // position in the answer, from 0
	Field string // one of Fields
	Text  string // what stood there, at most maxText bytes of it
}

// Fields lists every name that InvalidField.Field can have. "item" is an item
// without IMEI and ICCID, of which nothing can be told.
func Fields() []string {
	return []string{"item", "service_number", "imei", "iccid", "status", "activation", "expiry", "balance"}
}

const (
	// noData is the platform's documented way to say that it knows none of
	// the cards.
	noData = "未查询到任何数据"
	// maxItems bounds what one answer can make of memory: far above MaxBatch,
	// far below what fits into MaxBody.
	maxItems = 1000
	// maxText is longer than any true field. It bounds what becomes a label.
	maxText = 64
)

// envelope and item are the wire. encoding/json skips a field of the wrong
// type and carries on, so a string that is none stays ""; it also replaces
// invalid UTF-8. State and Status are raw, since what is no bool and no number
// would become false and 0, which say "refused" and "suspended".
type envelope struct {
	State  json.RawMessage `json:"state"`
	Result []item          `json:"result"`
	Error  string          `json:"error"`
}

type item struct {
	ServiceNum string
	IMEI       string
	ICCID      string
	Status     json.RawMessage
	ActiveTS   string
	ExpireTS   string
	Balance    string
}

// status is an integer as serializers write it: 1, 1.0 or 1e0, quoted or not.
// Parsed as a float64, 1e-400 would be 0, which says "suspended".
var status = regexp.MustCompile(`^"?([+-]?[0-9]+)(?:\.0+)?(?:[eE][+-]?0+)?"?$`)

// decode reads the body of an answer. Times without a zone are local to location.
func decode(body []byte, location *time.Location) (Answer, error) {
	// A .NET server easily sends a byte-order mark; encoding/json refuses it.
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	var e envelope
	var wrongType *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &e); err != nil && !errors.As(err, &wrongType) {
		return Answer{}, &Error{Reason: Decode, Err: fmt.Errorf("parse answer: %w", err)}
	}
	switch state := string(e.State); {
	case state != "true" && state != "false":
		return Answer{}, &Error{Reason: Decode, Err: errors.New("answer has no state")}
	case state == "false" && isNoData(e.Error) && len(e.Result) == 0:
		return Answer{}, nil
	case state == "false":
		return Answer{}, &Error{Reason: Rejected, Err: fmt.Errorf("platform says %q", cut(e.Error, 4*maxText))}
	case e.Result == nil:
		return Answer{}, &Error{Reason: Decode, Err: errors.New("answer has state true and no result")}
	case len(e.Result) == 0: // the platform has a text for "no data", and this is not it
		return Answer{}, &Error{Reason: Decode, Err: errors.New("answer has state true and no items")}
	case len(e.Result) > maxItems:
		return Answer{}, &Error{Reason: Decode, Err: fmt.Errorf("answer has %d items", len(e.Result))}
	}
	a := Answer{Cards: make([]Card, 0, len(e.Result))}
	for i, it := range e.Result {
		r := itemReader{index: i, answer: &a}
		if it.IMEI == "" && it.ICCID == "" {
			r.invalid("item", "")
			continue
		}
		a.Cards = append(a.Cards, Card{
			ServiceNumber: r.text("service_number", it.ServiceNum),
			IMEI:          r.text("imei", it.IMEI),
			ICCID:         r.text("iccid", it.ICCID),
			Status:        r.status(it.Status),
			Balance:       r.balance(it.Balance),
			Activated:     r.time("activation", it.ActiveTS, location),
			Expires:       r.time("expiry", it.ExpireTS, location),
		})
	}
	return a, nil
}

// isNoData says whether text is noData, whatever marks and spaces surround it.
func isNoData(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("。.！!", r)
	}) == noData
}

// itemReader reads the fields of one item and notes those that are invalid.
type itemReader struct {
	index  int
	answer *Answer
}

func (r itemReader) invalid(field, text string) {
	r.answer.Invalid = append(r.answer.Invalid, InvalidField{Item: r.index, Field: field, Text: cut(text, maxText)})
}

func (r itemReader) text(field, s string) string {
	t := strings.TrimSpace(s)
	if t == "" || len(t) > maxText {
		r.invalid(field, s)
		return ""
	}
	return t
}

func (r itemReader) status(raw json.RawMessage) *int {
	if m := status.FindSubmatch(raw); m != nil {
		if n, err := strconv.Atoi(string(m[1])); err == nil {
			return &n
		}
	}
	r.invalid("status", string(raw))
	return nil
}

func (r itemReader) balance(s string) *float64 {
	bytes, err := parseBalance(s)
	if err != nil {
		r.invalid("balance", s)
		return nil
	}
	return &bytes
}

func (r itemReader) time(field, s string, location *time.Location) time.Time {
	t, err := parseTime(s, location)
	if err != nil {
		r.invalid(field, s)
		return time.Time{}
	}
	return t
}

// cut shortens s to at most n bytes, at a rune's border.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
