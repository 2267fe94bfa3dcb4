package config

import (
	"math"
	"net/url"
	"time"

	promconfig "github.com/prometheus/common/config"
)

const (
	maxTimeout = 10 * time.Minute

	// maxConcurrency is how many idle connections prometheus/common's
	// transport keeps; beyond it every request would dial anew. The collector
	// has the same bound.
	maxConcurrency = 1000

	// minRateLimit is a request in a quarter of an hour. Less is a mistake,
	// and would not be a sweep a month.
	minRateLimit = 0.001

	// maxMaxRetries keeps a platform that is down from being asked without end.
	maxMaxRetries = 10
)

// Platform is how to reach the platform, and how hard to press it.
type Platform struct {
	URL              URL              `yaml:"url"`
	Timezone         Timezone         `yaml:"timezone"`    // of the times that the platform answers with
	Timeout          Duration         `yaml:"timeout"`     // of one request; above 0
	Concurrency      int              `yaml:"concurrency"` // requests in flight, all groups together; at least 1
	RateLimit        float64          `yaml:"rate_limit"`  // requests per second, all groups together; 0 is no limit
	MaxRetries       int              `yaml:"max_retries"` // attempts beyond the first
	HTTPClientConfig HTTPClientConfig `yaml:"http_client_config"`
}

// defaultPlatform is the vendor's platform, asked with care. Its URL is plain
// http because the vendor offers no other.
func defaultPlatform() Platform {
	return Platform{
		URL:              URL{&url.URL{Scheme: "http", Host: "app.szzkc.com", Path: "/api/app/querySimCardBatch"}},
		Timezone:         defaultTimezone(),
		Timeout:          Duration(30 * time.Second),
		Concurrency:      4,
		MaxRetries:       2,
		HTTPClientConfig: HTTPClientConfig{HTTPClientConfig: promconfig.DefaultHTTPClientConfig},
	}
}

func (p *Platform) check(d *document) {
	at := func(key string) place {
		line, _ := find(d.root.Node, "platform", key)
		return d.at(line)
	}
	problem := func(key, text string) { d.problem(at(key), "platform.%s %s", key, text) }

	// The library would cut off what is behind the point.
	for _, key := range []string{"concurrency", "max_retries"} {
		if _, value := find(d.root.Node, "platform", key); value.Tag == "!!float" {
			d.misread(at(key), notWhole)
		}
	}
	// The URL is never repeated: it may hold a password.
	if p.URL.Scheme != "http" && p.URL.Scheme != "https" {
		problem("url", "must begin with http:// or https://")
	} else if p.URL.Hostname() == "" {
		problem("url", "names no host")
	}
	if p.Timeout <= 0 {
		problem("timeout", "must be more than 0s")
	} else if time.Duration(p.Timeout) > maxTimeout {
		problem("timeout", "must be at most 10m")
	}
	if p.Concurrency < 1 || p.Concurrency > maxConcurrency {
		problem("concurrency", "must be between 1 and 1000")
	}
	if p.RateLimit != 0 && !(p.RateLimit >= minRateLimit && p.RateLimit <= math.MaxFloat32) {
		problem("rate_limit", "must be 0, for no limit, or a number of requests per second from 0.001 on")
	}
	if p.MaxRetries < 0 || p.MaxRetries > maxMaxRetries {
		problem("max_retries", "must be between 0 and 10")
	}
	if text := p.HTTPClientConfig.invalid; text != "" {
		problem("http_client_config", "is not valid: "+text)
	}
	if p.URL.Scheme == "http" && p.hasCredentials() {
		d.warn(at("http_client_config"), "credentials are sent in the clear: platform.url is http, not https")
	}
}

// hasCredentials says whether requests to the platform prove who sends them.
func (p *Platform) hasCredentials() bool {
	c := p.HTTPClientConfig
	return p.URL.User != nil || c.BasicAuth != nil || c.Authorization != nil || c.OAuth2 != nil ||
		c.HTTPHeaders != nil && len(c.HTTPHeaders.Headers) > 0
}
