package collector

// slots are what requests hold while they are in flight, and the queues of what
// waits for one. Suspects, requests that may well bring no answer, hold at most
// half of the slots, but at least one, and take turns with the others, so that
// neither keeps the other from being asked for. refresher.mu protects them.
type slots struct {
	limit    int // of slots
	held     int
	suspects int             // of these
	turn     bool            // the last slot went to a suspect
	healthy  queue           // batches whose last refresh was answered
	suspect  queue           // batches whose last refresh failed
	resumed  []chan struct{} // requests of refreshes in progress; suspects, too
}

// maxResumed bounds how many goroutines wait for a slot.
const maxResumed = 1000

// next gives free slots to what waits: to refreshes in progress on the way, and
// then to the refresh that it returns. It returns nil if there is none.
func (s *slots) next() *refresh {
	for s.held < s.limit {
		suspect := s.suspects < max(1, s.limit/2) && (len(s.resumed) > 0 || !s.suspect.empty())
		healthy := !s.healthy.empty()
		if !suspect && !healthy {
			return nil
		}
		s.turn = suspect && (!s.turn || !healthy)
		s.held++
		if !s.turn {
			return s.healthy.pop()
		}
		s.suspects++
		if len(s.resumed) == 0 {
			return s.suspect.pop()
		}
		close(s.resumed[0])
		s.resumed = s.resumed[1:]
	}
	return nil
}

func (s *slots) release(suspect bool) {
	s.held--
	if suspect {
		s.suspects--
	}
}

func (s *slots) push(x *refresh) {
	if x.suspect {
		s.suspect.push(x)
	} else {
		s.healthy.push(x)
	}
}

// queue orders refreshes: groups take turns, and within a group the first in is
// the first out. That is the one with the oldest answer, since scrapes put those
// in first, and what became due earlier is in already. Putting in and taking out
// take constant time. The zero value is empty.
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
	if q.empty() {
		return nil
	}
	g := q.turns[0]
	q.turns = q.turns[1:]
	lane := q.lanes[g]
	if len(lane) == 1 {
		delete(q.lanes, g)
	} else {
		q.lanes[g] = lane[1:]
		q.turns = append(q.turns, g)
	}
	return lane[0]
}

func (q *queue) empty() bool { return len(q.turns) == 0 }
