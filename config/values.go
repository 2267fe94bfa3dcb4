package config

import (
	"net/url"
	"time"
	_ "time/tzdata" // a bare container image has no zone database, and without one Asia/Shanghai would be unknown

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// Duration is a time.Duration that is written as Prometheus writes them.
type Duration = model.Duration

// URL is a URL whose secrets stay hidden when it is shown as YAML. The zero
// value holds none; a loaded configuration always does.
type URL struct {
	*url.URL
}

// MarshalYAML gives the URL with xxxxx for a password and for the values of
// its query, one of which may be a token.
func (u URL) MarshalYAML() (any, error) { return redacted(u.URL), nil }

func redacted(u *url.URL) string {
	shown := *u
	query := shown.Query()
	for name := range query {
		query[name] = []string{"xxxxx"}
	}
	shown.RawQuery = query.Encode()
	return shown.Redacted()
}

// url reads a URL. Neither it nor the parser's complaint is ever repeated:
// each may hold a password.
func (d *decoder) url(n *yaml.Node, to *URL) bool {
	parsed, err := url.Parse(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		d.misread(n, "this must be a valid URL, such as http://host:8080/path")
		return false
	}
	to.URL = parsed
	return true
}

// Timezone is a time zone that goes by its IANA name in YAML. The zero value
// holds no location; a loaded configuration always does.
type Timezone struct {
	*time.Location
}

// MarshalYAML gives the zone's name.
func (t Timezone) MarshalYAML() (any, error) { return t.String(), nil }

// defaultTimezone is the operator's. The database is part of the program, so a
// failure to find it is a broken build.
func defaultTimezone() Timezone {
	location, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return Timezone{location}
}

// timezone reads the name of a zone. Go takes "" for UTC and "Local" for the
// machine's zone. Neither may decide by accident when a card expires.
func (d *decoder) timezone(n *yaml.Node, to *Timezone) {
	switch n.Value {
	case "": // or no single value
		d.misread(n, "this must name a time zone, such as Asia/Shanghai")
		return
	case "Local":
		d.misread(n, "this must name a time zone, such as Asia/Shanghai; Local would differ from machine to machine")
		return
	}
	location, err := time.LoadLocation(n.Value)
	if err != nil {
		d.misread(n, "%s is no known time zone; names look like Asia/Shanghai", quote(n.Value))
		return
	}
	to.Location = location
}
