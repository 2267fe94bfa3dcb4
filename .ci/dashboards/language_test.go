package dashboards

import (
	"errors"
	"regexp"
	"slices"
	"testing"
)

func TestSay(t *testing.T) {
	l := &language{suffix: "-xx", translations: map[string]string{"card": "Karte", "moon": "Mond"}, used: map[string]bool{}}
	for _, test := range []struct{ text, want string }{
		{"card", "Karte"}, {"{{group}}", "{{group}}"}, {"", ""}, {"shop", ""},
	} {
		if got := l.say(test.text); got != test.want {
			t.Errorf("say(%q) = %q, want %q", test.text, got, test.want)
		}
	}
	got := errors.Join(l.mistakes()...).Error()
	want := "-xx: no translation of \"shop\"\n-xx: translation of \"moon\", which nothing says"
	if got != want {
		t.Errorf("mistakes() = %s, want %s", got, want)
	}
}

// TestTranslations checks that each translation has the numbers and names of the
// text.
func TestTranslations(t *testing.T) {
	fixed := regexp.MustCompile(`\d[\d,]*|\{\{\w+\}\}|Simcard\w+|simcard_\w+|city_label|shop_label|max_age|stale_if_error|--[\w.]+|IMEI|ICCID`)
	for en, zh := range chinese {
		a, b := fixed.FindAllString(en, -1), fixed.FindAllString(zh, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%q has %q, its translation has %q", en, a, b)
		}
	}
}
