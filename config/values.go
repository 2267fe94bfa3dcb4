package config

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a bare container image has no zone database, and without one Asia/Shanghai would be unknown

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"simcard_exporter/config/cards"
)

const notBoolean = "this must be true or false, without quotes"

// At is a single value, and the line of the configuration file that it stands at: 0 for
// a default, which also stays when the value cannot be read.
type At[T any] struct {
	V    T
	Line int
}

// UnmarshalYAML reads the value. A text is taken as it is written, never as the number
// that YAML takes it for: an ICCID of 20 digits fits no integer, leading zeros count, and
// 8986042319191e083314 is an ICCID and not a power of ten.
func (a *At[T]) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return mistake(n.Line, notSingle)
	}
	value := a.V
	err := n.Decode(&value)
	_, isInt := any(value).(int)
	if err == nil && (!isInt || n.ShortTag() != "!!float") { // of which the library would drop the fraction
		a.V, a.Line = value, n.Line
		return nil
	}
	text := fmt.Sprint(err) // of an UnmarshalText below, which repeats no secret
	switch any(value).(type) {
	case bool:
		text = notBoolean
	case int:
		text = "this must be a whole number, such as 4, without quotes"
	case float64:
		text = "this must be a number, such as 2.5, without quotes"
	case Bytes:
		text = "this must be a size, such as 512KiB, 1MiB or 10MB, not " + cards.Quote(n.Value)
	case Duration:
		text = "this must be a duration, such as 30s, 1m30s or 500ms, not " + cards.Quote(n.Value)
	}
	return mistake(n.Line, "%s", text+fullWidth(n.Value))
}

// MarshalYAML returns the value alone.
func (a At[T]) MarshalYAML() (any, error) { return a.V, nil }

// Texts are texts by name.
type Texts map[string]Text

// Text is one of Texts, which may be null.
type Text struct {
	At[string]
	IsNull bool
}

// UnmarshalYAML reads a mapping of names to texts.
func (t *Texts) UnmarshalYAML(unmarshal func(any) error) error {
	var values map[string]yaml.Node // as the library passes over a null of any other type
	line, err := decode(unmarshal, &values, nil)
	*t = make(Texts)
	for name, n := range values {
		text := Text{At[string]{Line: n.Line}, isNull(&n)}
		if !text.IsNull {
			err = combine(line, err, text.UnmarshalYAML(resolve(&n)))
		}
		(*t)[name] = text
	}
	return err
}

// Duration is a time.Duration in Prometheus's notation, such as 1h30m.
type Duration = model.Duration

// Bytes is a number of bytes, such as 512KiB. KB and KiB are both 1,024 bytes, since the
// platform's KB are.
type Bytes = units.Base2Bytes

// URL is a URL whose secrets are masked in YAML. The zero value holds no URL; in a
// loaded configuration there always is one.
type URL struct {
	*url.URL
}

// MarshalYAML returns the URL with xxxxx for each secret that it may hold.
func (u URL) MarshalYAML() (any, error) { return u.Redacted(), nil }

// Redacted returns the URL with xxxxx for each secret that it may hold.
func (u URL) Redacted() string { return redacted(u.URL) }

// UnmarshalText reads a URL. The error repeats neither the value nor the parser's
// error, since both may hold a password.
func (u *URL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(string(text))
	if err == nil && parsed.Port() != "" {
		_, err = strconv.ParseUint(strings.TrimLeft(parsed.Port(), "0"), 10, 16) // which fails for 0
	}
	if err != nil || strings.TrimSpace(string(text)) != string(text) {
		return errors.New("this must be a valid URL, such as http://host:8080/path")
	}
	u.URL = parsed
	return nil
}

// Timezone is a time zone, written in YAML by its IANA name. The zero value holds
// no location; in a loaded configuration there always is one.
type Timezone struct {
	*time.Location
}

// MarshalYAML returns the zone's name.
func (t Timezone) MarshalYAML() (any, error) { return t.String(), nil }

// defaultTimezone returns the operator's time zone. The database is part of the
// program: only a broken build lacks it.
func defaultTimezone() Timezone {
	location, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return Timezone{location}
}

// UnmarshalText reads the name of a zone. Go takes "" for UTC and "Local" for the
// machine's zone. Neither may decide by accident when a card expires.
func (t *Timezone) UnmarshalText(text []byte) error {
	name := string(text)
	if name == "" || name == "Local" || name == "localtime" {
		return errors.New("this must name a time zone, such as Asia/Shanghai; Local would differ from machine to machine")
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return fmt.Errorf("%s is not a known time zone; names look like Asia/Shanghai", cards.Quote(name))
	}
	t.Location = location
	return nil
}
