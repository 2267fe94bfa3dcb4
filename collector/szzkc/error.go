package szzkc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
)

// Reason classifies why a request brought no answer. The set is fixed, so that
// each can be a label value that exists from the start.
type Reason string

// The reasons.
const (
	Connect   Reason = "connect"   // no connection, or it broke before the answer was whole
	Timeout   Reason = "timeout"   // no whole answer in time
	HTTP4xx   Reason = "http_4xx"  // a status from 400 to 499 other than 429
	HTTP5xx   Reason = "http_5xx"  // a status from 500 to 599
	Throttled Reason = "throttled" // status 429
	Rejected  Reason = "rejected"  // state is false, and not because no card is known
	Decode    Reason = "decode"    // not the JSON that the platform documents
	TooLarge  Reason = "too_large" // a body over MaxBody
)

// Reasons lists every Reason.
func Reasons() []Reason {
	return []Reason{Connect, Timeout, HTTP4xx, HTTP5xx, Throttled, Rejected, Decode, TooLarge}
}

// Error is a request that brought no answer.
type Error struct {
	Reason Reason
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Reason, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same request may be answered a little later.
func (e *Error) Temporary() bool {
	switch e.Reason {
	case Connect, Timeout, HTTP5xx, Throttled:
		return true
	default:
		return false
	}
}

// transportError classifies an error of the connection. A request that the
// caller cancelled says nothing about the platform, so it gets no Reason.
//
// The URL is left out of the error, since its query may hold a secret.
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
