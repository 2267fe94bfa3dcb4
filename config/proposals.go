package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// proposals are label names for common headers; "" leaves out a column that says
// nothing about the card, or what the metrics say better.
var proposals = map[string]string{
	"终端号": "terminal", "终端号码": "terminal", "终端编号": "terminal", "商户号": "merchant", "商户编号": "merchant", "门店编号": "shop_number",
	"序号": "", "编号": "", "no": "", "id": "",
	"门店": "shop", "门店名称": "shop", "门店名": "shop", "店名": "shop", "店铺": "shop", "店铺名称": "shop", "商户": "shop", "商户名称": "shop", "商户名": "shop", "网点": "shop", "网点名称": "shop",
	"城市": "city", "所在城市": "city", "市": "city", "省": "province", "省份": "province", "区县": "district", "区": "district", "县": "district",
	"区域": "region", "大区": "region", "片区": "region", "地区": "region",
	"负责人": "owner", "联系人": "contact", "业务员": "agent", "客户经理": "agent",
	"电话": "phone", "联系电话": "phone", "手机": "phone", "手机号": "phone", "手机号码": "phone", "负责人电话": "phone",
	"地址": "address", "门店地址": "address", "详细地址": "address", "安装地址": "address",
	"型号": "model", "设备型号": "model", "终端型号": "model", "品牌": "brand", "厂商": "vendor", "厂家": "vendor",
	"运营商": "operator", "套餐": "plan", "批次": "batch_number", "部门": "department", "公司": "company", "客户": "customer", "项目": "project",
	"安装日期": "installed", "备注": "note", "状态": "", "到期时间": "", "到期日期": "", "剩余流量": "",
}

// checkColumns reports the columns of a group's files that need a label name, with
// a block to paste, and warns about those in the mapping that no file has.
func (d *decoder) checkColumns(g *Group) {
	m, name := &g.mapping, g.displayName()
	proposed := maps.Clone(m.own)
	for _, h := range slices.Sorted(maps.Keys(m.columns)) {
		mapped := m.columns[h]
		proposed[mapped.target] = true
		if !mapped.used {
			d.warn(d.at(mapped.line), "columns: no file of %s has a column %s", name, quote(mapped.header))
		}
	}
	if len(m.unknown) == 0 {
		return
	}
	var block strings.Builder
	seen := make(map[string]bool)
	for _, u := range m.unknown {
		h := normalizeHeader(u.text)
		if seen[h] {
			continue
		}
		seen[h] = true
		label := propose(u.text, len(seen), proposed)
		fmt.Fprintf(&block, "\n      %s: %s", onOneLine(u.text), onOneLine(label))
	}
	d.problem(d.at(g.Files[0].Line), "the files of %s have columns whose headers are not label names (%s). Name them under columns in the group, \"\" to leave one out, for example:\n    columns:%s",
		name, m.unknown[0].place, block.String())
}

// onOneLine writes a text so that YAML reads it as the same, also as a key.
func onOneLine(text string) string {
	n := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if text == "<<" || strings.ContainsFunc(text, unprintable) {
		n.Style = yaml.DoubleQuotedStyle
	}
	written, _ := yaml.Marshal(&n) // a text, which cannot fail
	return strings.TrimSpace(string(written))
}

// propose returns a name for a column that no other has.
func propose(text string, number int, proposed map[string]bool) string {
	name, known := proposals[withoutPunctuation(normalizeHeader(text))]
	if known && name == "" {
		return ""
	}
	if lower := strings.ToLower(text); reservedLabel(lower) {
		name = "own_" + lower
	} else if !known {
		name = validLabel(lower)
	}
	if name == "" {
		name = fmt.Sprintf("column_%d", number)
	}
	for base, i := name, 2; proposed[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	proposed[name] = true
	return name
}
