package limits

import "iter"

// Slots limit how many requests are in flight, and queue the items that wait for a
// slot. Suspects are items whose requests may well fail. They hold at most half of
// the slots, or one if there is only one, and take turns with healthy items, so that
// neither keep the others waiting. The zero value has no slots.
type Slots[T any] struct {
	Limit   int // number of slots
	Healthy Queue[T]
	Resumed Queue[T] // suspects that had a slot before; they come before the others
	Suspect Queue[T]

	held        int  // number of slots in use
	suspects    int  // number of these that suspects hold
	lastSuspect bool // the last slot went to a suspect
}

// Ready reports whether an item can have a slot.
func (s *Slots[T]) Ready() bool { return s.held < s.Limit && (s.healthyReady() || s.suspectReady()) }

func (s *Slots[T]) healthyReady() bool { return !s.Healthy.Empty() }

func (s *Slots[T]) suspectReady() bool {
	return s.suspects < max(1, s.Limit/2) && !(s.Resumed.Empty() && s.Suspect.Empty())
}

// Next takes an item from its queue, gives it a slot, and returns it. Slots must be
// ready.
func (s *Slots[T]) Next() (item T, suspect bool) {
	suspect = s.suspectReady() && (!s.lastSuspect || !s.healthyReady())
	s.lastSuspect = suspect
	s.held++
	if !suspect {
		return s.Healthy.Pop(), false
	}
	s.suspects++
	if !s.Resumed.Empty() {
		return s.Resumed.Pop(), true
	}
	return s.Suspect.Pop(), true
}

// Release frees a slot that a healthy item or a suspect holds.
func (s *Slots[T]) Release(suspect bool) {
	s.held--
	if suspect {
		s.suspects--
	}
}

// Queue is first in, first out within a group, and groups take turns. Push and
// Pop take constant time. The zero value is empty.
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

// Drain removes all items and yields them.
func (q *Queue[T]) Drain() iter.Seq[T] {
	return func(yield func(T) bool) {
		for !q.Empty() && yield(q.Pop()) {
		}
	}
}

// Empty reports whether the queue has no items.
func (q *Queue[T]) Empty() bool { return len(q.turns) == 0 }
