package limits

// Slots are what requests hold while they are in flight, and the queues of what
// waits for one. Suspects, which may well bring no answer, hold at most half of
// the slots, but at least one, and take turns with the others: neither keeps the
// other waiting. The zero value has no slots. Slots are not safe for concurrent
// use.
type Slots[T any] struct {
	Limit   int // how many there are
	Healthy Queue[T]
	Suspect Queue[T]

	held     int
	suspects int             // of these
	turn     bool            // the last slot went to a suspect
	resumed  []chan struct{} // of what had a slot before and needs one again; suspects, too
}

// Next gives free slots to what waits: those of Resume on the way, and then the
// one that it returns. It returns false when nothing may begin.
func (s *Slots[T]) Next() (item T, suspect, ok bool) {
	for s.held < s.Limit {
		suspect := s.suspects < max(1, s.Limit/2) && (len(s.resumed) > 0 || !s.Suspect.Empty())
		healthy := !s.Healthy.Empty()
		if !suspect && !healthy {
			break
		}
		s.turn = suspect && (!s.turn || !healthy)
		s.held++
		if !s.turn {
			return s.Healthy.Pop(), false, true
		}
		s.suspects++
		if len(s.resumed) == 0 {
			return s.Suspect.Pop(), true, true
		}
		close(s.resumed[0])
		s.resumed = s.resumed[1:]
	}
	return item, false, false
}

// Resume asks for another slot, as a suspect, for what Next has returned before.
// The channel is closed when it has one.
func (s *Slots[T]) Resume() <-chan struct{} {
	slot := make(chan struct{})
	s.resumed = append(s.resumed, slot)
	return slot
}

// Release gives a slot back.
func (s *Slots[T]) Release(suspect bool) {
	s.held--
	if suspect {
		s.suspects--
	}
}

// Queue is first in, first out within a group, and groups take turns. Push and
// Pop take constant time. The zero value is empty.
type Queue[T any] struct {
	lanes map[any][]T
	turns []any // groups that have something, the next one first
}

// Push adds an item of a group.
func (q *Queue[T]) Push(group any, item T) {
	if q.lanes == nil {
		q.lanes = make(map[any][]T)
	}
	if len(q.lanes[group]) == 0 {
		q.turns = append(q.turns, group)
	}
	q.lanes[group] = append(q.lanes[group], item)
}

// Pop takes an item out. The queue must not be empty.
func (q *Queue[T]) Pop() T {
	group := q.turns[0]
	q.turns = q.turns[1:]
	lane := q.lanes[group]
	item := lane[0]
	var none T
	lane[0] = none // or the array behind the lane would keep it
	if len(lane) == 1 {
		delete(q.lanes, group)
	} else {
		q.lanes[group] = lane[1:]
		q.turns = append(q.turns, group)
	}
	return item
}

// Empty reports whether nothing is in the queue.
func (q *Queue[T]) Empty() bool { return len(q.turns) == 0 }
