package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"simcard_exporter/config/cards"
)

const firstIMEI, firstICCID = "352019040635785", "89860423191970454839"

// columnCases are card files that load.
var columnCases = map[string]struct {
	columns  string // of the group
	csv      string
	names    []string
	cards    []cards.Card
	warnings []string
}{
	"known headers, whatever their width and case": {
		csv:   "ＩＭＥＩ 号,卡号（ICCID）\n" + firstIMEI + "," + firstICCID + "\n",
		cards: []cards.Card{{IMEI: firstIMEI, ICCID: firstICCID}},
	},
	"rows above the header": {
		csv:   "终端台账,,\n制表：李四,,2026-11\n设备号,卡号,shop\n" + firstIMEI + "," + firstICCID + ",x\n",
		names: []string{"shop"},
		cards: []cards.Card{{IMEI: firstIMEI, ICCID: firstICCID, Labels: []string{"x"}}},
	},
	"two rows of headers": {
		csv:   "设备号,SIM,\n设备号,卡号,shop\n" + firstIMEI + "," + firstICCID + ",x\n",
		names: []string{"shop"},
		cards: []cards.Card{{IMEI: firstIMEI, ICCID: firstICCID, Labels: []string{"x"}}},
	},
	"the clearer of two": {
		columns: `{终端号: terminal}`,
		csv:     "终端号,imei\nT-7," + firstIMEI + "\n",
		names:   []string{"terminal"},
		cards:   []cards.Card{{IMEI: firstIMEI, Labels: []string{"T-7"}}},
	},
	"mapped": {
		columns: `{" 设备 SN ": imei, 卡: iccid, 门店: shop, 序号: ""}`,
		csv:     "序号,设备 sn,卡,门店\n1," + firstIMEI + "," + firstICCID + ",老王面馆\n",
		names:   []string{"shop"},
		cards:   []cards.Card{{IMEI: firstIMEI, ICCID: firstICCID, Labels: []string{"老王面馆"}}},
	},
	"a known header mapped to something else": {
		columns: `{卡号: card, 设备号: imei}`,
		csv:     "设备号,卡号\n" + firstIMEI + ",7\n",
		names:   []string{"card"},
		cards:   []cards.Card{{IMEI: firstIMEI, Labels: []string{"7"}}},
	},
	"two columns of one name, left out": {
		columns: `{电话: ""}`,
		csv:     "imei,电话,电话\n" + firstIMEI + ",1,2\n",
		cards:   []cards.Card{{IMEI: firstIMEI}},
	},
	"a header that no file has": {
		columns:  `{门店: shop}`,
		csv:      "imei\n" + firstIMEI + "\n",
		cards:    []cards.Card{{IMEI: firstIMEI}},
		warnings: []string{`simcard.yml:1: columns: no file of group "terminals" has a column "门店"`},
	},
	"what people write to leave a cell empty": {
		csv:   "imei,iccid,shop\n" + firstIMEI + ",-,无\n——," + firstICCID + ",N/A\n",
		names: []string{"shop"},
		cards: []cards.Card{{IMEI: firstIMEI, Labels: []string{""}}, {ICCID: firstICCID, Labels: []string{""}}},
	},
	"short and long rows, as Excel writes them": {
		csv:   "imei,shop,city\n" + firstIMEI + "\n352019040625281,x,y,,,\n",
		names: []string{"city", "shop"},
		cards: []cards.Card{{IMEI: firstIMEI, Labels: []string{"", ""}}, {IMEI: "352019040625281", Labels: []string{"y", "x"}}},
	},
}

// TestColumns: which column is what, and what is said about the others.
func TestColumns(t *testing.T) {
	for name, test := range columnCases {
		t.Run(name, func(t *testing.T) {
			text := "groups: [{name: terminals, files: [cards.csv]"
			if test.columns != "" {
				text += ", columns: " + test.columns
			}
			cfg, err := Parse("simcard.yml", []byte(text+"}]\n"), fstest.MapFS{"cards.csv": {Data: []byte(test.csv)}})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(cfg.LabelNames, test.names) {
				t.Errorf("label names %q, want %q", cfg.LabelNames, test.names)
			}
			wantCards(t, cfg, 0, test.cards)
			wantWarnings(t, cfg, test.warnings)
		})
	}
}

// TestProposalLoads: the block that is printed can be pasted as it is.
func TestProposalLoads(t *testing.T) {
	headers := []string{
		"商户\n编号", "a: b", "- x", `"q"`, "it's", "# c", "*a", "&a", "!t", "123", "yes", "Null!", "<<", "~!", "😀", "? k",
		"{a}", "[b]", "%p", "@x", "|-", ">", "2024-01-01", "备注", "on!", `\n`, "0x1F", "1e3", "group", "service_number", "till", "KI", "密码", "PUK (8)",
		"c\r\nd", "x\u2028y", "e\u0085z", "y", "null", "True",
	}
	for len(headers) < 200 {
		headers = append(headers, fmt.Sprint("列", len(headers)))
	}
	var csv strings.Builder
	csv.WriteString("imei")
	for _, h := range headers {
		csv.WriteString(`,"` + strings.ReplaceAll(h, `"`, `""`) + `"`)
	}
	csv.WriteString("\n" + firstIMEI + strings.Repeat(",x", len(headers)) + "\n")
	files := fstest.MapFS{"cards.csv": {Data: []byte(csv.String())}}
	const yml = "groups:\n  - name: terminals\n    files: [cards.csv]\n"
	cfg, err := Parse("simcard.yml", []byte(yml), files)
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(strings.Join(cfg.Warnings, "\n"), "without this warning:\n")
	cfg, err = Parse("simcard.yml", []byte(yml+block+"\n"), files)
	if err != nil {
		t.Fatalf("%v\nafter\n%s", err, block)
	}
	if has := func(name string) bool { return slices.Contains(cfg.LabelNames, name) }; len(cfg.Warnings) > 0 || !has("till") || !has("note") || has("ki") || has("puk_8") {
		t.Errorf("labels %q, warnings %q", cfg.LabelNames, cfg.Warnings)
	}
}
