package limits

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Groups take turns, however much each of them has, and each is first in, first
// out.
func TestQueueTakesTurns(t *testing.T) {
	var q Queue[string, string]
	put := func(group string, from, to int) {
		for i := from; i < to; i++ {
			q.Push(group, fmt.Sprint(group, i))
		}
	}
	take := func(n int) string {
		var items []string
		for range n {
			items = append(items, q.pop(nil))
		}
		return strings.Join(items, " ")
	}
	put("a", 0, 4)
	put("b", 0, 2)
	if got := take(3); got != "a0 b0 a1" {
		t.Errorf("got %s", got)
	}
	put("c", 0, 1)
	put("a", 4, 5)
	if got := take(5); got != "b1 a2 c0 a3 a4" {
		t.Errorf("got %s", got)
	}
	if q.ready(nil) || len(q.items) != 0 {
		t.Error("not empty")
	}
}

// fill queues n healthy and n suspect items.
func fill(s *Slots[string, string], n int) {
	for range n {
		s.Healthy.Push("g", "healthy")
		s.Suspect.Push("g", "suspect")
	}
}

// started takes all that may begin.
func started(s *Slots[string, string]) (healthy, suspects int) {
	for {
		switch _, suspect, ok := s.Next(); {
		case !ok:
			return healthy, suspects
		case suspect:
			suspects++
		default:
			healthy++
		}
	}
}

func TestSuspectsHoldHalf(t *testing.T) {
	for limit, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 8: 4} {
		s := Slots[string, string]{Limit: limit}
		fill(&s, 10)
		healthy, suspects := started(&s)
		if suspects != want || healthy != limit-want {
			t.Errorf("%d slots: %d suspects and %d others, want %d suspects", limit, suspects, healthy, want)
		}
		// With nothing else to do, they hold no more.
		s = Slots[string, string]{Limit: limit}
		for range 10 {
			s.Suspect.Push("g", "suspect")
		}
		if _, suspects := started(&s); suspects != want {
			t.Errorf("%d slots: %d suspects alone, want %d", limit, suspects, want)
		}
	}
}

// With one slot neither kind keeps the other waiting.
func TestOneSlotTakesTurns(t *testing.T) {
	s := Slots[string, string]{Limit: 1}
	fill(&s, 3)
	var got []string
	for range 6 {
		item, suspect, _ := s.Next()
		got = append(got, item)
		if _, _, ok := s.Next(); ok {
			t.Error("two slots at once")
		}
		s.Release(suspect)
	}
	if text := strings.Join(got, " "); text != "suspect healthy suspect healthy suspect healthy" {
		t.Errorf("got %s", text)
	}
}

// What goes on comes before what is new, and counts as a suspect.
func TestResumed(t *testing.T) {
	s := Slots[string, string]{Limit: 4}
	fill(&s, 3)
	s.Resumed.Push("g", "resumed")
	var got []string
	for item, _, ok := s.Next(); ok; item, _, ok = s.Next() {
		got = append(got, item)
	}
	if text := strings.Join(got, " "); text != "resumed healthy suspect healthy" {
		t.Errorf("got %s", text)
	}
}

// Blocked groups have no slots and lose no turn, and what is in no queue takes a slot too.
func TestBlocked(t *testing.T) {
	blocked := map[string]bool{"a": true}
	s := Slots[string, string]{Limit: 4, Blocked: func(group string) bool { return blocked[group] }}
	for _, group := range []string{"a", "b"} {
		s.Healthy.Push(group, group+" healthy")
		s.Resumed.Push(group, group+" resumed")
	}
	s.Take()
	next := func() string {
		item, _, _ := s.Next()
		return item
	}
	got := []string{next(), next(), next()}
	blocked["a"] = false
	got = append(got, next(), next())
	if want := []string{"b resumed", "b healthy", "", "a resumed", ""}; !slices.Equal(got, want) || s.Free() {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDrain(t *testing.T) {
	var q Queue[string, string]
	q.Push("a", "1")
	q.Push("b", "2")
	if got := slices.Collect(q.Drain()); !slices.Equal(got, []string{"1", "2"}) || q.ready(nil) {
		t.Errorf("got %v, empty %t", got, !q.ready(nil))
	}
}

// What it takes to pick the next item does not depend on how many there are.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			var q Queue[int, int]
			for i := range n {
				q.Push(i%3, i)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				q.Push(i%3, q.pop(nil))
			}
		})
	}
}
