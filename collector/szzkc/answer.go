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

// Answer is the platform's answer to one request. With neither Cards nor Invalid,
// as in the zero value, the platform knows none of the requested cards.
type Answer struct {
	// Cards holds the readable items in the platform's order. It need not agree
	// with the request: cards may be missing, repeated or foreign; see [Answer.Match].
	Cards []Card
	// Invalid lists the fields that were missing, empty or unreadable.
	Invalid []InvalidField
	// RetryAfter is the wait that the platform asked for before the next
	// request, or 0. It is also set if the request failed.
	RetryAfter time.Duration
}

// Card is one card as the platform reports it. A field that was missing, empty or
// unreadable has its zero value: "", nil or 0.
type Card struct {
	ServiceNumber string
	IMEI          string   // of the device that the card sits in
	ICCID         string   // letters in the platform's case
	Status        *int     // 1 in service, 0 suspended; other values are passed on
	Balance       *float64 // bytes left in this calendar month, never negative
	Activated     Instant  // when the card was activated
	Expires       Instant  // when the card expires
}

// InvalidField is a field of one item that was missing, empty or unreadable.
type InvalidField struct {
	Item  int    // index of the item in the answer
	Field string // one of Fields
	Text  string // at most the first 64 bytes of what was sent; may be empty
}

// Fields returns every value of InvalidField.Field. The value "item" means a whole
// item: it has neither IMEI nor ICCID and is left out of Answer.Cards.
func Fields() []string {
	return []string{"item", "service_number", "imei", "iccid", "status", "activation", "expiry", "balance"}
}

const (
	// noData is the documented error text if no card is known: "no data found".
	noData = "未查询到任何数据"
	// maxItems bounds the memory that one answer can take: far above MaxBatch,
	// far below the number of empty items that fit into MaxBody.
	maxItems = 1000
	// maxText is the maximum length of a text field in bytes. It is longer than
	// any real one and limits the length of label values.
	maxText = 64
)

// envelope and item mirror the JSON. encoding/json leaves a field of the wrong type
// at its zero value and goes on; it also replaces invalid UTF-8. State and Status
// are raw because their zero values would have a meaning: rejected and suspended.
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

// statusPattern matches an integer as serializers write it: 1, 1.0 or 1e0, quoted or not.
// Parsing it as a float64 instead would turn 1e-400 into 0, which means suspended.
var statusPattern = regexp.MustCompile(`^"?([+-]?[0-9]+)(?:\.0+)?(?:[eE][+-]?0+)?"?$`)

// decode parses the body of an answer. Times without an offset are in location.
// Every error is an [*Error].
func decode(body []byte, location *time.Location) (Answer, error) {
	// .NET servers may send a byte-order mark, which encoding/json rejects.
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
		said := cut(e.Error, 4*maxText)
		return Answer{}, &Error{Reason: Rejected, Err: fmt.Errorf("platform says %q", said), Said: said}
	case e.Result == nil:
		return Answer{}, &Error{Reason: Decode, Err: errors.New("answer has state true and no result")}
	case len(e.Result) == 0: // if no card is known, state is false
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

// isNoData reports whether text is noData, ignoring punctuation and spaces around it.
func isNoData(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("。.！!", r)
	}) == noData
}

// itemReader parses the fields of one item and adds those that are invalid to the
// answer.
type itemReader struct {
	index  int // of the item in the answer
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
	if m := statusPattern.FindSubmatch(raw); m != nil {
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

func (r itemReader) time(field, s string, location *time.Location) Instant {
	t, err := parseTime(s, location)
	if err != nil {
		r.invalid(field, s)
		return 0
	}
	return InstantOf(t)
}

// cut returns at most the first n bytes of s, without the part of a rune at the end.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
