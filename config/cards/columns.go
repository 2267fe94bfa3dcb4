package cards

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"simcard_exporter/config/inventory"
)

// What a column can be beside an identifier and a label that the user names.
const (
	inUse   = "in_use"
	contact = "contact"
	phone   = "phone"
	address = "address"
)

// known are the headers that need nothing in the configuration, in the form of
// plainHeader, by what they mean, the clearest first. If a file has several of one
// meaning, the others are ordinary columns.
var known = map[string][]string{
	kinds[kindIMEI].column: {
		"imei", "imei号", "imei码", "imei号码", "设备imei", "终端imei", "设备imei号", "终端imei号", "imeinumber", "imeino", "deviceimei", "imei1",
		"串号", "imei串号", "设备串号", "终端串号", "绑定imei", "当前imei",
		"设备号", "终端号", "设备号码", "终端号码", "设备编号", "终端编号", "机器号", "deviceid", "terminalid",
	},
	kinds[kindICCID].column: {
		"iccid", "iccid号", "iccid码", "iccid号码", "iccid卡号", "sim卡iccid", "simiccid", "卡iccid", "iccidnumber", "iccidno",
		"卡号", "sim卡号", "sim卡卡号", "sim卡号码", "物联卡号", "物联网卡号", "流量卡号", "sim号", "simnumber", "simcardnumber", "cardnumber", "容器id",
	},
	inUse: {
		"inuse", "使用状态", "在用状态", "是否在用", "终端状态", "设备状态", "机具状态", "状态", "卡状态", "sim卡状态", "卡片状态", "status", "state", "simstatus", "devicestatus",
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

// importance is the order in which people want to see what is known of a card.
var importance = []string{"shop", "city", contact, phone, address, "region", "model"}

// meaningOf is known by header: what it means, and how clearly.
var meaningOf = func() map[string]meaning {
	all := make(map[string]meaning)
	for target, headers := range known {
		for rank, h := range headers {
			all[h] = meaning{target, rank}
		}
	}
	return all
}()

type meaning struct {
	target string
	rank   int // a lower one is clearer; below 0, it is the user's word
}

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

// Mapping is what a group says of a header in its files.
type Mapping struct {
	Header string
	Target string // imei, iccid, in_use, the name of a label, or "" to leave the column out
	Place  inventory.Place
}

// columnMapping is what a group says about the columns of its files, and the headers about
// which nothing is known.
type columnMapping struct {
	columns map[string]*mapped // by normalized header
	leftOut []entry            // headers of columns that are left out unasked
}

type mapped struct {
	Mapping
	isUsed bool // by a file
}

// newColumnMapping checks a group's key columns.
func newColumnMapping(report *Report, columns []Mapping) columnMapping {
	m := columnMapping{columns: make(map[string]*mapped)}
	for _, c := range columns {
		key := normalizeHeader(c.Header)
		if first, again := m.columns[key]; again {
			report.Problem(c.Place, "columns: the header %s is already there at line %d", Quote(c.Header), first.Place.Line)
			continue
		}
		m.columns[key] = &mapped{Mapping: c}
		if text := LabelProblem(c.Target); text != "" && c.Target != "" && c.Target != inUse && kindNamed(c.Target) < 0 {
			report.Problem(c.Place, `columns: %s; a column can also be imei, iccid, in_use or "", which leaves it out`, text)
		}
	}
	return m
}

// kindNamed returns the kind that a target of a column means, -1 if none.
func kindNamed(target string) kind {
	return kind(slices.IndexFunc(kinds[:], func(k kindOf) bool { return k.column == target }))
}

// meaning returns what a header means, an empty target if nothing.
func (m *columnMapping) meaning(header string) meaning {
	h := normalizeHeader(header)
	if c := m.columns[h]; c != nil {
		return meaning{c.Target, -1}
	}
	h = plainHeader(h)
	if found, ok := meaningOf[h]; ok {
		return found
	}
	var named meaning // 设备号（IMEI）, IMEI/串号, but not a title that names both or more
	pieces := strings.FieldsFunc(h, func(r rune) bool { return strings.ContainsRune("/|()[]", r) })
	for _, piece := range pieces {
		if found := meaningOf[piece]; kindNamed(found.target) >= 0 {
			if len(pieces) > 2 || named.target != "" && named.target != found.target {
				return meaning{}
			}
			named = meaning{found.target, 1 + found.rank}
		}
	}
	return named
}

// columns are the columns of a table.
type columns struct {
	identifiers [len(kinds)]int    // counted from 0; -1 if there is none
	inUse       int                // -1 if there is none
	contact     [len(contacts)]int // in the order of contacts; -1 if there is none
	labels      []labelColumn
	headers     []string // as the file has them, "" where there is none
}

type labelColumn struct {
	name   string
	column int
}

// noIdentifiers is what identifiersIn returns of a row that is no header.
var noIdentifiers = [len(kinds)]int{-1, -1}

// clearest returns the columns of a header by what they mean most clearly; those that mean
// nothing, or less clearly than another, are not there.
func (m *columnMapping) clearest(headers []string) map[string]int {
	found := make(map[string]int)
	ranks := make(map[string]int)
	for column, text := range headers {
		c := m.meaning(text)
		if _, again := found[c.target]; c.target != "" && (!again || c.rank < ranks[c.target]) {
			found[c.target], ranks[c.target] = column, c.rank
		}
	}
	return found
}

// identifiersIn returns the columns of a row whose texts mean an identifier most clearly.
func (m *columnMapping) identifiersIn(row inventory.Row) [len(kinds)]int {
	return identifiersOf(m.clearest(row.Texts()))
}

func identifiersOf(clearest map[string]int) [len(kinds)]int {
	columns := noIdentifiers
	for k := range kinds {
		if column, ok := clearest[kinds[k].column]; ok {
			columns[k] = column
		}
	}
	return columns
}

// columnsOf returns the columns that a header names, and notes those that are left out.
func (m *columnMapping) columnsOf(report *Report, row inventory.Row) columns {
	c := columns{headers: row.Texts(), inUse: -1, contact: [len(contacts)]int{-1, -1, -1}}
	clearest := m.clearest(c.headers)
	c.identifiers = identifiersOf(clearest)
	if column, ok := clearest[inUse]; ok {
		c.inUse = column
	}
	seen := make(map[string]int) // columns by header
	for i, text := range c.headers {
		if text == "" {
			continue
		}
		h, at := normalizeHeader(text), row.Place(i)
		by := m.columns[h]
		if by != nil {
			by.isUsed = true
		}
		meant := m.meaning(text)
		if first, again := seen[h]; again && (by == nil || by.Target != "") {
			report.Warn(at, "columns %d and %d are both named %s; the first one counts", first+1, i+1, Quote(text))
			continue
		}
		seen[h] = i
		isClearest := meant.target != "" && clearest[meant.target] == i
		person := slices.Index(contacts[:], meant.target)
		switch {
		case by != nil && by.Target == "":
		case by != nil && !isClearest:
			report.Warn(at, "the columns %s and %s are both %s; the first one counts", Quote(c.headers[clearest[meant.target]]), Quote(text), meant.target)
		case !isClearest:
			m.leftOut = append(m.leftOut, entry{text, at})
		case meant.target == inUse || kindNamed(meant.target) >= 0:
		case by == nil && person >= 0: // no label, unless the user says so
			c.contact[person] = i
		default:
			c.labels = append(c.labels, labelColumn{meant.target, i})
		}
	}
	return c
}

// contacts are the columns about people, in the order of the fields of [Contact].
var contacts = [3]string{contact, phone, address}

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

func rank(name string) int {
	if i := slices.Index(importance, name); i >= 0 {
		return i
	}
	return len(importance)
}
