package cards

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// identifierHeader matches the headers that name an identifier, in the form of plainHeader.
var identifierHeader = regexp.MustCompile(`^(?:pos机?|设备|终端|机具|机器|device|sim|物联网?|流量|手机|移动|联通|电信|卡)*(imei|iccid|串[号码])(?:imei|串[号码]|卡|号|码|编[号码]|number|no|1)*$`)

// known are the other headers that need nothing in the configuration, in the form of
// plainHeader, by what they mean, the clearest first. If a file has several of one meaning,
// the others are ordinary columns.
var known = map[string][]string{
	kinds[kindIMEI].column: {
		"绑定imei", "当前imei",
		"设备号", "终端号", "设备号码", "终端号码", "设备编号", "终端编号", "机器号", "deviceid", "terminalid",
	},
	kinds[kindICCID].column: {
		"卡号", "sim卡号", "sim卡卡号", "sim卡号码", "物联卡号", "物联网卡号", "流量卡号", "sim号", "simnumber", "simcardnumber", "cardnumber", "容器id",
	},
	inUse: {
		"inuse", "使用状态", "在用状态", "是否在用", "是否启用", "是否使用", "终端状态", "设备状态", "机具状态", "状态", "卡状态", "sim卡状态", "卡片状态", "status", "state", "simstatus", "devicestatus",
	},
	"shop": {
		"shop", "shopname", "门店", "门店名称", "门店名", "店名", "店铺", "店铺名称", "网点", "网点名称", "商户", "商户名称", "商户名", "商家", "商家名称", "store", "storename", "merchantname",
	},
	"city":   {"city", "城市", "所在城市", "市", "地市", "所属城市"},
	"region": {"region", "区域", "大区", "片区", "地区", "所属区域"},
	"model":  {"model", "型号", "终端型号", "设备型号", "机型", "机具型号", "devicemodel"},
	contact: {
		"contact", "contactname", "contactperson", "联系人", "门店联系人", "联系人姓名", "负责人", "门店负责人", "店长", "owner", "维护人", "维护人员", "姓名",
	},
	phone: {
		"phone", "phonenumber", "contactphone", "联系电话", "联系人电话", "负责人电话", "门店电话", "电话", "电话号码", "手机", "手机号", "手机号码", "联系手机", "联系方式", "mobile", "tel", "telephone",
	},
	address: {"address", "地址", "门店地址", "详细地址", "安装地址", "商户地址", "装机地址", "所在地址"},
}

// meaningOf returns what a header in the form of plainHeader means, and how clearly.
func meaningOf(h string) meaning {
	m := identifierHeader.FindStringSubmatch(h)
	switch {
	case m == nil:
		return meanings[h]
	case m[1] == kinds[kindICCID].column:
		return meaning{m[1], min(1, len(h)-len(m[1]))}
	}
	return meaning{kinds[kindIMEI].column, min(1, len(h)-len("imei"))}
}

// meanings is known by header.
var meanings = func() map[string]meaning {
	all := make(map[string]meaning)
	for target, headers := range known {
		for rank, h := range headers {
			all[h] = meaning{target, certain + 1 + rank}
		}
	}
	return all
}()

// meaning is what a header means. The zero value is for one that means nothing.
type meaning struct {
	target string
	rank   int // a lower one is clearer; below 0, it is the user's word
}

// certain is the rank up to which a header says what it means, as 设备号 does not.
const certain = 2

// normalizeHeader returns the form in which headers are compared: people write
// IMEI, ＩＭＥＩ and "imei ".
func normalizeHeader(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(halfWidth(r))
	}, text)
}

// plainHeader removes from a normalized header what people add to a known one: IMEI*,
// 设备号：.
func plainHeader(header string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("*:._-", r) {
			return -1
		}
		return r
	}, header)
}

// importance is the order in which people want to see what is known of a card.
var importance = []string{"shop", "city", contact, phone, address, "region", "model"}

// Column is something that is known of cards beside their identifiers.
type Column struct {
	Name   string // of a label; or contact, phone or address
	Header string // as the first file that has it names it, "" if none does
}

// order sorts columns by their importance to people, then by name.
func order(columns map[string]string) []Column {
	var sorted []Column
	for _, name := range slices.SortedFunc(maps.Keys(columns), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	}) {
		sorted = append(sorted, Column{name, columns[name]})
	}
	return sorted
}

// rank returns the place of a column in the order of importance.
func rank(name string) int {
	if i := slices.Index(importance, name); i >= 0 {
		return i
	}
	return len(importance)
}
