package collector

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// A platform that refuses a batch may do so for a single card's sake. So a
// batch that is refused is split in half and each half is asked, until the
// cards that are refused stand alone. The others are then asked in one request
// again: a refused card costs one request more. The next load forgets it all.
//
// That must not get out of hand when the platform refuses everything, or now
// and then for no card's sake:
//   - Splits are limited in rate, all batches together.
//   - If each card is refused even alone, the cards are not to blame: the batch
//     is whole again, and is left whole for a number of flights, which doubles.
//   - The more often what was put together has been refused, the longer its
//     parts stay apart: twice as long each time.

// refusals is what a batch remembers of being refused.
type refusals struct {
	times     int // that a whole part was split
	calm      int // flights since the last split
	fruitless int // times in a row that splitting found no card to answer for
	wait      int // refusals of the whole until it is split again
}

// maxDoublings bounds all doubling: a day at a scrape a minute.
const maxDoublings = 10

// split replaces p, which was refused, by its halves and returns them; none if
// p is one card, or it is not the time for it.
func (b *batch) split(p part, limiter *rate.Limiter) []part {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.whole && b.wait > 0 {
		b.wait--
		return nil
	}
	if len(p.members) == 1 || !limiter.Allow() {
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

// refuse notes that the platform refused p.
func (b *batch) refuse(p part) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.state, p.tried = refused, time.Now()
	p.refused++
	b.replace(p, p)
}

// accept notes that the platform answered p.
func (b *batch) accept(p part) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fruitless, b.wait = 0, 0
	p.state, p.tried, p.alone, p.refused = answered, time.Now(), false, 0
	b.replace(p, p)
}

// fault notes that p got no answer for another reason.
func (b *batch) fault(p part) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.tried = time.Now()
	b.replace(p, p)
}

// replace puts others in the place of p. mu is held.
func (b *batch) replace(p part, others ...part) {
	i := slices.IndexFunc(b.parts, func(old part) bool { return &old.members[0] == &p.members[0] })
	b.parts = slices.Replace(slices.Clone(b.parts), i, i+1, others...)
}

// settle puts together again what need not stay apart, once it is known of
// each part whether the platform answers it.
func (b *batch) settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	is := func(s partState) func(part) bool { return func(p part) bool { return p.state == s } }
	if len(b.parts) == 1 || slices.ContainsFunc(b.parts, is(unasked)) {
		return
	}
	if !slices.ContainsFunc(b.parts, is(answered)) {
		if slices.ContainsFunc(b.parts, func(p part) bool { return !p.whole && !p.alone }) {
			b.fruitless++
			b.wait = 1 << min(b.fruitless, maxDoublings)
		}
		b.merge(func(p part) bool { return !p.alone }, unasked) // alone was known before
		return
	}
	parts := slices.Clone(b.parts)
	for i, p := range parts {
		if p.state == refused && len(p.members) > 1 {
			return // there is more to split
		}
		parts[i].alone = p.state == refused
	}
	b.parts = parts
	if b.calm++; b.calm >= 1<<min(b.times-1, maxDoublings) {
		b.merge(is(answered), answered)
	}
}

// merge makes one whole part of those that are together; the others stay
// behind it. mu is held.
func (b *batch) merge(together func(part) bool, state partState) {
	parts := []part{{whole: true, state: state}}
	for _, p := range b.parts {
		if together(p) {
			parts[0].members = append(parts[0].members, p.members...)
		} else {
			parts = append(parts, p)
		}
	}
	b.parts = parts
}

// forget forgets the refusals, at the end of the flight if one is under way
// that knows of the parts.
func (b *batch) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.flight != nil {
		b.forgetful = true
		return
	}
	b.reset()
}

// reset makes the batch whole. mu is held.
func (b *batch) reset() {
	b.parts, b.refusals, b.forgetful = []part{{members: b.members, whole: true}}, refusals{}, false
}
