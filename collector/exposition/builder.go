package exposition

import (
	"cmp"
	"slices"
	"time"
)

// Builder collects rows for a Snapshot and merges rows with the same labels: one
// card can be configured twice, by IMEI and by ICCID. The zero value is empty
// and ready for use. A Builder is not safe for concurrent use.
type Builder struct {
	snapshot Snapshot
	repeated map[[2]string]repeated // by IMEI and ICCID
}

// repeated is a row with which another may be merged.
type repeated struct {
	row        int // in snapshot.Cards
	answeredAt time.Time
}

// Reuse makes the builder use the memory of rows that are not needed any more.
func (b *Builder) Reuse(rows []Card) { b.snapshot.Cards = rows[:0] }

// Grow makes room for n more rows of cards.
func (b *Builder) Grow(n int) { b.snapshot.Cards = slices.Grow(b.snapshot.Cards, n) }

// AddGroup adds the row of a group. The caller adds each group once.
func (b *Builder) AddGroup(g Group) { b.snapshot.Groups = append(b.snapshot.Groups, g) }

// AddCard adds the row of a card whose IMEI and ICCID no other row has.
func (b *Builder) AddCard(c Card) { b.snapshot.Cards = append(b.snapshot.Cards, c) }

// MergeCard adds the row of a card that was answered at the given time, which
// matters only if c.Answered, and whose IMEI and ICCID another row may have.
//
// If one has, c is merged into it. The earlier row keeps its group and labels, and
// its Expected unless that is empty; the card is refused if either row says so. An
// answer that has the card beats one that does not; otherwise the later answer wins.
func (b *Builder) MergeCard(c Card, at time.Time) {
	if b.repeated == nil {
		b.repeated = make(map[[2]string]repeated)
	}
	key := [2]string{c.IMEI, c.ICCID}
	first, exists := b.repeated[key]
	if !exists {
		b.repeated[key] = repeated{len(b.snapshot.Cards), at}
		b.AddCard(c)
		return
	}
	row := &b.snapshot.Cards[first.row]
	row.Expected = cmp.Or(row.Expected, c.Expected)
	row.Refused = row.Refused || c.Refused
	if c.Answered && beats(c, at, *row, first.answeredAt) {
		row.Answered, row.Known = true, c.Known
		b.repeated[key] = repeated{first.row, at}
	}
}

// beats reports whether the answer of c replaces that of row.
func beats(c Card, at time.Time, row Card, rowAt time.Time) bool {
	if (c.Known != nil) != (row.Known != nil) {
		return c.Known != nil
	}
	return at.After(rowAt)
}

// Snapshot returns the rows added so far, in their order.
// labelNames are the names of every Card.Labels. The Builder must not be used
// afterwards, since the Snapshot shares its memory.
func (b *Builder) Snapshot(labelNames []string) *Snapshot {
	b.snapshot.LabelNames = labelNames
	return &b.snapshot
}
