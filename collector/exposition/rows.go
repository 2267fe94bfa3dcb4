package exposition

import (
	"cmp"
	"time"
)

// Builder makes a Snapshot of rows, some of which may have the same labels: a
// card can be listed by IMEI here and by ICCID there. The zero value is empty.
type Builder struct {
	snapshot Snapshot
	index    map[[2]string]int // into Cards, by IMEI and ICCID
	at       []time.Time       // of the answers of Cards
}

// AddGroup adds a row of a group.
func (b *Builder) AddGroup(g Group) { b.snapshot.Groups = append(b.snapshot.Groups, g) }

// AddCard adds a row of a card with an answer of a time. If there is one with
// the same labels, they are merged: found beats unknown, and then the younger
// answer wins; group and labels are the first one's.
func (b *Builder) AddCard(c Card, at time.Time) {
	if b.index == nil {
		b.index = make(map[[2]string]int)
	}
	key := [2]string{c.IMEI, c.ICCID}
	i, there := b.index[key]
	if !there {
		b.index[key] = len(b.at)
		b.snapshot.Cards, b.at = append(b.snapshot.Cards, c), append(b.at, at)
		return
	}
	first := &b.snapshot.Cards[i]
	first.Expected = cmp.Or(first.Expected, c.Expected)
	first.Refused = first.Refused || c.Refused
	found, known := c.Known != nil, first.Known != nil
	if c.Answered && (found && !known || found == known && at.After(b.at[i])) {
		first.Answered, first.Known, b.at[i] = true, c.Known, at
	}
}

// Snapshot returns what was added. The Builder must not be used any more.
func (b *Builder) Snapshot(labelNames []string) *Snapshot {
	b.snapshot.LabelNames = labelNames
	b.snapshot.sort()
	return &b.snapshot
}
