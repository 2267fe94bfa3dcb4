package limits

import (
	"iter"
	"slices"
)

// Slots limit how many requests are in flight, and queue the items that wait for a
// slot. Suspects are items whose requests may well fail. They hold at most half of
// the slots, or one if there is only one, and take turns with healthy items, so that
// neither keep the others waiting. The zero value has no slots.
type Slots[G comparable, T any] struct {
	Limit   int                // number of slots
	Blocked func(group G) bool // whether no item of a group can have a slot now; nil for none
	Urgent  Queue[G, T]        // healthy items that come before all others
	Healthy Queue[G, T]
	Resumed Queue[G, T] // suspects that had a slot before; they come before the others
	Suspect Queue[G, T]

	held        int  // number of slots in use
	suspects    int  // number of these that suspects hold
	lastSuspect bool // the last slot went to a suspect
}

// Free reports whether there is a free slot.
func (s *Slots[G, T]) Free() bool { return s.held < s.Limit }

// Take takes a free slot for something that is in no queue. It is released as a healthy
// item's.
func (s *Slots[G, T]) Take() { s.held++ }

// Next takes an item from its queue, gives it a slot, and returns it. It returns false
// if no item can have a slot.
func (s *Slots[G, T]) Next() (item T, suspect, ok bool) {
	if s.Free() && s.Urgent.ready(s.Blocked) {
		s.held++
		return s.Urgent.pop(s.Blocked), false, true
	}
	healthy := s.Healthy.ready(s.Blocked)
	queue := &s.Resumed
	if !queue.ready(s.Blocked) {
		queue = &s.Suspect
	}
	suspect = s.suspects < max(1, s.Limit/2) && queue.ready(s.Blocked)
	if !s.Free() || !healthy && !suspect {
		return item, false, false
	}
	s.held++
	if s.lastSuspect = suspect && (!s.lastSuspect || !healthy); !s.lastSuspect {
		return s.Healthy.pop(s.Blocked), false, true
	}
	s.suspects++
	return queue.pop(s.Blocked), true, true
}

// Release frees a slot that a healthy item or a suspect holds.
func (s *Slots[G, T]) Release(suspect bool) {
	s.held--
	if suspect {
		s.suspects--
	}
}

// Queue is first in, first out within a group, and groups take turns. It takes
// constant time, but for blocked groups. The zero value is empty.
type Queue[G comparable, T any] struct {
	items map[G][]T
	turns []G // groups that have items, the next one first
}

// Push adds an item of a group.
func (q *Queue[G, T]) Push(group G, item T) {
	if q.items == nil {
		q.items = make(map[G][]T)
	}
	if len(q.items[group]) == 0 {
		q.turns = append(q.turns, group)
	}
	q.items[group] = append(q.items[group], item)
}

// turn returns the place in turns of the next group that is not blocked; -1 if there is
// none.
func (q *Queue[G, T]) turn(blocked func(G) bool) int {
	return slices.IndexFunc(q.turns, func(group G) bool { return blocked == nil || !blocked(group) })
}

func (q *Queue[G, T]) ready(blocked func(G) bool) bool { return q.turn(blocked) >= 0 }

// pop removes and returns an item. One must be ready.
func (q *Queue[G, T]) pop(blocked func(G) bool) T {
	i := q.turn(blocked)
	group := q.turns[i]
	q.turns = slices.Delete(q.turns, i, i+1)
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
func (q *Queue[G, T]) Drain() iter.Seq[T] {
	return func(yield func(T) bool) {
		for q.ready(nil) && yield(q.pop(nil)) {
		}
	}
}
