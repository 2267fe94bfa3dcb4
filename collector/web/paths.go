package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Paths are where the endpoints are. The zero value has them at the root, but lacks a path
// for metrics.
type Paths struct {
	Prefix    string // of the paths that are served, "" or /a/b
	Base      string // of the paths that links lead to, "" or /a/b
	Origin    string // scheme and host of the external URL, as browsers send it; "" if there is none
	Telemetry string // path for metrics, below the prefix
	Grafana   string // URL without a slash at the end; "" if there is none
}

// servable is what a path may consist of.
var servable = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// paths returns the paths that the flags set. The error names a flag that is not valid.
func (f *Flags) paths() (Paths, error) {
	var p Paths
	external, err := parseURL(f.externalURL)
	if err != nil {
		return p, fmt.Errorf("--web.external-url: %w", err)
	}
	grafana, err := parseURL(f.grafanaURL)
	if err != nil {
		return p, fmt.Errorf("--web.grafana-url: %w", err)
	}
	if grafana.Host != "" {
		p.Grafana = strings.TrimRight(grafana.String(), "/")
	}
	if external.Host != "" {
		p.Origin = originOf(external)
		if err := http.NewCrossOriginProtection().AddTrustedOrigin(p.Origin); err != nil { // with an IPv6 zone
			return p, fmt.Errorf("--web.external-url: %w", err)
		}
	}
	p.Base = cleanPrefix(external.Path)
	p.Prefix = p.Base
	if f.routePrefix != "" {
		p.Prefix = cleanPrefix(f.routePrefix)
	}
	if f.externalURL == "" {
		p.Base = p.Prefix
	}
	p.Telemetry = "/" + strings.TrimLeft(f.telemetryPath, "/")
	taken := []string{"/cards", "/cards.csv", "/cards.json", "/card", "/rows", "/digest", "/config"}
	switch {
	case p.Prefix != "" && f.routePrefix != "" && !servable.MatchString(p.Prefix):
		return p, errors.New("--web.route-prefix may have letters, digits, and . _ ~ - between slashes")
	case p.Base != "" && !servable.MatchString(p.Base):
		return p, errors.New("--web.external-url: its path may have letters, digits, and . _ ~ - between slashes")
	case !servable.MatchString(p.Telemetry) || path.Clean(p.Telemetry) != p.Telemetry:
		return p, errors.New("--web.telemetry-path may have letters, digits, and . _ ~ - between slashes, and at least one of them")
	case slices.Contains(taken, p.Telemetry) || isBelow(p.Telemetry, "/card", "/-", "/static"):
		return p, fmt.Errorf("--web.telemetry-path: %s is another page", p.Telemetry)
	}
	return p, nil
}

// originOf returns a URL's origin as browsers send it: in lower case, in ASCII, and without
// the port that is the scheme's own.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if ascii, err := idna.Lookup.ToASCII(u.Hostname()); err == nil {
		host = strings.Replace(host, strings.ToLower(u.Hostname()), ascii, 1)
	}
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
	return scheme + "://" + host
}

// cleanPrefix returns a prefix with a slash in front and none at the end; "" for the root.
func cleanPrefix(prefix string) string {
	return strings.TrimRight(path.Clean("/"+prefix), "/")
}

// isBelow reports whether a path is below one of the folders.
func isBelow(file string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(file, folder+"/") })
}

// parseURL parses the URL of a website. "" is the empty URL.
func parseURL(text string) (*url.URL, error) {
	if text == "" {
		return new(url.URL), nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("this must be a URL such as https://example.com/simcards, without a password or a query") // err would repeat it
	}
	return u, nil
}
