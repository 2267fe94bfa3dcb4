package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// No endpoint has a use for a body. It is read before a request is served: net/http would read
// it before the response, and a client that never sends it would keep what the request holds.
const (
	bodyTimeout = 5 * time.Second
	maxBody     = 64 << 10
)

// readBody returns a handler that reads the body of a request, and only then calls next.
func readBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			// An error, from a writer without deadlines, does not matter.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
			if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
				w.Header().Set("Connection", "close")
				http.Error(w, "request body: "+err.Error(), bodyStatus(err))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func bodyStatus(err error) int {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	default:
		return http.StatusBadRequest
	}
}
