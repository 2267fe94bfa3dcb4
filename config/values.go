package config

import (
	"errors"
	"net/url"
	"time"
	_ "time/tzdata" // a bare container image has no zone database, and without one Asia/Shanghai would be unknown

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// URL is a URL whose secrets stay hidden when it is shown as YAML. The zero
// value holds none; a loaded configuration always does.
type URL struct {
	*url.URL
}

// UnmarshalYAML parses the URL. It is never repeated in an error, and neither
// is the parser's complaint: each may hold a password.
func (u *URL) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := url.Parse(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		return wrong(n, "this must be a valid URL, such as http://host:8080/path")
	}
	u.URL = parsed
	return nil
}

// MarshalYAML gives the URL with xxxxx for a password and for what its query
// holds, which may be a token.
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

// Entry is an entry of a list, as the user wrote it.
type Entry struct {
	Text string
	line int
}

// UnmarshalYAML takes the text of the node, never the number that YAML makes of
// it: 20 digits fit no number, leading zeros count, and YAML takes
// 8986042319191e083314 for a power of ten.
func (e *Entry) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return wrong(n, "an entry of this list must be a single value, not a list or a mapping")
	}
	e.Text, e.line = n.Value, n.Line
	return nil
}

// MarshalYAML gives the text.
func (e Entry) MarshalYAML() (any, error) { return e.Text, nil }

// Duration is a time.Duration that is written as Prometheus writes them.
type Duration time.Duration

// UnmarshalYAML parses the duration.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := model.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		return wrong(n, "this must be a duration, such as 30s, 1m30s or 500ms, not %s", quote(n.Value))
	}
	*d = Duration(parsed)
	return nil
}

// MarshalYAML gives the duration as it would be written.
func (d Duration) MarshalYAML() (any, error) { return model.Duration(d).String(), nil }

// Timezone is a time zone that goes by its IANA name in YAML. The zero value
// holds no location; a loaded configuration always does.
type Timezone struct {
	*time.Location
}

// defaultTimezone is the operator's. The database is part of the program, so a
// failure to find it is a broken build.
func defaultTimezone() Timezone {
	location, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return Timezone{location}
}

// UnmarshalYAML finds the zone of that name.
func (t *Timezone) UnmarshalYAML(n *yaml.Node) error {
	// Go takes "" for UTC and "Local" for the machine's zone. Neither may
	// decide by accident when a card expires.
	switch n.Value {
	case "": // or no single value
		return wrong(n, "this must name a time zone, such as Asia/Shanghai")
	case "Local":
		return wrong(n, "this must name a time zone, such as Asia/Shanghai; Local would differ from machine to machine")
	}
	location, err := time.LoadLocation(n.Value)
	if err != nil {
		return wrong(n, "%s is no known time zone; names look like Asia/Shanghai", quote(n.Value))
	}
	t.Location = location
	return nil
}

// MarshalYAML gives the zone's name.
func (t Timezone) MarshalYAML() (any, error) {
	if t.Location == nil {
		return nil, nil
	}
	return t.String(), nil
}

// HTTPClientConfig is the library's, with errors that neither keep the rest of
// the file from being read nor repeat a secret.
type HTTPClientConfig struct {
	promconfig.HTTPClientConfig `yaml:",inline"`

	invalid string // why, "" if valid; for Platform.check, which knows the line
}

// UnmarshalYAML decodes and validates.
func (c *HTTPClientConfig) UnmarshalYAML(unmarshal func(any) error) error {
	// Without the library's method, errors of Validate, which repeat no
	// value, can be told from others.
	type httpClient promconfig.HTTPClientConfig
	err := unmarshal((*httpClient)(&c.HTTPClientConfig))
	var several *yaml.TypeError
	switch {
	case errors.As(err, &several):
		return err
	case err != nil:
		c.invalid = harmless(err)
	default:
		if err := c.Validate(); err != nil {
			c.invalid = err.Error()
		}
	}
	return nil
}

// setDirectory makes relative file names relative to dir.
func (c *HTTPClientConfig) setDirectory(dir string) {
	if c.OAuth2 == nil {
		c.SetDirectory(dir)
		return
	}
	// The library forgets this one of its file names. It is joined here
	// only if the library still does, lest it be joined twice.
	before := c.OAuth2.ClientCertificateKeyFile
	c.SetDirectory(dir)
	if c.OAuth2.ClientCertificateKeyFile == before {
		c.OAuth2.ClientCertificateKeyFile = promconfig.JoinDir(dir, before)
	}
}
