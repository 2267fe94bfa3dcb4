package collector

import (
	"context"
	"errors"
)

// errCrowded is a request that would have to wait among too many others.
var errCrowded = errors.New("too many requests wait already")

// acquired notes that a slot is held. mu is held, here and in release.
func (r *refresher) acquired(suspect bool) {
	r.running++
	if suspect {
		r.suspects++
	}
}

// release gives a slot back.
func (r *refresher) release(suspect bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running--
	if suspect {
		r.suspects--
	}
	r.signal()
}

// acquire waits for a slot for a further request of a refresh in progress.
// These are suspects: the request before them brought no answer, or they ask
// for a card in quarantine.
func (r *refresher) acquire(ctx context.Context) error {
	r.mu.Lock()
	if len(r.waiting) >= maxWaiting {
		r.mu.Unlock()
		return errCrowded
	}
	slot := make(waiter)
	r.waiting = append(r.waiting, slot)
	r.signal()
	r.mu.Unlock()
	select {
	case <-slot:
		return nil
	case <-ctx.Done(): // the end of all requests, and of all counting
		return errStopped
	}
}
