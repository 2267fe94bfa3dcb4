package collector

import (
	"fmt"
	"strings"
	"testing"
)

// Groups take turns, however much each of them has, and each is first in, first
// out.
func TestQueueTakesTurns(t *testing.T) {
	var q queue
	put := func(g *group, from, to int) {
		for i := from; i < to; i++ {
			q.push(&refresh{batch: &batch{group: g, cards: []*card{{id: fmt.Sprint(g.Name, i)}}}})
		}
	}
	take := func(n int) string {
		var ids []string
		for range n {
			ids = append(ids, q.pop().batch.cards[0].id)
		}
		return strings.Join(ids, " ")
	}
	a, b, c := &group{Group: Group{Name: "a"}}, &group{Group: Group{Name: "b"}}, &group{Group: Group{Name: "c"}}
	put(a, 0, 4)
	put(b, 0, 2)
	if got := take(3); got != "a0 b0 a1" {
		t.Errorf("got %s", got)
	}
	put(c, 0, 1)
	put(a, 4, 5)
	if got := take(5); got != "b1 a2 c0 a3 a4" {
		t.Errorf("got %s", got)
	}
	if !q.empty() || q.pop() != nil || len(q.lanes) != 0 {
		t.Error("not empty")
	}
}

// What it takes to pick the next batch does not depend on how many there are.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("batches=%d", n), func(b *testing.B) {
			groups := []*group{new(group), new(group), new(group)}
			refreshes := make([]*refresh, n)
			for i := range refreshes {
				refreshes[i] = &refresh{batch: &batch{group: groups[i%3]}}
			}
			var q queue
			for _, x := range refreshes {
				q.push(x)
			}
			b.ReportAllocs()
			for b.Loop() {
				q.push(q.pop())
			}
		})
	}
}
