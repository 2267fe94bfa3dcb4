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
	} {
		var said []string
		for _, r := range newReadings(text, false) {
			var words []string
			for _, w := range r.words {
				words = append(words, w.text)
			}
			where := ""
			if r.byLabel {
				where = "in labels: "
			}
			said = append(said, strings.TrimSpace(where+strings.TrimSpace(strings.Join(r.numbers, " ")+" | "+strings.Join(words, " "))))
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
