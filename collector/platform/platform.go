// Package platform holds what any SIM card platform can be asked and can answer. It
// knows no vendor: each has a package of its own, with an implementation of [Client].
package platform

import "context"

// Client is the interface to a platform. Its methods are called concurrently.
type Client interface {
	// MaxBatch returns how many cards one request may be for, at least 1. It is
	// always the same.
	MaxBatch() int
	// Query sends one request for at most MaxBatch cards, identifiers being all
	// IMEIs or all ICCIDs. With live, the platform asks the mobile operator there
	// and then, which is slow. The answer leaves out the cards that the platform
	// does not know.
	//
	// The error is an *Error, unless ctx was cancelled. With an error, only
	// Answer.RetryAfter is meaningful.
	Query(ctx context.Context, identifiers []string, live bool) (Answer, error)
}
