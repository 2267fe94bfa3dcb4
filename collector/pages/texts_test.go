package pages

import (
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"simcard_exporter/collector/problem"
)

var verbs = regexp.MustCompile(`%[a-z]`)

// TestTexts: each text is there in all languages, with the same verbs.
func TestTexts(t *testing.T) {
	all := maps.Clone(texts)
	for _, p := range problem.All() {
		all[p.String()], all[p.String()+" said"] = p.Caption(), p.Sentence()
	}
	for _, state := range problem.States() {
		all[state.String()] = state.Caption()
	}
	for key, text := range all {
		for l := range languages {
			if text[l] == "" {
				t.Errorf("%q is missing in language %d", key, l)
			}
			if want, got := verbs.FindAllString(text[english], -1), verbs.FindAllString(text[l], -1); !slices.Equal(got, want) {
				t.Errorf("%q has the verbs %q in language %d, want %q", key, got, l, want)
			}
		}
	}
}

func TestMatchLanguage(t *testing.T) {
	matcher := newMatcher()
	for header, want := range map[string]language{
		"": english, "en-GB,en;q=0.9": english, "zh-CN,zh;q=0.9,en;q=0.8": chinese, "zh-TW": chinese, "zh": chinese,
		"fr": english, "fr, zh;q=0.5": chinese, "*": english, "nonsense;;": english,
	} {
		if got := matchLanguage(matcher, header); got != want {
			t.Errorf("%q: %d, want %d", header, got, want)
		}
	}
}

func TestAmounts(t *testing.T) {
	p := printer{english, testNow, time.UTC}
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 90 * time.Second: "90 seconds", 2 * time.Minute: "2 minutes", time.Hour: "1 hour",
		47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 1000 * time.Hour: "41 days", time.Minute: "1 minute",
	} {
		if got := p.Span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[float64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KB", 1 << 20: "1.0 MB", 1 << 40: "1024.0 GB"} {
		if got := p.Bytes(n); got != want {
			t.Errorf("%v: %q, want %q", n, got, want)
		}
	}
	if got := p.Ago(after(time.Hour)) + ", " + p.Ago(before(time.Hour)) + ", " + p.Ago(testNow); got != "in 1 hour, 1 hour ago, just now" {
		t.Error(got)
	}
}
