package config

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"simcard_exporter/config/inventory"
)

// The targets of a column, besides the names of labels.
const (
	imeiColumn  = "imei"
	iccidColumn = "iccid"
)

// identifierHeaders are the headers that mean an identifier, clearest first. If a
// file has several, the others are ordinary columns.
var identifierHeaders = map[string][]string{
	imeiColumn: {
		"imei", "imei号", "imei码", "imei号码", "设备imei", "终端imei", "设备imei号", "终端imei号", "imeinumber", "imeino",
		"设备号", "终端号", "设备号码", "终端号码", "设备编号", "终端编号", "机器号", "deviceid", "terminalid",
	},
	iccidColumn: {
		"iccid", "iccid号", "iccid码", "iccid号码", "sim卡iccid", "iccidnumber", "iccidno",
		"卡号", "sim卡号", "sim卡卡号", "sim卡号码", "物联卡号", "物联网卡号", "流量卡号", "sim号", "simnumber", "simcardnumber", "cardnumber",
	},
}

// columns are the columns of a card file.
type columns struct {
	imei, iccid int // -1 if there is none
	labels      []labelColumn
	width       int   // of the header
	nameless    []int // columns without a header, which must be empty
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
	targets map[string]string // by header
	lines   map[string]int    // of the configuration file
	used    map[string]bool   // headers that a file has
	own     map[string]bool   // those of them that name a label by themselves
	unknown []unknownColumn   // columns that need a name
}

type unknownColumn struct {
	header string // as the file has it
	place  inventory.Place
}

// newColumnMapping checks a group's key columns.
func (d *decoder) newColumnMapping(columns Texts) columnMapping {
	m := columnMapping{targets: make(map[string]string), lines: make(map[string]int), used: make(map[string]bool), own: make(map[string]bool)}
	for _, header := range slices.Sorted(maps.Keys(columns)) {
		target, key := columns[header], normalizeHeader(header)
		if first, again := m.lines[key]; again {
			d.problem(d.at(target.Line), "columns: the header %s is already there at line %d", quote(header), first)
			continue
		}
		m.targets[key], m.lines[key] = target.V, target.Line
		if text := labelProblem(target.V); text != "" && target.V != "" && target.V != imeiColumn && target.V != iccidColumn {
			d.problem(d.at(target.Line), `columns: %s; a column can also be imei, iccid or "", which leaves it out`, text)
		}
	}
	return m
}

// identifierIn returns the identifier that a header means, "" if none, and how
// clearly: a lower rank is clearer.
func (m *columnMapping) identifierIn(h string) (identifier string, rank int) {
	if target, mapped := m.targets[h]; mapped {
		if target == imeiColumn || target == iccidColumn {
			return target, -1
		}
		return "", 0
	}
	h = withoutPunctuation(h)
	for _, identifier := range []string{imeiColumn, iccidColumn} {
		headers := identifierHeaders[identifier]
		if rank := slices.Index(headers, h); rank >= 0 {
			return identifier, rank
		}
		if strings.Contains(h, "("+identifier+")") || strings.HasPrefix(h, identifier+"(") { // 设备号（IMEI）
			return identifier, 1 // only the bare name is clearer
		}
	}
	return "", 0
}

// identifierColumn returns the column of a row whose header means the identifier
// most clearly, -1 if none does.
func (m *columnMapping) identifierColumn(row inventory.Row, identifier string) int {
	clearest, lowest := -1, 0
	for column := range row.Width() {
		found, rank := m.identifierIn(normalizeHeader(row.Cell(column)))
		if found == identifier && (clearest < 0 || rank < lowest) {
			clearest, lowest = column, rank
		}
	}
	return clearest
}

// isHeader reports whether a row is the header: it has a column for an identifier.
func (m *columnMapping) isHeader(row inventory.Row) bool {
	return m.identifierColumn(row, imeiColumn) >= 0 || m.identifierColumn(row, iccidColumn) >= 0
}

// columnsOf returns the columns that a header names. It reports those with a
// mistake, and leaves them out.
func (d *decoder) columnsOf(row inventory.Row, m *columnMapping) columns {
	c := columns{
		imei:  m.identifierColumn(row, imeiColumn),
		iccid: m.identifierColumn(row, iccidColumn),
		width: row.Width(),
	}
	headers := make(map[string]int) // columns by header
	taken := make(map[string]int)   // columns by target
	for column := range row.Width() {
		name := row.Cell(column)
		h := normalizeHeader(name)
		target, mapped := m.targets[h]
		m.used[h] = true
		key := name // Shop and shop are two labels
		if identifier, _ := m.identifierIn(h); identifier != "" {
			key = h
		}
		leftOut := mapped && target == ""
		if first, again := headers[key]; again && name != "" && !leftOut {
			d.problem(row.Place(column), "columns %d and %d are both named %s", first+1, column+1, quote(key))
			continue
		}
		headers[key] = column
		switch {
		case column == c.imei:
			target = imeiColumn
		case column == c.iccid:
			target = iccidColumn
		case name == "":
			c.nameless = append(c.nameless, column)
			continue
		case !mapped && labelProblem(name) == "":
			target = name
			m.own[name] = true
		case !mapped:
			m.unknown = append(m.unknown, unknownColumn{name, row.Place(column)})
			continue
		case target == "":
			continue
		}
		if first, again := taken[target]; again {
			d.problem(row.Place(column), "the columns %s and %s are both %s", quote(row.Cell(first)), quote(name), target)
			continue
		}
		taken[target] = column
		if column != c.imei && column != c.iccid {
			c.labels = append(c.labels, labelColumn{target, column})
		}
	}
	return c
}
