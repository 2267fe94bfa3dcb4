package simulator

import (
	"encoding/json"
	"strconv"
	"time"
)

// The error texts of answers without data. The documentation quotes textNoData; the
// others are guesses at texts that it only mentions.
const (
	textNoData   = "未查询到任何数据"   // no data found
	textRejected = "系统繁忙,请稍后再试" // the system is busy, please retry later
	textRefused  = "卡号不合法"      // the card number is invalid
)

// wireItem is one element of result. Every field holds JSON text, quotes included,
// because faults write what no encoder would. An empty field is left out.
type wireItem struct {
	serviceNum, imei, iccid, status, activeTS, expireTS, balance string
	// raw, if not empty, replaces the whole item. It need not be valid JSON.
	raw string
}

func newWireItem(c Card, at time.Time) wireItem {
	return wireItem{
		serviceNum: quote(c.ServiceNum),
		imei:       quote(c.IMEI),
		iccid:      quote(c.ICCID),
		status:     strconv.Itoa(c.Status),
		activeTS:   quoteTime(c.ActiveTS),
		expireTS:   quoteTime(c.ExpireTS),
		balance:    quote(c.balance(at)),
	}
}

// appendTo appends the JSON of the item, its fields in the documented order.
func (it wireItem) appendTo(dst []byte) []byte {
	if it.raw != "" {
		return append(dst, it.raw...)
	}
	dst = append(dst, '{')
	first := true
	for _, field := range [...]struct{ name, value string }{
		{"ServiceNum", it.serviceNum},
		{"IMEI", it.imei},
		{"ICCID", it.iccid},
		{"Status", it.status},
		{"ActiveTS", it.activeTS},
		{"ExpireTS", it.expireTS},
		{"Balance", it.balance},
	} {
		if field.value == "" {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, field.name...)
		dst = append(dst, `":`...)
		dst = append(dst, field.value...)
	}
	return append(dst, '}')
}

// success returns an answer with the items.
func success(items []wireItem) []byte {
	const itemBytes = 220 // slightly more than a typical item
	body := make([]byte, 0, 64+len(items)*itemBytes)
	body = append(body, `{"state":true,"result":[`...)
	for i, item := range items {
		if i > 0 {
			body = append(body, ',')
		}
		body = item.appendTo(body)
	}
	return append(body, `],"error":""}`...)
}

// failure returns an answer with an error text and no items.
func failure(text string) []byte {
	return []byte(`{"state":false,"result":null,"error":` + quote(text) + `}`)
}

// quote returns s as a JSON string. Most strings need no escapes, which makes the
// answer to a batch cheap.
func quote(s string) string {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return marshal(s)
		}
	}
	return `"` + s + `"`
}

func marshal(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen: every string has a JSON form
	}
	return string(quoted)
}

// quoteTime returns a time as a JSON string, or null if it is empty.
func quoteTime(s string) string {
	if s == "" {
		return "null"
	}
	return quote(s)
}
