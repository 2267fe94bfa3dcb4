package config

import (
	"crypto/sha256"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"strings"
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
	URL              At[URL]      `yaml:"url"`
	Timezone         At[Timezone] `yaml:"timezone"`    // of the times in the platform's answers
	Timeout          At[Duration] `yaml:"timeout"`     // of one request; above 0
	Concurrency      At[int]      `yaml:"concurrency"` // requests in flight, all groups together; at least 1
	RateLimit        At[float64]  `yaml:"rate_limit"`  // requests per second, all groups together; 0 is no limit
	MaxRetries       At[int]      `yaml:"max_retries"` // of one request, beyond the first attempt
	HTTPClientConfig HTTPClient   `yaml:"http_client_config"`
}

// defaultPlatform returns the vendor's platform, with a moderate load on it. Its
// URL is plain http because the vendor offers no other.
func defaultPlatform() Platform {
	client := promconfig.DefaultHTTPClientConfig
	client.FollowRedirects = false
	return Platform{
		URL:              At[URL]{V: URL{&url.URL{Scheme: "http", Host: "app.szzkc.com", Path: "/api/app/querySimCardBatch"}}},
		Timezone:         At[Timezone]{V: defaultTimezone()},
		Timeout:          At[Duration]{V: Duration(30 * time.Second)},
		Concurrency:      At[int]{V: 4},
		MaxRetries:       At[int]{V: 2},
		HTTPClientConfig: HTTPClient{Config: client},
	}
}

// check reports values out of range. No message repeats the URL, which may hold a
// password.
func (p *Platform) check(d *decoder) {
	u, rate := p.URL.V, p.RateLimit.V
	isHTTP := u.Scheme == "http" || u.Scheme == "https"
	d.require(isHTTP, p.URL.Line, "platform.url must begin with http:// or https://")
	d.require(!isHTTP || u.Hostname() != "", p.URL.Line, "platform.url names no host")
	d.require(p.Timeout.V > 0, p.Timeout.Line, "platform.timeout must be more than 0s")
	d.require(time.Duration(p.Timeout.V) <= maxTimeout, p.Timeout.Line, "platform.timeout must be at most 10m")
	d.require(p.Concurrency.V >= 1 && p.Concurrency.V <= maxConcurrency, p.Concurrency.Line, "platform.concurrency must be between 1 and 1000")
	d.require(rate == 0 || rate >= minRateLimit && rate <= math.MaxFloat32, p.RateLimit.Line, "platform.rate_limit must be 0, for no limit, or at least 0.001 requests per second")
	d.require(p.MaxRetries.V >= 0 && p.MaxRetries.V <= maxMaxRetries, p.MaxRetries.Line, "platform.max_retries must be between 0 and 10")
	p.HTTPClientConfig.check(d)

	if zone := p.Timezone.V.String(); strings.HasPrefix(zone, "Etc/GMT") && strings.ContainsAny(zone, "+-") { // as in POSIX
		d.Warn(d.at(p.Timezone.Line), "%s: in the names of these zones the sign is reversed, and + is west of UTC", zone)
	}
	if u.Scheme == "http" && p.hasCredentials() {
		line := p.HTTPClientConfig.line
		if u.User != nil {
			line = p.URL.Line
		}
		d.Warn(d.at(line), "credentials are sent in the clear: platform.url is http, not https")
	}
}

// hasCredentials reports whether requests carry credentials. Any of the user's
// own headers may be one.
func (p *Platform) hasCredentials() bool {
	c := p.HTTPClientConfig.Config
	return p.URL.V.User != nil || c.BasicAuth != nil || c.Authorization != nil || c.OAuth2 != nil ||
		c.HTTPHeaders != nil && len(c.HTTPHeaders.Headers) > 0
}

// Fingerprint is the same for platforms with the same URL and time zone: answers from
// one are valid for the other. It tells nothing about the URL, which may hold a
// password.
func (p *Platform) Fingerprint() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(p.URL.V.String()+" "+p.Timezone.V.String())))
}

// SamePlatform reports whether answers from p are valid for other.
func (p *Platform) SamePlatform(other *Platform) bool { return p.Fingerprint() == other.Fingerprint() }

// SameAccount reports whether p and other are the same platform with the same HTTP
// client configuration. Any change there may mean another account, which may have
// other cards.
func (p *Platform) SameAccount(other *Platform) bool {
	return p.SamePlatform(other) && reflect.DeepEqual(p.HTTPClientConfig.Config, other.HTTPClientConfig.Config)
}
