package exposition

import (
	"cmp"
	"time"
)

// Builder collects rows for a Snapshot and merges rows with the same labels: one
// card can be configured twice, by IMEI and by ICCID. The zero value is empty
// and ready for use. A Builder is not safe for concurrent use.
type Builder struct {
	snapshot   Snapshot
	index      map[[2]string]int // into snapshot.Cards, by IMEI and ICCID
	answeredAt []time.Time       // parallel to snapshot.Cards
}

// AddGroup adds the row of a group. The caller adds each group once.
func (b *Builder) AddGroup(g Group) { b.snapshot.Groups = append(b.snapshot.Groups, g) }

// AddCard adds the row of a card that was answered at the given time, which
// matters only if c.Answered.
//
// A row with the IMEI and the ICCID of an earlier one is merged into it. The
// earlier row keeps its group and labels, and its Expected unless that is empty;
// the card is refused if either row says so. An answer that has the card beats
// one that does not; otherwise the later answer wins.
func (b *Builder) AddCard(c Card, at time.Time) {
	if b.index == nil {
		b.index = make(map[[2]string]int)
	}
	key := [2]string{c.IMEI, c.ICCID}
	i, exists := b.index[key]
	if !exists {
		b.index[key] = len(b.snapshot.Cards)
		b.snapshot.Cards = append(b.snapshot.Cards, c)
		b.answeredAt = append(b.answeredAt, at)
		return
	}
	row := &b.snapshot.Cards[i]
	row.Expected = cmp.Or(row.Expected, c.Expected)
	row.Refused = row.Refused || c.Refused
	if c.Answered && beats(c, at, *row, b.answeredAt[i]) {
		row.Answered, row.Known, b.answeredAt[i] = true, c.Known, at
	}
}

// beats reports whether the answer of c replaces that of row.
func beats(c Card, at time.Time, row Card, rowAt time.Time) bool {
	if (c.Known != nil) != (row.Known != nil) {
		return c.Known != nil
	}
	return at.After(rowAt)
}

// Snapshot returns the rows added so far, the cards in the order of exposition.
// labelNames are the names of every Card.Labels. The Builder must not be used
// afterwards, since the Snapshot shares its memory.
func (b *Builder) Snapshot(labelNames []string) *Snapshot {
	b.snapshot.LabelNames = labelNames
	b.snapshot.sort()
	return &b.snapshot
}
