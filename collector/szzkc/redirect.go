package szzkc

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"simcard_exporter/collector/platform"
)

// isRedirect reports whether status sends a client to another URL.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

// redirectError returns the error of a redirect. Of the URL, it names scheme and host:
// path, query and user info may hold secrets.
func redirectError(resp *http.Response) error {
	var err error
	location := resp.Header.Get("Location")
	switch u, invalid := url.Parse(location); {
	case location == "" || invalid != nil:
		err = errors.New("the platform redirects without a valid Location")
	case u.Host == "":
		err = errors.New("the platform redirects to a Location without a host")
	default:
		to := url.URL{Scheme: u.Scheme, Host: u.Host}
		if to.Scheme == "" { // as in "//host/path"
			to.Scheme = resp.Request.URL.Scheme
		}
		err = fmt.Errorf("the platform redirects to %s", cut(to.String(), 4*maxText))
	}
	return &platform.Error{Reason: platform.Decode, Err: err}
}

// locationGuard removes a Location that is no URL. Even if it follows no redirect, an
// [http.Client] would parse it, fail, and repeat it in the error, secrets included.
type locationGuard struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (g locationGuard) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if _, err := url.Parse(resp.Header.Get("Location")); err != nil {
		resp.Header.Del("Location")
	}
	return resp, nil
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] looks for.
func (g locationGuard) CloseIdleConnections() {
	(&http.Client{Transport: g.next}).CloseIdleConnections()
}
