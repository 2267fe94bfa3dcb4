package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"simcard_exporter/config/cards"
)

const secondIMEI = "352019040625281"

// csvCases are card files that load. The group has the label region.
var csvCases = []struct {
	name, csv string
	names     []string
	cards     []cards.Card
	warnings  []string
}{
	{
		name: "IMEIs alone", csv: "imei\n" + firstIMEI + "\n" + secondIMEI + "\n",
		names: []string{"region"},
		cards: []cards.Card{{IMEI: firstIMEI, Labels: []string{"south"}}, {IMEI: secondIMEI, Labels: []string{"south"}}},
	},
	{
		name: "byte-order mark, CRLF and no newline at the end", csv: "\ufefficcid,shop\r\n" + firstICCID + ",北京店",
		names: []string{"region", "shop"},
		cards: []cards.Card{{ICCID: firstICCID, Labels: []string{"south", "北京店"}}},
	},
	{
		name: "header with blanks and capitals, labels on both sides", csv: "shop, IMEI ,\"Iccid\",City\nx," + firstIMEI + "," + firstICCID + ",y\n",
		names: []string{"city", "region", "shop"},
		cards: []cards.Card{{IMEI: firstIMEI, ICCID: firstICCID, Labels: []string{"y", "south", "x"}}},
	},
	{
		name: "one identifier or the other, and blanks around them", csv: "imei,iccid\n\u3000" + firstIMEI + " ,\n, " + firstICCID + "\t\n",
		names: []string{"region"},
		cards: []cards.Card{{IMEI: firstIMEI, Labels: []string{"south"}}, {ICCID: firstICCID, Labels: []string{"south"}}},
	},
	{
		name: "a card's own label wins unless it is empty", csv: "imei,region\n" + firstIMEI + ",north\n" + secondIMEI + ", \n",
		names: []string{"region"},
		cards: []cards.Card{{IMEI: firstIMEI, Labels: []string{"north"}}, {IMEI: secondIMEI, Labels: []string{"south"}}},
	},
	{
		name: "columns without name and content", csv: "imei,,shop,\n" + firstIMEI + ",,x, \n",
		names: []string{"region", "shop"},
		cards: []cards.Card{{IMEI: firstIMEI, Labels: []string{"south", "x"}}},
	},
	{
		name: "empty rows of any width, and an empty one on top", csv: ",,\nimei,shop\n\n,\n,,,,\n \n" + firstIMEI + ",x\n,\n",
		names: []string{"region", "shop"},
		cards: []cards.Card{{IMEI: firstIMEI, Labels: []string{"south", "x"}}},
	},
	{
		name: "newlines, commas and quotes inside a cell", csv: "imei,shop\n" + firstIMEI + ",\"x, \"\"y\"\"\nz\"\n" + firstIMEI + ",x\n",
		names:    []string{"region", "shop"},
		cards:    []cards.Card{{IMEI: firstIMEI, Labels: []string{"south", "x, \"y\"\nz"}}},
		warnings: []string{`cards.csv:4: IMEI 352019040635785 is already listed at cards.csv:2 in group "terminals" with another shop, "x, \"y\"\nz" and not "x"; this mention is dropped`},
	},
	{
		name:  "the ICCID is the identity, and letters compare without case",
		csv:   "imei,iccid\n" + firstIMEI + ",898604231919c0083314\n" + firstIMEI + ",898604231919c0083322\n,898604231919C0083314\n" + firstIMEI + ",\n",
		names: []string{"region"},
		cards: []cards.Card{
			{IMEI: firstIMEI, ICCID: "898604231919c0083314", Labels: []string{"south"}},
			{IMEI: firstIMEI, ICCID: "898604231919c0083322", Labels: []string{"south"}},
			{IMEI: firstIMEI, Labels: []string{"south"}},
		},
		warnings: []string{`cards.csv:3: another card is expected in the device 352019040635785 as well, at cards.csv:2; only one of them can be there`,
			`cards.csv:4: ICCID 898604231919C0083314 is already listed at cards.csv:2 in group "terminals"; this mention is dropped`,
			"cards.csv:5: the device 352019040635785 is listed at cards.csv:2 too, once by its IMEI and once by its card: they are one card, of the first mention, if the platform says so too; two shards may divide them"},
	},
	{
		name:  "by the IMEI, and by the ICCID with the IMEI of the device",
		csv:   "imei,iccid\n" + firstIMEI + ",\n" + firstIMEI + ",898604231919c0083314\n",
		names: []string{"region"},
		cards: []cards.Card{
			{IMEI: firstIMEI, Labels: []string{"south"}},
			{IMEI: firstIMEI, ICCID: "898604231919c0083314", Labels: []string{"south"}},
		},
		warnings: []string{"cards.csv:3: the device 352019040635785 is listed at cards.csv:2 too, once by its IMEI and once by its card: they are one card, of the first mention, if the platform says so too; two shards may divide them"},
	},
	{
		name: "mistyped IMEIs", csv: "imei,iccid\n352019040635784,\n352019040625282," + firstICCID + "\n",
		names: []string{"region"},
		cards: []cards.Card{{IMEI: "352019040635784", Labels: []string{"south"}}, {IMEI: "352019040625282", ICCID: firstICCID, Labels: []string{"south"}}},
		warnings: []string{
			"cards.csv:2: IMEI 352019040635784 is probably mistyped: by its check digit it should end in 5",
			"cards.csv:3: IMEI 352019040625282 is probably mistyped: by its check digit it should end in 1",
		},
	},
}

