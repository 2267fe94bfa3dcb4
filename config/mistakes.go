package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/agext/levenshtein"
	"gopkg.in/yaml.v3"

	"simcard_exporter/config/cards"
)

var (
	mistakeText  = regexp.MustCompile(`(?s)^(line )?(\d+): (.*)$`)
	unknownField = regexp.MustCompile(`(?s)^field (.*) not found in type \S+$`)
	fullWidthKey = regexp.MustCompile(`^[\s-]*[^\s"'#:：]+：`) // at the beginning of a line
	httpRule     = regexp.MustCompile(`^(at most|exactly) one of `)

	// plainKey matches the keys that a message may repeat. Others may hold a secret:
	// {password:hunter2} is a key without a value.
	plainKey = regexp.MustCompile(`^[\pL\pN_. -]+$`)
)

// misread reports what could not be decoded, and whether there was anything. Of the
// library's texts it repeats neither values, which may be secrets, nor names of types.
func (d *decoder) misread(err error) bool {
	var mistakes *yaml.TypeError
	if !errors.As(err, &mistakes) {
		return false
	}
	for _, text := range mistakes.Errors {
		m := mistakeText.FindStringSubmatch(text)
		line, _ := strconv.Atoi(m[2])
		if text = m[3]; m[1] != "" {
			text = complaint(text, d.line(line))
		}
		d.Problem(d.at(line), "%s", text)
	}
	return true
}

// line returns the text of a line of the file, to describe a mistake.
func (d *decoder) line(number int) string {
	if d.lines == nil {
		d.lines = strings.Split(string(d.data), "\n")
	}
	if number > len(d.lines) {
		return ""
	}
	return d.lines[number-1]
}

// complaint says in other words what the library has said of a line.
func complaint(text, line string) string {
	if m := unknownField.FindStringSubmatch(text); m != nil {
		return unknownKey(m[1], line)
	}
	for _, known := range []struct{ begins, contains, complaint string }{
		{"cannot unmarshal ", " into bool", notBoolean},
		{"cannot unmarshal ", " into []", notList},
		{"cannot unmarshal !!map ", "", notSingle},
		{"cannot unmarshal !!seq into config.plain", "", isList}, // of several types
		{"cannot unmarshal !!seq into string", "", notSingle},
		{"cannot unmarshal ", "", notMapping},
		{"yaml: ", "", endless},
	} {
		if strings.HasPrefix(text, known.begins) && strings.Contains(text, known.contains) {
			written, _, _ := strings.Cut(line, " #")
			return known.complaint + fullWidth(written)
		}
	}
	if !httpRule.MatchString(text) {
		text = "see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config"
	}
	return notValid + text
}

// unknownKey describes a key that is not known where it is. One that has no colon in the
// line is not repeated: {hunter2} is a key as well.
func unknownKey(key, line string) string {
	text := "unknown key"
	switch {
	case strings.Contains(key, ":"):
		return text + "; is a space missing after the colon?"
	case len(key) > cards.MaxQuoted || !plainKey.MatchString(key):
		return text + fullWidth(key)
	case regexp.MustCompile(`(^|[^\pL\pN_.-])` + regexp.QuoteMeta(key) + `["']?\s*:`).MatchString(line):
		text += " " + strconv.Quote(key)
	}
	if near := nearKey(key); near != "" {
		text += "; did you mean " + strconv.Quote(near) + "?"
	}
	return text
}

// nearKey returns the known key that an unknown one is most like, "" if none is much. A
// key that is right elsewhere has none.
func nearKey(key string) (near string) {
	params := levenshtein.NewParams().BonusThreshold(0) // a bonus for the same beginning, however little follows
	likeness := 0.62                                    // retries is as much like max_retries
	for _, known := range allKeys() {
		match := levenshtein.Match(strings.ToLower(key), known, params)
		switch {
		case key == known:
			return ""
		case strings.HasSuffix(known, "_"+key):
			match = max(match, 0.7)
		}
		if match > likeness {
			near, likeness = known, match
		}
	}
	return near
}

// allKeys returns the keys of a configuration.
var allKeys = sync.OnceValue(func() []string { return knownKeys(reflect.TypeFor[Config]()) })

// knownKeys returns the keys of a type and of those below it.
func knownKeys(t reflect.Type) (keys []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		if tag, isKey := t.Field(i).Tag.Lookup("yaml"); isKey {
			key, _, _ := strings.Cut(tag, ",")
			keys = append(append(keys, key), knownKeys(t.Field(i).Type)...)
		}
	}
	return keys
}

// fullWidth names a full-width sign that YAML takes for a letter, such as the colon in
// 门店：shop; "" if there is none.
func fullWidth(text string) string {
	const signs = "：，、［］｛｝“”" // of three bytes each
	meant := []string{": ", ", ", ", ", "[", "]", "{", "}", `"`, `"`}
	i := strings.IndexAny(text, signs)
	if i < 0 {
		return ""
	}
	sign := text[i : i+3]
	return fmt.Sprintf("; %q is full-width, and YAML takes it for a letter: write %q", sign, meant[strings.Index(signs, sign)/3])
}
