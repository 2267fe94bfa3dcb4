package limits

// Slots bound how many requests are in flight, and queue the items that wait for
// a slot. Suspects, whose requests may well fail, hold at most half of the
// slots, but at least one, and take turns with healthy items, so that neither
// keep the others waiting. The zero value has no slots. Slots are not safe for
// concurrent use.
type Slots[T any] struct {
	Limit   int // how many there are
	Healthy Queue[T]
	Suspect Queue[T]

	held        int
	suspects    int             // of those held
	lastSuspect bool            // the last slot went to a suspect
	resumed     []chan struct{} // waiting for another slot, as suspects
}

// Next gives a free slot to an item and returns it, from Suspect or Healthy. It
// serves those that wait in Resume on the way, before new suspects. It returns
// false if no item can have a slot.
func (s *Slots[T]) Next() (item T, ok bool) {
	for s.held < s.Limit {
		suspectReady := s.suspects < max(1, s.Limit/2) && (len(s.resumed) > 0 || !s.Suspect.Empty())
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
		if len(s.resumed) == 0 {
			return s.Suspect.Pop(), true
		}
		close(s.resumed[0])
		s.resumed = s.resumed[1:]
	}
	return item, false
}

// Resume queues an item that has released its slot for another one, as a
// suspect. The channel is closed when it has one.
func (s *Slots[T]) Resume() <-chan struct{} {
	slot := make(chan struct{})
	s.resumed = append(s.resumed, slot)
	return slot
}

// Release frees the slot of a healthy item or of a suspect.
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
	lanes map[any][]T
	turns []any // groups that have items, the next one first
}

// Push adds an item of a group, which must be comparable.
func (q *Queue[T]) Push(group any, item T) {
	if q.lanes == nil {
		q.lanes = make(map[any][]T)
	}
	if len(q.lanes[group]) == 0 {
		q.turns = append(q.turns, group)
	}
	q.lanes[group] = append(q.lanes[group], item)
}

// Pop removes and returns an item. The queue must not be empty.
func (q *Queue[T]) Pop() T {
	group := q.turns[0]
	q.turns = q.turns[1:]
	lane := q.lanes[group]
	item := lane[0]
	var zero T
	lane[0] = zero // or the array behind the lane would keep the item
	if len(lane) == 1 {
		delete(q.lanes, group)
	} else {
		q.lanes[group] = lane[1:]
		q.turns = append(q.turns, group)
	}
	return item
}

// Empty reports whether the queue has no items.
func (q *Queue[T]) Empty() bool { return len(q.turns) == 0 }
