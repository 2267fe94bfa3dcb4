package collector

import (
	"strings"
	"testing"
)

// TestReadings: how what people type and paste is understood, in the order in which that
// is tried.
func TestReadings(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "in labels: |",
		"4839":                                 "4839 | then in labels: 4839 |",
		"4839 4840":                            "48394840 | then 4839 4840 | then in labels: 4839 4840 |",
		"8986 0423 1919 c008 3314":             "898604231919c0083314 | then 8986 0423 1919 c008 3314 | then in labels: 8986 0423 1919 c008 3314 |",
		"352019040635785 352019040625281":      "352019040635785 352019040625281 | then in labels: 352019040635785 352019040625281 |",
		"352019040635785,352019040625281、3314": "352019040635785 352019040625281 3314 | then in labels: 352019040635785 352019040625281 3314 |",
		"３３１４":                                 "3314 | then in labels: 3314 |",
		"成都　红旗便利店103号店":                        "in labels: | 成都 红旗便利店103号店",
		"红旗 103":                               "in labels: | 红旗 103",
		"红旗 3314":                              "3314 | 红旗 then in labels: 3314 | 红旗",
		`="898604231919c0083314"`:              "898604231919c0083314 | then in labels: 898604231919c0083314 |",
		"'352019040635785":                     "352019040635785 | then in labels: 352019040635785 |",
		"ICCID：898604231919c0083314":           "898604231919c0083314 | then in labels: 898604231919c0083314 |",
		"（朝阳店）":                                "in labels: | (朝阳店)",
		"2026-11-25":                           "in labels: | 2026-11-25",
		"guang":                                "in labels: | guang",
		"3":                                    "3 | then in labels: 3 |",
		"1234567890123456789012345678901234":   "in labels: | 1234567890123456789012345678901234",

		"352019040635785, 352019040625281，":          "352019040635785 352019040625281 | then in labels: 352019040635785 352019040625281 |",
		"352019040635785；352019040625281;":           "352019040635785 352019040625281 | then in labels: 352019040635785 352019040625281 |",
		"\"352019040635785\"\t'352019040625281'\r\n": "352019040635785 352019040625281 | then in labels: 352019040635785 352019040625281 |",
		"‘352019040635785":                           "352019040635785 | then in labels: 352019040635785 |",
		"35-201904-063578-5":                         "352019040635785 | then in labels: 35-201904-063578-5 |",
		"35-201904-063578-5 35/201904/062528/1":      "352019040635785 352019040625281 | then in labels: 35-201904-063578-5 35/201904/062528/1 |",
		"35 201904 063578 5":                         "352019040635785 | then 201904 063578 | 35 5 then in labels: 201904 063578 | 35 5",
		"8986042319197000001F":                       "8986042319197000001 | then in labels: 8986042319197000001F |",
		"8986 0423 1919 7000 001f":                   "8986042319197000001 | then 8986 0423 1919 7000 001f | then in labels: 8986 0423 1919 7000 001f |",
		"12F":                                        "12F | then in labels: 12F |",
		"ICCID …083314":                              "083314 | then in labels: 083314 |",
		"IMEI: 352019040635785":                      "352019040635785 | then in labels: 352019040635785 |",
		"卡号：898604231919c0083314":                    "898604231919c0083314 | then in labels: 898604231919c0083314 |",
		"iccid":                                      "in labels: | iccid",
		"3-2,102室":                                   "in labels: | 3-2,102室",
		"100%":                                       "in labels: | 100%",
	} {
		var said []string
		for _, r := range newReadings(text, false) {
			var numbers, words []string
			for _, w := range r.words {
				words = append(words, w.text)
			}
			where := ""
			if r.byLabel {
				where = "in labels: "
			}
			for _, n := range r.numbers {
				if r.byLabel {
					numbers = append(numbers, n.text)
				} else {
					numbers = append(numbers, n.number)
				}
			}
			said = append(said, strings.TrimSpace(where+strings.TrimSpace(strings.Join(numbers, " ")+" | "+strings.Join(words, " "))))
		}
		if got := strings.Join(said, " then "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestWordIn: letters are found in any case and width.
func TestWordIn(t *testing.T) {
	for _, test := range []struct {
		word, value string
		want        bool
	}{
		{"guang", "Guangzhou", true}, {"(朝阳店)", "老王面馆（朝阳店）", true}, {"103", "１０３号店", true}, {"a1", "Ａ１座", true}, {"103", "红旗", false}, {"x", "", false},
	} {
		if w := newWord(test.word); w.isIn(test.value) != test.want {
			t.Errorf("%s in %s: want %t", test.word, test.value, test.want)
		}
	}
}

// TestEndsIn: the padding of an ICCID counts for nothing.
func TestEndsIn(t *testing.T) {
	for _, test := range []struct {
		identifier, text string
		want             bool
	}{
		{"898604231919c0083314", "C0083314", true}, {"8986042319197000001F", "0001", true}, {"8986042319197000001F", "0001f", true}, {"8986042319197000001", "8986042319197000001", true},
		{"8986042319197000001F", "8986042319197000001", true}, {"898604231919C008331F", "8331", false}, {"", "1", false}, {"352019040635785", "35785", true}, {"352019040635785", "3578", false},
	} {
		if endsIn(test.identifier, test.text) != test.want {
			t.Errorf("%s ends in %s: want %t", test.identifier, test.text, test.want)
		}
	}
}
