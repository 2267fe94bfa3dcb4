package cards

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// proposals are label names for common headers that are not known; "" leaves out a column
// that says nothing about the card, or what the metrics say better.
var proposals = map[string]string{
	"终端号": "terminal", "终端号码": "terminal", "终端编号": "terminal", "商户号": "merchant", "商户编号": "merchant", "门店编号": "shop_number", "门店编码": "shop_number",
	"商户": "merchant_name", "商户名称": "merchant_name", "商户名": "merchant_name",
	"序号": "", "编号": "", "no": "", "id": "", "sn": "serial_number", "序列号": "serial_number", "机具号": "serial_number",
	"省": "province", "省份": "province", "区县": "district", "区": "district", "县": "district",
	"业务员": "agent", "客户经理": "agent", "代理商": "agent", "品牌": "brand", "厂商": "vendor", "厂家": "vendor", "供应商": "vendor",
	"运营商": "operator", "套餐": "plan", "套餐名称": "plan", "资费": "plan", "批次": "batch_number", "部门": "department", "公司": "company", "客户": "customer", "项目": "project",
	"安装日期": "installed", "备注": "note", "物联网卡号": "msisdn", "物联卡号": "msisdn", "接入号": "msisdn", "卡号": "card_number",
	"到期时间": "", "到期日期": "", "续费日期": "", "有效期": "", "开卡日期": "", "激活时间": "", "激活日期": "", "剩余流量": "", "已用流量": "", "余额": "", "imsi": "",
}

// secret matches headers of what nobody should see.
var secret = regexp.MustCompile(`^(ki|opc?|pin\d?|puk\d?|adm\d?|.*(密码|密钥|口令|password|passwd|secret|token).*)$`)

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// reserved are the names of labels that metrics, alerts and Prometheus set themselves.
var reserved = []string{"imei", "iccid", "service_number", "group", "problem", "alertname", "severity", "job", "instance"}

// LabelProblem says why name cannot be the name of a label, and proposes a valid one where
// it can. It returns "" if there is no problem.
func LabelProblem(name string) string {
	var text string
	switch {
	case slices.Contains(reserved, name):
		return Quote(name) + " is taken: the metrics, their alerts or Prometheus set it themselves"
	case strings.HasPrefix(name, "__"):
		text = Quote(name) + " begins with __, which Prometheus keeps for itself"
	case !labelName.MatchString(name):
		text = Quote(name) + " is not a label name: letters a to z, digits and _ are allowed, and no digit in front"
	default:
		return ""
	}
	if valid := validLabel(name); valid != "" {
		return text + " (try " + valid + ")"
	}
	return text + " (choose one, such as shop)"
}

var nonAlnum = regexp.MustCompile(`[^a-zA-Z0-9]+`)

// validLabel returns the nearest valid label name, "" if there is none that a
// message can show.
func validLabel(name string) string {
	valid := strings.Trim(nonAlnum.ReplaceAllString(name, "_"), "_")
	if valid != "" && !notDigit(rune(valid[0])) {
		valid = "_" + valid
	}
	if len(valid) > MaxQuoted || slices.Contains(reserved, valid) {
		return ""
	}
	return valid
}

// checkColumns warns of the columns of a group's files that are left out, with a block to
// paste, and of those in the mapping that no file has.
func (g *Group) checkColumns() {
	m, taken := &g.mapping, make(map[string]bool)
	for _, l := range g.lists {
		for _, name := range l.names {
			taken[name] = true
		}
	}
	for _, h := range slices.Sorted(maps.Keys(m.columns)) {
		by := m.columns[h]
		taken[by.Target] = true
		if !by.isUsed {
			g.Warn(by.Place, "columns: no file of group %s has a column %s", Quote(g.Name), Quote(by.Header))
		}
	}
	if len(m.leftOut) == 0 {
		return
	}
	var block strings.Builder
	seen := make(map[string]bool)
	for _, left := range m.leftOut {
		if h := normalizeHeader(left.text); !seen[h] {
			seen[h] = true
			fmt.Fprintf(&block, "\n      %s: %s", yamlText(left.text), yamlText(propose(left.text, taken)))
		}
	}
	g.Warn(m.leftOut[0].place, "columns of group %s that are left out, since nothing says what they are. To make them labels of metrics, name them under columns in the group; \"\" leaves one out without this warning:\n    columns:%s",
		Quote(g.Name), block.String())
}

// plainText matches texts that YAML takes for themselves.
var plainText = regexp.MustCompile(`^[\p{Han}\pL][\p{Han}\pL\pN_]*$`)

// yamlText writes a text so that YAML reads it as the same, also as a key.
func yamlText(text string) string {
	isWord := slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(text))
	if plainText.MatchString(text) && !isWord {
		return text
	}
	return strconv.Quote(text)
}

// propose returns a name for a column that no other has, "" if there is none.
func propose(header string, taken map[string]bool) string {
	h := explanation.ReplaceAllString(plainHeader(normalizeHeader(header)), "")
	name, isKnown := proposals[h]
	switch {
	case secret.MatchString(h), slices.Contains(contacts[:], meaningOf(h).target):
		return ""
	case !isKnown && meaningOf(h).target != "" && kindNamed(meaningOf(h).target) < 0 && meaningOf(h).target != inUse:
		name = meaningOf(h).target // another column is that already
	case !isKnown && !strings.ContainsFunc(header, func(r rune) bool { return r > unicode.MaxASCII }):
		name = validLabel(strings.ToLower(header))
	}
	if name == "" {
		return ""
	}
	base := name
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	taken[name] = true
	return name
}
