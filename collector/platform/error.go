package platform

import "fmt"

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
	Rejected  Reason = "rejected"  // the platform refuses the request in words, and not because it knows none of the cards
	Decode    Reason = "decode"    // not an answer as the platform documents it
	TooLarge  Reason = "too_large" // more bytes than any answer has
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
