package collector

// queue orders refreshes: groups take turns, and within a group the first in is
// the first out. Since scrapes put in what is due with the oldest answer first,
// and what became due earlier is in already, that is the oldest answer. Putting
// in and taking out take constant time. The zero value is empty.
type queue struct {
	lanes map[*group][]*refresh
	turns []*group // those with refreshes, the next one first
}

func (q *queue) push(x *refresh) {
	if q.lanes == nil {
		q.lanes = make(map[*group][]*refresh)
	}
	g := x.batch.group
	if len(q.lanes[g]) == 0 {
		q.turns = append(q.turns, g)
	}
	q.lanes[g] = append(q.lanes[g], x)
}

// pop returns nil if the queue is empty.
func (q *queue) pop() *refresh {
	if len(q.turns) == 0 {
		return nil
	}
	g := q.turns[0]
	q.turns = q.turns[1:]
	lane := q.lanes[g]
	x := lane[0]
	lane[0] = nil // or the array behind the lane would keep it
	if lane = lane[1:]; len(lane) == 0 {
		delete(q.lanes, g)
	} else {
		q.lanes[g] = lane
		q.turns = append(q.turns, g)
	}
	return x
}

func (q *queue) empty() bool { return len(q.turns) == 0 }
