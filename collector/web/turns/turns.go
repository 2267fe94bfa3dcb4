// Package turns limits what the responses that are being written cost together. A response
// whose client has stopped reading gives up its turn as soon as another one waits for it, so
// that slow clients use up neither memory nor turns.
package turns

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// patience is how long a client may stop reading while others wait for a turn. At 2 MB/s,
	// Linux may take 0.7 s before it accepts more.
	patience = 2 * time.Second
	// writeTimeout is how long it may stop while nobody waits.
	writeTimeout = 30 * time.Second
	// maxTurn is how long a turn lasts, however little its client takes at a time.
	maxTurn = 15 * time.Minute
)

// Turns is a limit. New returns one. It is safe for concurrent use.
type Turns struct {
	capacity int64
	free     *semaphore.Weighted

	mu    sync.Mutex // protects taken
	taken map[*Turn]struct{}
}

// New returns a limit on the costs of all responses at one time, in any unit.
func New(capacity int64) *Turns {
	return &Turns{capacity: capacity, free: semaphore.NewWeighted(capacity), taken: make(map[*Turn]struct{})}
}

// Take waits for a turn to write a response to w, which must be ended by Done. There is always
// room for two responses, whatever they cost. The error is ctx.Err().
func (t *Turns) Take(ctx context.Context, w http.ResponseWriter, cost int64) (*Turn, error) {
	cost = min(cost, t.capacity/2)
	if !t.free.TryAcquire(cost) {
		enough := make(chan struct{})
		defer close(enough)
		go t.hurry(enough)
		if err := t.free.Acquire(ctx, cost); err != nil {
			return nil, err
		}
	}
	turn := &Turn{ResponseWriter: w, turns: t, cost: cost, end: time.Now().Add(maxTurn)}
	t.mu.Lock()
	t.taken[turn] = struct{}{}
	t.mu.Unlock()
	return turn, nil
}

// hurry breaks off responses whose clients have stopped reading, until it is enough.
func (t *Turns) hurry(enough <-chan struct{}) {
	ticker := time.NewTicker(patience / 10)
	defer ticker.Stop()
	for {
		t.mu.Lock()
		for turn := range t.taken {
			turn.breakOffIfStopped()
		}
		t.mu.Unlock()
		select {
		case <-ticker.C:
		case <-enough:
			return
		}
	}
}

// Turn is a response that has its turn. Only one goroutine may use it.
type Turn struct {
	http.ResponseWriter
	turns *Turns
	cost  int64
	end   time.Time // the last moment at which it may write

	mu      sync.Mutex // protects what follows
	waiting time.Time  // when the Write in progress began; zero if there is none
}

// Unwrap is for [http.ResponseController].
func (t *Turn) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// Write writes, within a deadline that moves on with each call.
func (t *Turn) Write(p []byte) (int, error) {
	now := time.Now()
	deadline := now.Add(writeTimeout)
	if t.end.Before(deadline) {
		deadline = t.end
	}
	t.mu.Lock()
	t.waiting = now
	t.setDeadline(deadline)
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		t.waiting = time.Time{}
		t.mu.Unlock()
	}()
	return t.ResponseWriter.Write(p)
}

// Done ends the turn.
func (t *Turn) Done() {
	t.turns.mu.Lock()
	delete(t.turns.taken, t)
	t.turns.mu.Unlock()
	t.turns.free.Release(t.cost)
}

// breakOffIfStopped has the Write in progress fail if its client takes too long. It looks at
// nothing else: the handler of a request may have returned.
func (t *Turn) breakOffIfStopped() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); !t.waiting.IsZero() && now.Sub(t.waiting) > patience {
		t.setDeadline(now)
	}
}

// setDeadline ignores the error of a writer without deadlines.
func (t *Turn) setDeadline(d time.Time) {
	_ = http.NewResponseController(t.ResponseWriter).SetWriteDeadline(d)
}
