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

	"simcard_exporter/collector/platform"
)

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
// Every error is a [*platform.Error].
func decode(body []byte, location *time.Location) (platform.Answer, error) {
	body = withoutMark([]byte(toUTF8(body)))
	var e envelope
	var wrongType *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &e); err != nil && !errors.As(err, &wrongType) {
		if text := pageText(body); text != "" {
			return platform.Answer{}, &platform.Error{Reason: platform.Decode, Err: pageError(text)}
		}
		return platform.Answer{}, &platform.Error{Reason: platform.Decode, Err: fmt.Errorf("parse answer: %w", err)}
	}
	switch state := string(e.State); {
	case state != "true" && state != "false":
		return platform.Answer{}, &platform.Error{Reason: platform.Decode, Err: errors.New("answer has no state")}
	case state == "false" && isNoData(e.Error) && len(e.Result) == 0:
		return platform.Answer{}, nil
	case state == "false":
		said := cut(e.Error, 4*maxText)
		return platform.Answer{}, &platform.Error{Reason: platform.Rejected, Err: fmt.Errorf("platform says %q", said), Said: said}
	case e.Result == nil:
		return platform.Answer{}, &platform.Error{Reason: platform.Decode, Err: errors.New("answer has state true and no result")}
	case len(e.Result) == 0: // if no card is known, state is false
		return platform.Answer{}, &platform.Error{Reason: platform.Decode, Err: errors.New("answer has state true and no items")}
	case len(e.Result) > maxItems:
		return platform.Answer{}, &platform.Error{Reason: platform.Decode, Err: fmt.Errorf("answer has %d items", len(e.Result))}
	}
	a := platform.Answer{Cards: make([]platform.Card, 0, len(e.Result))}
	for i, it := range e.Result {
		r := itemReader{index: i, answer: &a}
		if it.IMEI == "" && it.ICCID == "" {
			r.invalid("item", "")
			continue
		}
		a.Cards = append(a.Cards, platform.Card{
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

// withoutMark returns a body without the byte-order mark that .NET servers may send, and which
// encoding/json rejects.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }

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
	answer *platform.Answer
}

func (r itemReader) invalid(field, text string) {
	r.answer.Invalid = append(r.answer.Invalid, platform.InvalidField{Item: r.index, Field: field, Text: cut(text, maxText)})
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

func (r itemReader) time(field, s string, location *time.Location) platform.Instant {
	t, err := parseTime(s, location)
	if err != nil {
		r.invalid(field, s)
		return 0
	}
	return platform.InstantOf(t)
}

// cut returns at most the first n bytes of s, without the part of a rune at the end.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
