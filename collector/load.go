package collector

import "time"

// load replaces the fleet. What waited to be started is queued anew as the new
// fleet has it; what is in progress goes on to its end.
func (r *refresher) load(f *fleet, change Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	previous := r.fleet.Swap(f)
	r.pacer.set(f.settings, change == AnotherPlatform)
	if change != SamePlatform {
		r.breaker, r.probe = newBreaker(r.logger, r.metrics.platformAvailable), nil
		f.renew(wallClock())
	}
	if previous == nil {
		return
	}
	waited := r.drain()
	r.earlier = make(map[*refresh]struct{}, len(r.progress))
	for x := range r.progress {
		r.earlier[x] = struct{}{}
	}
	var due []*batch
	now := wallClock()
	for b := range f.batches() {
		if b.state.refresh == nil && b.holdsAny(waited) && b.isDue(now, now) {
			due = append(due, b)
		}
	}
	if r.breaker.open() {
		due = r.pickProbe(due, now, now)
	}
	r.push(f, due, now)
	close(previous.replaced)
	r.signal()
}

// drain drops the refreshes that were not started yet, and returns the records
// of their cards.
func (r *refresher) drain() map[*record]bool {
	records := make(map[*record]bool)
	var waiting []*refresh
	for x := range r.progress {
		waiting = append(waiting, x.next...)
		x.next = nil
	}
	for _, q := range []*queue{&r.healthy, &r.suspect} {
		for x := q.pop(); x != nil; x = q.pop() {
			waiting = append(waiting, x)
		}
	}
	for _, x := range waiting {
		for _, c := range x.batch.cards {
			records[c.record] = true
		}
		x.batch.state.refresh = nil
		close(x.done)
	}
	return records
}

// stop fails what was not started, now and from now on.
func (r *refresher) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.drain()
}

// errs returns why the last refresh of each batch failed, nil for those that were
// answered, by that or since.
func (r *refresher) errs(batches []*batch, start time.Time) []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := make([]error, len(batches))
	for i, b := range batches {
		if b.state.err != nil && b.stale(start, start) {
			errs[i] = b.state.err
		}
	}
	return errs
}
