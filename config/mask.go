package config

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"

	promconfig "github.com/prometheus/common/config"
	"gopkg.in/yaml.v3"
)

const masked = "<secret>"

// Masked is the configuration as YAML: the defaults filled in, the identifiers
// as the user listed them, secrets as <secret> and passwords in URLs as xxxxx.
func (c *Config) Masked() ([]byte, error) {
	shown := *c
	shown.Platform.HTTPClientConfig.OAuth2 = maskOAuth2(c.Platform.HTTPClientConfig.OAuth2)

	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&shown); err != nil {
		return nil, fmt.Errorf("encode configuration: %w", err)
	}
	return out.Bytes(), nil
}

// maskOAuth2 hides what prometheus/common, which hides all other secrets,
// takes for plain text.
func maskOAuth2(o *promconfig.OAuth2) *promconfig.OAuth2 {
	if o == nil {
		return nil
	}
	shown := *o
	shown.TokenURL = masked
	if u, err := url.Parse(o.TokenURL); err == nil {
		shown.TokenURL = redacted(u)
	}
	// Where token endpoints take a password or a key, they take it here.
	shown.EndpointParams = maps.Clone(o.EndpointParams)
	for name := range shown.EndpointParams {
		shown.EndpointParams[name] = masked
	}
	return &shown
}
