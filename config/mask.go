package config

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	masked      = "<secret>"
	maskedInURL = "xxxxx"
)

// Masked returns the configuration as YAML: the defaults filled in, the identifiers
// as the user listed them, secrets as <secret> and those in URLs as xxxxx.
func (c *Config) Masked() ([]byte, error) {
	var root yaml.Node
	if err := root.Encode(c); err != nil {
		return nil, fmt.Errorf("encode configuration: %w", err)
	}
	mask(valueOf(valueOf(&root, "platform"), "http_client_config"), "")

	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&root); err != nil {
		return nil, fmt.Errorf("encode configuration: %w", err)
	}
	return out.Bytes(), nil
}

// notSecret are the keys of http_client_config whose values are not secret. All
// others are hidden, including those that the library may add.
var notSecret = map[string]bool{
	"type": true, "username": true, "client_id": true, "grant_type": true, "signature_algorithm": true, "scopes": true,
	"server_name": true, "insecure_skip_verify": true, "min_version": true, "max_version": true,
	"follow_redirects": true, "enable_http2": true, "no_proxy": true, "proxy_from_environment": true,
	"files": true,
}

// mask hides the values below a key of http_client_config.
func mask(n *yaml.Node, key string) {
	switch n.Kind {
	case yaml.MappingNode:
		for pair := range slices.Chunk(n.Content, 2) {
			mask(pair[1], keyIn(key, pair[0].Value))
		}
	case yaml.SequenceNode:
		for _, entry := range n.Content {
			mask(entry, key)
		}
	case yaml.ScalarNode:
		switch {
		case notSecret[key], namesFile(key):
		case key == "proxy_url" || key == "token_url":
			n.SetString(redactedText(n.Value))
		default:
			n.SetString(masked)
		}
	}
}

func redactedText(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return masked
	}
	return redacted(u)
}

// redacted is a URL with xxxxx for a password, a user without one, the values of
// the query and the fragment, each of which may be a secret.
func redacted(u *url.URL) string {
	shown := *u
	if password, _ := u.User.Password(); u.User != nil && password == "" {
		shown.User = url.User(maskedInURL)
	}
	if u.RawQuery != "" {
		pairs := strings.Split(u.RawQuery, "&")
		for i, pair := range pairs {
			if name, _, hasValue := strings.Cut(pair, "="); hasValue {
				pairs[i] = name + "=" + maskedInURL
			} else {
				pairs[i] = maskedInURL
			}
		}
		shown.RawQuery = strings.Join(pairs, "&")
	}
	if u.Fragment != "" {
		shown.Fragment, shown.RawFragment = maskedInURL, ""
	}
	return shown.Redacted()
}

// valueOf returns the value of a key.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for pair := range slices.Chunk(n.Content, 2) {
		if pair[0].Value == key {
			return pair[1]
		}
	}
	return &yaml.Node{}
}
