package simulator

import (
	"slices"
	"strings"
	"time"
)

// corrupt applies the fault to the items of an answer and returns them. It may change
// the slice. A fault that does not concern items leaves them alone.
func corrupt(items []wireItem, fault Fault) []wireItem {
	switch fault {
	case ForeignItems:
		return slices.Insert(items, 0, newWireItem(foreignCard(), time.Time{}))
	case RepeatedItems:
		return append(items, items...)
	case ShuffledItems:
		slices.Reverse(items)
	case UnreadableItem:
		corruptIdentity(items)
	case UnreadableFields:
		corruptFields(items)
	case ICCIDCase:
		for i := range items {
			items[i].iccid = strings.ToUpper(items[i].iccid)
		}
	case InvalidUTF8:
		for i := range items {
			items[i].serviceNum = "\"46004\xff\xfe\x80\""
		}
	case DotNetTimes:
		for i := range items {
			items[i].activeTS = dotNetTime(items[i].activeTS, i)
			items[i].expireTS = dotNetTime(items[i].expireTS, i)
		}
	}
	return items
}

// edit applies [Behaviour.Edit] to the items of an answer and returns them.
func (s *behaviourState) edit(identifiers []string, items []wireItem) []wireItem {
	if s.Edit == nil {
		return items
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = string(item.appendTo(nil))
	}
	texts = s.Edit(identifiers, texts)
	edited := make([]wireItem, len(texts))
	for i, text := range texts {
		edited[i] = wireItem{raw: text}
	}
	return edited
}

// foreignCard returns a valid card that is in none of the fleets of this package.
func foreignCard() Card {
	return Card{
		ServiceNum: "460049999999999",
		IMEI:       imei(foreignTAC, 1),
		ICCID:      iccid("99", 1),
		Status:     1,
		ActiveTS:   "2024-02-29T23:59:59",
		ExpireTS:   "2034-02-28T23:59:59",
		Balance:    "30720.00KB",
	}
}

// corruptIdentity makes the first item a string, and removes the identifiers of the
// second.
func corruptIdentity(items []wireItem) {
	if len(items) > 0 {
		items[0].raw = `"查询失败"`
	}
	if len(items) > 1 {
		items[1].imei, items[1].iccid = "null", `""`
	}
}

// corruptFields corrupts the fields of the first four items, each in its own way.
func corruptFields(items []wireItem) {
	for i := range items {
		it := &items[i]
		switch i {
		case 0:
			it.status, it.balance = `"未知"`, `"--"`
			it.activeTS, it.expireTS = `"2019-13-32T25:61:61"`, `"2020/07/05"`
		case 1:
			it.status, it.balance = "null", `""`
			it.activeTS, it.expireTS = "null", `""`
		case 2:
			it.status, it.balance = "[]", "{}"
			it.activeTS, it.expireTS = "20190702", "true"
		case 3:
			it.status, it.balance = "", ""
			it.activeTS, it.expireTS = "", ""
		}
	}
}

// dotNetTime returns a time, given as JSON, in one of seven other formats: the turn
// modulo seven. It returns text that is not a time unchanged.
func dotNetTime(text string, turn int) string {
	at, err := time.ParseInLocation(`"`+wireTime+`"`, text, shanghai())
	if err != nil {
		return text
	}
	at = at.Add(123456700 * time.Nanosecond)
	switch turn % 7 {
	case 0:
		return at.Format(`"2006-01-02T15:04:05.000"`)
	case 1:
		return at.Format(`"2006-01-02T15:04:05-07:00"`)
	case 2:
		return at.UTC().Format(`"2006-01-02T15:04:05Z"`)
	case 3:
		return "null"
	case 4:
		return `""`
	case 5:
		return `"` + never + `"`
	default:
		return at.Format(`"2006-01-02T15:04:05.0000000-07:00"`)
	}
}
