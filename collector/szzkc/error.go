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
)

// Reason classifies a failed request. Its values are usable as label values; see
// [Reasons].
type Reason string

// The reasons.
const (
	Connect   Reason = "connect"   // no connection, or it broke before the end of the answer
	Timeout   Reason = "timeout"   // no complete answer in time
	HTTP4xx   Reason = "http_4xx"  // a status from 400 to 499 other than 429
	HTTP5xx   Reason = "http_5xx"  // a status from 500 to 599
	Throttled Reason = "throttled" // status 429
	Rejected  Reason = "rejected"  // an answer with state false, unless it means that no card is known
	Decode    Reason = "decode"    // not the documented JSON, or a status below 400 other than 200
	TooLarge  Reason = "too_large" // a body of more than MaxBody bytes
)

// Reasons returns every Reason. The set is fixed: counters of failures can start at
// zero for each.
func Reasons() []Reason {
	return []Reason{Connect, Timeout, HTTP4xx, HTTP5xx, Throttled, Rejected, Decode, TooLarge}
}

// Error is the failure of one request.
type Error struct {
	Reason Reason
	Err    error  // never nil
	Said   string // if Rejected: at most the first 256 bytes of the platform's words
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Reason, e.Err) }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same request may succeed if it is soon retried.
func (e *Error) Temporary() bool {
	switch e.Reason {
	case Connect, Timeout, HTTP5xx, Throttled:
		return true
	default:
		return false
	}
}

// transportError returns an [*Error] for a failure of the connection. If the caller
// cancelled the request, the platform is not at fault, and the error is no [*Error].
func transportError(ctx context.Context, err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err // the request's own URL tells nothing
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("query platform: %w", context.Cause(ctx))
	}
	reason := Connect
	var timeout net.Error
	if ctx.Err() != nil || (errors.As(err, &timeout) && timeout.Timeout()) {
		reason = Timeout
	}
	return &Error{Reason: reason, Err: errors.New(withoutURLs(err))}
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
