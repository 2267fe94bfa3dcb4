package config

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a bare container image has no zone database, and without one Asia/Shanghai would be unknown

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// Duration is a time.Duration in Prometheus's notation, such as 1h30m.
type Duration = model.Duration

// URL is a URL whose secrets are masked in YAML. The zero value holds no URL; in a
// loaded configuration there always is one.
type URL struct {
	*url.URL
}

// MarshalYAML returns the URL with xxxxx for each secret that it may hold.
func (u URL) MarshalYAML() (any, error) { return redacted(u.URL), nil }

// url reads a URL. The message repeats neither the value nor the parser's error,
// since both may hold a password.
func (d *decoder) url(n *yaml.Node, to *URL) bool {
	parsed, err := url.Parse(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || strings.TrimSpace(n.Value) != n.Value || !validPort(parsed) {
		d.misread(n, "this must be a valid URL, such as http://host:8080/path")
		return false
	}
	to.URL = parsed
	return true
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return true
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
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

// timezone reads the name of a zone. Go takes "" for UTC and "Local" for the
// machine's zone. Neither may decide by accident when a card expires.
func (d *decoder) timezone(n *yaml.Node, to *Timezone) {
	switch n.Value {
	case "": // also a list or a mapping
		d.misread(n, "this must name a time zone, such as Asia/Shanghai")
		return
	case "Local", "localtime":
		d.misread(n, "this must name a time zone, such as Asia/Shanghai; %s would differ from machine to machine", n.Value)
		return
	}
	location, err := time.LoadLocation(n.Value)
	if err != nil {
		d.misread(n, "%s is not a known time zone; names look like Asia/Shanghai", quote(n.Value))
		return
	}
	// POSIX counts the hours to the west.
	if strings.HasPrefix(n.Value, "Etc/GMT") && strings.ContainsAny(n.Value, "+-") {
		direction := "east"
		if strings.Contains(n.Value, "+") {
			direction = "west"
		}
		d.warn(d.at(n.Line), "%s is %s of UTC: in the names of these zones the sign is reversed", n.Value, direction)
	}
	to.Location = location
}
