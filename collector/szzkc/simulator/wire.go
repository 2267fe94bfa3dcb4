package simulator

import (
	"encoding/json"
	"strconv"
	"time"
)

// The texts of the answers that are no data. The first is the page's, the
// others are guesses at texts that the page says exist.
const (
	textNoData   = "未查询到任何数据"
	textRejected = "系统繁忙,请稍后再试"
	textRefused  = "卡号不合法"
)

// wireItem is one element of result. Every field holds its JSON text, quotes
// included, so that a fault can write what no encoder would; an empty one is
// left out.
type wireItem struct {
	serviceNum, imei, iccid, status, activeTS, expireTS, balance string
	// instead, if not empty, is the JSON text that stands for the whole item.
	instead string
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

// appendTo appends the item with the page's field names in the page's order.
func (it wireItem) appendTo(dst []byte) []byte {
	if it.instead != "" {
		return append(dst, it.instead...)
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

// success is the answer that holds the items.
func success(items []wireItem) []byte {
	const itemBytes = 220 // a little above a usual item
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

// failure is the answer that says why there is none.
func failure(text string) []byte {
	return []byte(`{"state":false,"result":null,"error":` + quote(text) + `}`)
}

// quote is the JSON string of s.
func quote(s string) string {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return quoteSlowly(s)
		}
	}
	return `"` + s + `"`
}

func quoteSlowly(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // no string lacks a JSON form
	}
	return string(quoted)
}

func quoteTime(s string) string {
	if s == "" {
		return "null"
	}
	return quote(s)
}
