package config

import (
	"strings"
	"testing"
)

// TestCases loads files that once went wrong: cards were lost or changed without a word.
func TestCases(t *testing.T) {
	const anyColumns = `{门店: shop, 电话: phone, 编号: number, 日期: day, 比例: part, 价格: price, 启用: active}`
	for name, test := range map[string]struct {
		columns string
		want    []string // lines, or parts of them, of the error or of what is described
		never   []string
	}{
		"breaks-off.xlsx":        {want: []string{"[台账]:500: the sheet cannot be read to its end"}},
		"control-character.xlsx": {want: []string{"[台账]:4: the sheet cannot be read to its end"}},
		"backslashes.xlsx":       {want: []string{"B2: imei=352019040000014 iccid=89860423191970007919 shop=\"店1\"", "B6: "}},
		"text-missing.xlsx":      {want: []string{"[台账]:4: ", "refers to a text that is not there"}},
		"three-cities.xlsx":      {want: []string{"shop=\"一\"", "shop=\"二\"", "shop=\"三\""}, never: []string{"warning"}},
		"cover-first.xlsx":       {want: []string{"imei=352019040000014", "[说明]!A1: the sheet is not read"}},
		"number-formats.xlsx": {columns: anyColumns, want: []string{
			`number="00001234"`, `price="19.9"`, `part="50.00%"`, `active="TRUE"`, `active="FALSE"`, `phone="010-1234-5678"`, `day="2024-03-01"`, `day="2024年3月1日"`, `number="SN-0077"`,
			`H4: the column "启用" has a formula that fails: "#REF!"`,
		}, never: []string{`="#REF!"`}},
		"phone-format.xlsx":       {columns: "{电话: phone}", want: []string{`phone="010-1234-5678"`}},
		"phone-format-dates.xlsx": {columns: "{电话: phone}", want: []string{`phone="010-1234-5678"`}},
		"formulas.xlsx":           {want: []string{"!B2: the cell has a formula without a value", "and save it"}},
		"digits-as-dates.xlsx":    {want: []string{"no group has a card", `A2: 设备号: "35201904063578" has 14 digits`, "A3: ", "A4: "}},
		"merge-hidden.xlsx":       {want: []string{"A2: imei=352019040000014 iccid= shop=\"一店\"", "A3: imei=352019040000022 iccid= shop=\"一店\"", "A4: imei=352019040000030 iccid= shop=\"一店\""}},
		"lost-digits.csv":         {want: []string{"lost-digits.csv:2: the column 设备号 has lost digits: 59 of 59"}},
		"final-f.csv":             {want: []string{"an F at the end is padding", "iccid=8986031234567890124f"}},
		"merchants.csv":           {want: []string{"the column 终端号 does not hold IMEIs", "\n    columns:\n      终端号: terminal"}},
		"swallowed.csv":           {want: []string{"swallowed.csv:11: the cell that begins here has 51 lines"}},
		"secrets.csv":             {want: []string{"iccid=89860423191970007919"}, never: []string{"1234,", "=\"1234\"", "0123456789ABCDEF", "00112233", "12345678\""}},
		"note-like-header.csv":    {want: []string{"iccid=89860423191970007956", "imei=352019040000022 iccid=89860423191970007993"}},
		"row-in-quotes.csv":       {want: []string{"left out: testdata/cases/row-in-quotes.csv:4: ", "holds an identifier, and the column of identifiers is empty"}},
		"row-shifted.csv":         {want: []string{"left out: testdata/cases/row-shifted.csv:3: \"352019040000022\" holds an identifier"}},
		"dashes-and-words.csv":    {want: []string{"left out: testdata/cases/dashes-and-words.csv:3: ", "left out: testdata/cases/dashes-and-words.csv:4: "}},
		"swallowed-spaced.csv":    {want: []string{"swallowed-spaced.csv:3: the cell that begins here has 3 lines"}},
		"formula-zeros.xlsx":      {want: []string{"!A2: the cell has a formula without a value"}},
		"far-blank.xlsx":          {want: []string{"C2: imei=", "C4: imei="}, never: []string{"cells"}},
		"blank-before-quote.csv":  {want: []string{"imei=352019040000014", "imei=352019040000022"}},
		"header-star.xlsx":        {want: []string{"[北京]!C3: imei=", "[上海]!C3: imei="}, never: []string{"the sheet is not read"}},
		"long-text.xlsx":          {want: []string{"more than 32,767 characters"}},
	} {
		t.Run(name, func(t *testing.T) {
			yml := "groups:\n  - name: terminals\n    files: [testdata/cases/" + name + "]\n"
			if test.columns != "" {
				yml += "    columns: " + test.columns + "\n"
			}
			cfg, err := Parse("simcard.yml", []byte(yml), osFiles{"."})
			var got string
			if err != nil {
				got = err.Error()
			} else {
				got = described(cfg)
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %s in\n%.2000s", want, got)
				}
			}
			for _, never := range test.never {
				if strings.Contains(got, never) {
					t.Errorf("%s in\n%.2000s", never, got)
				}
			}
		})
	}
}
