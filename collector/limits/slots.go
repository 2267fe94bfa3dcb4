package limits

// Slots limit how many requests are in flight, and queue the items that wait for a
// slot. Suspects are items whose requests may well fail. They hold at most half of
// the slots, or one if there is only one, and take turns with healthy items, so that
// neither keep the others waiting. The zero value has no slots. Slots are not safe
// for concurrent use.
type Slots[T any] struct {
	Limit   int // number of slots
	Healthy Queue[T]
	Suspect Queue[T]

	held        int             // number of slots in use
	suspects    int             // number of these that suspects hold
	lastSuspect bool            // the last slot went to a suspect
	resuming    []chan struct{} // one for each item that waits in Resume
}

// Next takes an item from Suspect or Healthy, gives it a free slot, and returns it.
// It returns false if no item can have a slot. On the way it gives slots to the items
// that wait after Resume, which come before new suspects.
func (s *Slots[T]) Next() (item T, ok bool) {
	for s.held < s.Limit {
		suspectReady := s.suspects < max(1, s.Limit/2) && (len(s.resuming) > 0 || !s.Suspect.Empty())
		healthyReady := !s.Healthy.Empty()
		if !suspectReady && !healthyReady {
			break
		}
		s.lastSuspect = suspectReady && (!s.lastSuspect || !healthyReady)
		s.held++
		if !s.lastSuspect {
			return s.Healthy.Pop(), true
		}
		s.suspects++
		if len(s.resuming) == 0 {
			return s.Suspect.Pop(), true
		}
		close(s.resuming[0])
		s.resuming = s.resuming[1:]
	}
	return item, false
}

// Resume queues an item that has released its slot and needs another one, as a
// suspect. The channel is closed when the item has it. Nothing is given until the
// next call of Next.
func (s *Slots[T]) Resume() <-chan struct{} {
	slot := make(chan struct{})
	s.resuming = append(s.resuming, slot)
	return slot
}

// Release frees a slot that a healthy item or a suspect holds.
func (s *Slots[T]) Release(suspect bool) {
	s.held--
	if suspect {
		s.suspects--
	}
}

// Queue is first in, first out within a group, and groups take turns. Push and
// Pop take constant time. The zero value is empty. It is not safe for concurrent
// use.
type Queue[T any] struct {
	items map[any][]T // by group
	turns []any       // groups that have items, the next one first
}

// Push adds an item of a group, which must be comparable.
func (q *Queue[T]) Push(group any, item T) {
	if q.items == nil {
		q.items = make(map[any][]T)
	}
	if len(q.items[group]) == 0 {
		q.turns = append(q.turns, group)
	}
	q.items[group] = append(q.items[group], item)
}

// Pop removes and returns an item. The queue must not be empty.
func (q *Queue[T]) Pop() T {
	group := q.turns[0]
	q.turns = q.turns[1:]
	items := q.items[group]
	item := items[0]
	var zero T
	items[0] = zero // or the array behind the slice would keep the item
	if len(items) == 1 {
		delete(q.items, group)
	} else {
		q.items[group] = items[1:]
		q.turns = append(q.turns, group)
	}
	return item
}

// Empty reports whether the queue has no items.
func (q *Queue[T]) Empty() bool { return len(q.turns) == 0 }
