package config

import (
	"crypto/sha256"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"time"

	promconfig "github.com/prometheus/common/config"
)

const (
	maxTimeout = 10 * time.Minute

	// maxConcurrency is the number of idle connections that prometheus/common's
	// transport keeps: beyond it, every request would dial a new one. The
	// collector has the same limit.
	maxConcurrency = 1000

	// minRateLimit is about one request per quarter of an hour. Less is a
	// mistake: querying all cards once would take months.
	minRateLimit = 0.001

	// maxMaxRetries limits the load on a platform that is down.
	maxMaxRetries = 10
)

// Platform says how to reach the platform, and limits the load on it.
type Platform struct {
	URL              URL                         `yaml:"url"`
	Timezone         Timezone                    `yaml:"timezone"`    // of the times in the platform's answers
	Timeout          Duration                    `yaml:"timeout"`     // of one request; above 0
	Concurrency      int                         `yaml:"concurrency"` // requests in flight, all groups together; at least 1
	RateLimit        float64                     `yaml:"rate_limit"`  // requests per second, all groups together; 0 is no limit
	MaxRetries       int                         `yaml:"max_retries"` // of one request, beyond the first attempt
	HTTPClientConfig promconfig.HTTPClientConfig `yaml:"http_client_config"`
}

// defaultPlatform returns the vendor's platform, with a moderate load on it. Its
// URL is plain http because the vendor offers no other.
func defaultPlatform() Platform {
	return Platform{
		URL:              URL{&url.URL{Scheme: "http", Host: "app.szzkc.com", Path: "/api/app/querySimCardBatch"}},
		Timezone:         defaultTimezone(),
		Timeout:          Duration(30 * time.Second),
		Concurrency:      4,
		MaxRetries:       2,
		HTTPClientConfig: promconfig.DefaultHTTPClientConfig,
	}
}

// platform reads the mapping under the key platform. No message repeats the URL,
// which may hold a password.
func (d *decoder) platform(f field, p *Platform) {
	credentialsLine := f.line
	d.mapping(f.value, map[string]func(field){
		"url": func(f field) {
			switch {
			case !d.url(f.value, &p.URL):
			case p.URL.Scheme != "http" && p.URL.Scheme != "https":
				d.problem(d.at(f.line), "platform.url must begin with http:// or https://")
			case p.URL.Hostname() == "":
				d.problem(d.at(f.line), "platform.url names no host")
			}
		},
		"timezone": func(f field) { d.timezone(f.value, &p.Timezone) },
		"timeout": func(f field) {
			switch {
			case !d.duration(f.value, &p.Timeout):
			case p.Timeout <= 0:
				d.problem(d.at(f.line), "platform.timeout must be more than 0s")
			case time.Duration(p.Timeout) > maxTimeout:
				d.problem(d.at(f.line), "platform.timeout must be at most 10m")
			}
		},
		"concurrency": func(f field) {
			if d.integer(f.value, &p.Concurrency) && (p.Concurrency < 1 || p.Concurrency > maxConcurrency) {
				d.problem(d.at(f.line), "platform.concurrency must be between 1 and 1000")
			}
		},
		"rate_limit": func(f field) {
			if d.float(f.value, &p.RateLimit) && p.RateLimit != 0 && !(p.RateLimit >= minRateLimit && p.RateLimit <= math.MaxFloat32) {
				d.problem(d.at(f.line), "platform.rate_limit must be 0, for no limit, or at least 0.001 requests per second")
			}
		},
		"max_retries": func(f field) {
			if d.integer(f.value, &p.MaxRetries) && (p.MaxRetries < 0 || p.MaxRetries > maxMaxRetries) {
				d.problem(d.at(f.line), "platform.max_retries must be between 0 and 10")
			}
		},
		"http_client_config": func(f field) {
			credentialsLine = f.line
			d.httpClient(f, &p.HTTPClientConfig)
		},
	})
	if p.URL.Scheme == "http" && p.hasCredentials() {
		d.warn(d.at(credentialsLine), "credentials are sent in the clear: platform.url is http, not https")
	}
}

// hasCredentials reports whether requests carry credentials. Any of the user's
// own headers may be one.
func (p *Platform) hasCredentials() bool {
	c := p.HTTPClientConfig
	return p.URL.User != nil || c.BasicAuth != nil || c.Authorization != nil || c.OAuth2 != nil ||
		c.HTTPHeaders != nil && len(c.HTTPHeaders.Headers) > 0
}

// Fingerprint is the same for platforms with the same URL and time zone: answers from
// one are valid for the other. It tells nothing about the URL, which may hold a
// password.
func (p *Platform) Fingerprint() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(p.URL.String()+" "+p.Timezone.String())))
}

// SamePlatform reports whether answers from p are valid for other.
func (p *Platform) SamePlatform(other *Platform) bool { return p.Fingerprint() == other.Fingerprint() }

// SameAccount reports whether p and other are the same platform with the same HTTP
// client configuration. Any change there may mean another account, which may have
// other cards.
func (p *Platform) SameAccount(other *Platform) bool {
	return p.SamePlatform(other) && reflect.DeepEqual(p.HTTPClientConfig, other.HTTPClientConfig)
}
