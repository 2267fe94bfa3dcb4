package szzkc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
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
	Err    error // never nil
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
//
// The error does not contain the URL, whose query may hold a secret.
func transportError(ctx context.Context, err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("query platform: %w", context.Cause(ctx))
	}
	var timeout net.Error
	if ctx.Err() != nil || (errors.As(err, &timeout) && timeout.Timeout()) {
		return &Error{Reason: Timeout, Err: err}
	}
	return &Error{Reason: Connect, Err: err}
}
