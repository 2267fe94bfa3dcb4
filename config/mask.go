package config

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"

	"gopkg.in/yaml.v3"
)

const (
	masked      = "<secret>"
	maskedInURL = "xxxxx"
)

// Masked returns the configuration as YAML: the defaults filled in, the identifiers
// as the user listed them, secrets as <secret> and those in URLs as xxxxx.
func (c *Config) Masked() ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(c); err != nil {
		return nil, fmt.Errorf("encode configuration: %w", err)
	}
	return out.Bytes(), nil
}

// MarshalYAML returns http_client_config with its secrets masked.
func (c HTTPClient) MarshalYAML() (any, error) {
	var n yaml.Node
	err := n.Encode(c.Config)
	eachValue(&n, "", make(map[*yaml.Node]bool), mask)
	return &n, err
}

// notSecret are the keys of http_client_config whose values are not secret. All
// others are hidden, including those that the library may add.
var notSecret = map[string]bool{
	"type": true, "username": true, "client_id": true, "grant_type": true, "signature_algorithm": true, "scopes": true,
	"server_name": true, "insecure_skip_verify": true, "min_version": true, "max_version": true,
	"follow_redirects": true, "enable_http2": true, "no_proxy": true, "proxy_from_environment": true,
	"files": true,
}

// mask hides a value of http_client_config if need be.
func mask(key string, n *yaml.Node) {
	switch {
	case notSecret[key], namesFile(key):
	case urlSchemes[key] != nil:
		shown := masked
		if u, err := url.Parse(n.Value); err == nil {
			shown = redacted(u)
		}
		n.SetString(shown)
	default:
		n.SetString(masked)
	}
}

// queryValue matches a parameter of a query, its name apart.
var queryValue = regexp.MustCompile(`([^&=]+=)?[^&]+`)

// redacted is a URL with xxxxx for a password, a user without one, the values of
// the query and the fragment, each of which may be a secret.
func redacted(u *url.URL) string {
	shown := *u
	if password, _ := u.User.Password(); u.User != nil && password == "" {
		shown.User = url.User(maskedInURL)
	}
	shown.RawQuery = queryValue.ReplaceAllString(u.RawQuery, "${1}"+maskedInURL)
	if u.Fragment != "" {
		shown.Fragment, shown.RawFragment = maskedInURL, ""
	}
	return shown.Redacted()
}
