package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"simcard_exporter/config/inventory"
)

// identifierHeaders are the headers that mean an identifier, clearest first. If a
// file has several, the others are ordinary columns.
var identifierHeaders = [len(kinds)][]string{
	kindIMEI: {
		"imei", "imei号", "imei码", "imei号码", "设备imei", "终端imei", "设备imei号", "终端imei号", "imeinumber", "imeino",
		"设备号", "终端号", "设备号码", "终端号码", "设备编号", "终端编号", "机器号", "deviceid", "terminalid",
	},
	kindICCID: {
		"iccid", "iccid号", "iccid码", "iccid号码", "sim卡iccid", "iccidnumber", "iccidno",
		"卡号", "sim卡号", "sim卡卡号", "sim卡号码", "物联卡号", "物联网卡号", "流量卡号", "sim号", "simnumber", "simcardnumber", "cardnumber",
	},
}

// columns are the columns of a card file.
type columns struct {
	identifiers [len(kinds)]int // -1 if there is none
	labels      []labelColumn
	named       []bool // whether they have a header; the others must be empty
}

type labelColumn struct {
	name   string
	column int
}

// normalizeHeader returns the form in which headers are compared: people write
// IMEI, ＩＭＥＩ and "imei ".
func normalizeHeader(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// withoutPunctuation removes from a header what people add to a known one: IMEI*,
// 设备号：.
func withoutPunctuation(header string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("*:._-", r) {
			return -1
		}
		return r
	}, header)
}

// columnMapping is what a group says about the columns of its files.
type columnMapping struct {
	columns map[string]*mappedColumn // by normalized header
	own     map[string]bool          // headers of files that name a label by themselves
	unknown []entry                  // headers that need a name
}

type mappedColumn struct {
	header string // as the configuration has it
	target string // what it is: imei, iccid, the name of a label, or "" if it is left out
	line   int    // of the configuration file
	used   bool   // whether a file has it
}

// newColumnMapping checks a group's key columns.
func (d *decoder) newColumnMapping(columns Texts) columnMapping {
	m := columnMapping{columns: make(map[string]*mappedColumn), own: make(map[string]bool)}
	headers := slices.SortedFunc(maps.Keys(columns), func(a, b string) int {
		return cmp.Or(cmp.Compare(columns[a].Line, columns[b].Line), cmp.Compare(a, b))
	})
	for _, header := range headers {
		target, key := columns[header], normalizeHeader(header)
		if first, again := m.columns[key]; again {
			d.problem(d.at(target.Line), "columns: the header %s is already there at line %d", quote(header), first.line)
			continue
		}
		m.columns[key] = &mappedColumn{header: header, target: target.V, line: target.Line}
		if text := labelProblem(target.V); text != "" && target.V != "" && identifierNamed(target.V) < 0 {
			d.problem(d.at(target.Line), `columns: %s; a column can also be imei, iccid or "", which leaves it out`, text)
		}
	}
	return m
}

// identifierNamed returns the kind that a target of a column means, -1 if none.
func identifierNamed(target string) kind {
	for k := range kinds {
		if kinds[k].column == target {
			return kind(k)
		}
	}
	return -1
}

// identifierIn returns the kind of identifier that a header means, -1 if none, and how
// clearly: a lower rank is clearer.
func (m *columnMapping) identifierIn(h string) (k kind, rank int) {
	if mapped := m.columns[h]; mapped != nil {
		return identifierNamed(mapped.target), -1
	}
	h = withoutPunctuation(h)
	for k, headers := range identifierHeaders {
		if rank := slices.Index(headers, h); rank >= 0 {
			return kind(k), rank
		}
		if name := kinds[k].column; strings.Contains(h, "("+name+")") || strings.HasPrefix(h, name+"(") { // 设备号（IMEI）
			return kind(k), 1 // only the bare name is clearer
		}
	}
	return -1, 0
}

// noIdentifiers is what identifierColumns returns of a row that is no header.
var noIdentifiers = [len(kinds)]int{-1, -1}

// identifierColumns returns the columns of a row whose headers mean the identifiers most
// clearly, -1 where none does.
func (m *columnMapping) identifierColumns(row inventory.Row) (clearest [len(kinds)]int) {
	clearest = noIdentifiers
	var lowest [len(kinds)]int
	for column := range row.Width() {
		k, rank := m.identifierIn(normalizeHeader(row.Cell(column)))
		if k >= 0 && (clearest[k] < 0 || rank < lowest[k]) {
			clearest[k], lowest[k] = column, rank
		}
	}
	return clearest
}

// columnsOf returns the columns that a header names. It reports those with a
// mistake, and leaves them out.
func (d *decoder) columnsOf(row inventory.Row, m *columnMapping) columns {
	c := columns{identifiers: m.identifierColumns(row), named: make([]bool, row.Width())}
	headers := make(map[string]int) // columns by header
	taken := make(map[string]int)   // columns by target
	for column := range row.Width() {
		name := row.Cell(column)
		h := normalizeHeader(name)
		c.named[column] = name != ""
		mapped := m.columns[h]
		leftOut := mapped != nil && mapped.target == ""
		if mapped != nil {
			mapped.used = true
		}
		key := name // Shop and shop are two labels
		if k, _ := m.identifierIn(h); k >= 0 {
			key = h
		}
		if first, again := headers[key]; again && name != "" && !leftOut {
			d.problem(row.Place(column), "columns %d and %d are both named %s", first+1, column+1, quote(key))
			continue
		}
		headers[key] = column
		identifier := slices.Index(c.identifiers[:], column)
		var target string
		switch {
		case identifier >= 0:
			target = kinds[identifier].column
		case name == "", leftOut:
			continue
		case mapped != nil:
			target = mapped.target
		case labelProblem(name) == "":
			target = name
			m.own[name] = true
		default:
			m.unknown = append(m.unknown, entry{name, row.Place(column)})
			continue
		}
		if first, again := taken[target]; again {
			d.problem(row.Place(column), "the columns %s and %s are both %s", quote(row.Cell(first)), quote(name), target)
			continue
		}
		taken[target] = column
		if identifier < 0 {
			c.labels = append(c.labels, labelColumn{target, column})
		}
	}
	return c
}
