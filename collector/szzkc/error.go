package szzkc

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/url"
	"slices"
	"strings"

	"simcard_exporter/collector/platform"
)

// transportError returns a [*platform.Error] for a failure of the connection. If the caller
// cancelled the request, the platform is not at fault, and the error is no [*platform.Error].
func transportError(ctx context.Context, err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err // the request's own URL tells nothing
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("query platform: %w", context.Cause(ctx))
	}
	reason := platform.Connect
	var timeout net.Error
	if ctx.Err() != nil || (errors.As(err, &timeout) && timeout.Timeout()) {
		reason = platform.Timeout
	}
	return &platform.Error{Reason: reason, Err: errors.New(withoutURLs(err))}
}

// withoutURLs is the text of an error without the URLs in it, such as those of a
// proxy or of an OAuth 2.0 token: each may hold a password or a token, and
// libraries wrap several.
func withoutURLs(err error) string {
	text := err.Error()
	// What a token server sends with a failure may repeat the secrets that it got.
	if i := strings.Index(text, "\nResponse: "); i >= 0 && strings.Contains(text[:i], "oauth2: ") {
		text = text[:i]
	}
	for withURL := range urlErrors(err) {
		inner := withURL.Err.Error()
		if withURL.Op == "parse" { // which repeats parts of the URL
			inner = "invalid URL"
		}
		text = strings.ReplaceAll(text, withURL.Error(), withURL.Op+" URL: "+inner)
		text = strings.ReplaceAll(text, withURL.URL, "URL")
	}
	return text
}

// urlErrors yields the errors with a URL that err wraps, the outermost first.
func urlErrors(err error) iter.Seq[*url.Error] {
	return func(yield func(*url.Error) bool) {
		var walk func(error) bool
		walk = func(err error) bool {
			if withURL, ok := err.(*url.Error); ok && !yield(withURL) { //nolint:errorlint // this level alone
				return false
			}
			switch wrapper := err.(type) { //nolint:errorlint // this level alone
			case interface{ Unwrap() error }:
				return wrapper.Unwrap() == nil || walk(wrapper.Unwrap())
			case interface{ Unwrap() []error }:
				return !slices.ContainsFunc(wrapper.Unwrap(), func(e error) bool { return !walk(e) })
			}
			return true
		}
		walk(err)
	}
}
