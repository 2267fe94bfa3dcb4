package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// language turns the English text of this package into what is shown.
type language struct {
	suffix   string // of uids
	file     string // of file names
	timezone string // "browser" is the zone of whoever looks

	translations map[string]string // by the English text; nil for English
	used         map[string]bool
}

func english() *language { return &language{file: ".json", timezone: "browser"} }

func simplifiedChinese() *language {
	return &language{
		suffix: "-zh", file: ".zh-CN.json", timezone: "Asia/Shanghai",
		translations: chinese, used: make(map[string]bool),
	}
}

// say returns text in the language. What is only a label, such as {{group}}, is
// the same in all.
func (l *language) say(text string) string {
	if l.translations == nil || text == "" || strings.HasPrefix(text, "{{") {
		return text
	}
	l.used[text] = true
	return l.translations[text]
}

// mistakes returns what was said and is not translated, and what is translated
// and was never said.
func (l *language) mistakes() []error {
	var errs []error
	for text := range l.used {
		if l.translations[text] == "" {
			errs = append(errs, fmt.Errorf("%s: no translation of %q", l.suffix, text))
		}
	}
	for text := range l.translations {
		if !l.used[text] {
			errs = append(errs, fmt.Errorf("%s: translation of %q, which nothing says", l.suffix, text))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}