// TestCSV: what a good file may look like. The group has the label region.
func TestCSV(t *testing.T) {
	for _, test := range csvCases {
		t.Run(test.name, func(t *testing.T) {
			cfg, err := parseCSV([]byte(test.csv))
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

// TestManyMistakes: of the mistakes in a bad export, the first are reported and
// the rest are counted.
func TestManyMistakes(t *testing.T) {
	var rows strings.Builder
	for i := range 3000 {
		fmt.Fprintln(&rows, benchIMEI(i))
	}
	cfg, err := parseCSV([]byte("imei\n" + strings.Repeat("35201904063578\n", 1001) + rows.String()))
	if err != nil {
		t.Fatal(err)
	}
	if last := cfg.LeftOut[len(cfg.LeftOut)-1]; len(cfg.LeftOut) != cards.MaxReported+1 || last != "cards.csv:52: and 951 more from here on" {
		t.Errorf("%d rows are named, the last %q", len(cfg.LeftOut), last)
	}
	found := cfg.Groups[0].Rows
	want := cards.InvalidRow{File: "cards.csv", Line: 2, Remark: cards.Remark{
		Reason: cards.Text{English: `imei: "35201904063578" has 14 digits, and an IMEI has 15`, Chinese: `imei："35201904063578" 有 14 位，IMEI 应有 15 位`},
		Do:     cards.Text{English: "correct it, or delete the row", Chinese: "更正号码，或者删除该行"},
	}}
	if found.Invalid != 1001 || len(found.First) != cards.MaxInvalidRows || found.First[0] != want {
		t.Errorf("%d rows left out, %d of them kept, the first %+v", found.Invalid, len(found.First), found.First[0])
	}
	cfg, err = parseCSV([]byte("imei\n" + strings.Repeat("352019040635785\n", 1001)))
	if err != nil {
		t.Fatal(err)
	}
	if last := cfg.Warnings[len(cfg.Warnings)-1]; len(cfg.Warnings) != cards.MaxReported+1 || last != "cards.csv:53: and 950 more from here on" {
		t.Errorf("%d warnings, the last %q", len(cfg.Warnings), last)
	}
}

// FuzzCSV checks that no card file makes Parse panic, that each mistake has its
// line, and that each card can be queried and has all labels.
func FuzzCSV(f *testing.F) {
	for _, path := range glob(f, "testdata/*/*.txtar") {
		for name, file := range mapFS(readArchive(f, path)) {
			if strings.HasSuffix(name, ".csv") {
				f.Add(file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := parseCSV(data)
		if err != nil {
			checkForm(t, err)
			return
		}
		if !slices.IsSorted(cfg.LabelNames) {
			t.Errorf("label names %q", cfg.LabelNames)
		}
		for _, c := range cfg.Groups[0].Cards {
			if c.IMEI == "" && c.ICCID == "" || !regexp.MustCompile(`^([0-9]{15})?$`).MatchString(c.IMEI) ||
				!regexp.MustCompile(`^(89[0-9A-Za-z]{17,18})?$`).MatchString(c.ICCID) || len(c.Labels) != len(cfg.LabelNames) {
				t.Errorf("card %+v", c)
			}
		}
	})
}

const csvGroup = "groups: [{name: terminals, labels: {region: south}, files: [cards.csv]}]\n"

func parseCSV(data []byte) (*Config, error) {
	return Parse("simcard.yml", []byte(csvGroup), fstest.MapFS{"cards.csv": {Data: data}})
}
