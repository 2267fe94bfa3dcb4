package collector

import "slices"

// A platform that refuses a batch may do so for a single card's sake. So a
// batch that is refused is split in half and each half is asked, until the
// cards that are refused stand alone. The others are then asked in one request
// again: a refused card costs one request more. The next load forgets it all.
//
// Two things keep that from getting out of hand. If each card is refused even
// alone, the cards are not to blame: the batch is whole again and is not split
// before the platform answers it, nor is any other batch of the fleet before
// the platform answers one. And the more often what was put together has been
// refused, the longer its parts stay apart: twice as long each time.

// refusals is what a batch remembers of being refused.
type refusals struct {
	hopeless bool // each card alone was refused, and none has been answered since
	times    int  // that a whole part was refused
	calm     int  // flights that ended well since the last split
}

// maxApart bounds for how many flights parts stay apart, as a power of two: a
// day at a scrape a minute.
const maxApart = 10

// split replaces p, which was refused, by its halves and returns them; none if
// p is one card, or splitting is of no use.
func (b *batch) split(p part, overloaded bool) []part {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(p.members) == 1 || b.hopeless || overloaded {
		return nil
	}
	if p.whole {
		b.times++
	}
	b.calm = 0
	half := len(p.members) / 2
	halves := []part{{members: p.members[:half]}, {members: p.members[half:]}}
	b.replace(p, halves...)
	return halves
}

// refuse notes that the platform refused p, and accept that it answered it.
func (b *batch) refuse(p part) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.asked, p.asked, p.accepted, p.refused = true, true, false, len(p.members) == 1
	b.replace(p, p)
}

func (b *batch) accept(p part) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hopeless = false
	p.asked, p.accepted, p.refused = true, true, false
	b.replace(p, p)
}

// replace puts others in the place of p. mu is held.
func (b *batch) replace(p part, others ...part) {
	i := slices.IndexFunc(b.parts, func(old part) bool { return &old.members[0] == &p.members[0] })
	b.parts = slices.Replace(slices.Clone(b.parts), i, i+1, others...)
}

// settle, once each part has been asked, puts together what need not stay
// apart. It returns true if the platform accepts none of them.
func (b *batch) settle() (hopeless bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	unasked := func(p part) bool { return !p.asked }
	accepted := func(p part) bool { return p.accepted }
	apart := slices.Clone(b.parts)
	var alone []part
	switch {
	case len(b.parts) == 1 || slices.ContainsFunc(b.parts, unasked):
		return false
	case !slices.ContainsFunc(b.parts, accepted):
		b.hopeless = true
	default:
		refused := func(p part) bool { return p.refused }
		apart = slices.DeleteFunc(apart, refused)
		alone = slices.DeleteFunc(slices.Clone(b.parts), func(p part) bool { return !p.refused })
		b.calm++
		if len(apart) == 1 || b.calm < 1<<min(b.times-1, maxApart) {
			return false
		}
	}
	whole := part{whole: true, asked: true, accepted: !b.hopeless}
	for _, p := range apart {
		whole.members = append(whole.members, p.members...)
	}
	b.parts = append([]part{whole}, alone...)
	return b.hopeless
}
