package config

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestReloadLogsTheCards: a truncated card file shows in the log.
func TestReloadLogsTheCards(t *testing.T) {
	r := newReloading(t, twoCards)
	r.files.write("simcard.yml", oneCard)
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"group=g cards=2 cards_before=0", "group=g cards=1 cards_before=2"} {
		if !strings.Contains(r.log.String(), line) {
			t.Errorf("no %q in\n%s", line, &r.log)
		}
	}
}

// TestReloadThatLosesMany: a reload that would lose many cards whose rows may still be
// there keeps the running configuration. Rows that are deleted do not.
func TestReloadThatLosesMany(t *testing.T) {
	good := func(from, to int) string {
		var text strings.Builder
		for i := from; i < to; i++ {
			fmt.Fprintf(&text, "%s,8986042319%09d0\n", benchIMEI(i), i)
		}
		return text.String()
	}
	const header = "imei,iccid\n"
	for name, test := range map[string]struct {
		before, after string // of the file, below header
		fails         bool
	}{
		"few rows":                     {good(0, 100), good(0, 91) + strings.Repeat("352,\n", 9), false},
		"ten of many":                  {good(0, 1001), good(0, 991) + strings.Repeat("352,\n", 10), false},
		"ten of few":                   {good(0, 999), good(0, 989) + strings.Repeat("352,\n", 10), true},
		"rows that were bad":           {good(0, 100) + strings.Repeat("352,\n", 20), good(0, 100) + strings.Repeat("352,\n", 20), false},
		"new rows that are bad":        {good(0, 100), good(0, 100) + strings.Repeat("352,\n", 20), false},
		"rows that are gone":           {good(0, 100), good(0, 10), false},
		"as many new ones":             {good(0, 100), good(0, 80) + strings.Repeat("352,\n", 20) + good(200, 300), true},
		"error values":                 {good(0, 100), good(0, 80) + strings.Repeat("#N/A,#N/A\n", 20), true},
		"blank":                        {good(0, 100), good(0, 80) + strings.Repeat("-,无\n", 20), true},
		"one card again and again":     {good(0, 100), good(0, 80) + strings.Repeat(good(0, 1), 20), true},
		"one identifier is left":       {good(0, 100), good(0, 80) + regexp.MustCompile(",.*").ReplaceAllString(good(80, 100), ",#N/A"), false},
		"cut in a row":                 {good(0, 100), good(0, 50) + "35201", true},
		"cut in a row, never ended":    {strings.TrimSpace(good(0, 100)), good(0, 50) + "35", true},
		"cut in a number, never ended": {strings.TrimSpace(good(0, 100)), strings.TrimSuffix(good(0, 50), good(49, 50)[15:]), true},
		"cut behind the header":        {good(0, 100), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReloading(t, oneCard)
			r.files.write("simcard.yml", "groups: [{name: g, files: [a.csv], imeis: [352019040635785]}]\n")
			r.files.write("a.csv", header+test.before)
			if err := r.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.files.write("a.csv", header+test.after)
			err := r.Reload(t.Context())
			if failed := err != nil; failed != test.fails || failed && !strings.HasPrefix(err.Error(), `group "g" would lose `) {
				t.Errorf("got %v", err)
			}
			if strings.Contains(test.after, "\n352,") && err == nil && !strings.Contains(r.log.String(), `"row left out" row="a.csv:`) {
				t.Errorf("no row left out in the log:\n%s", &r.log)
			}
		})
	}
}
