package collector

import (
	"slices"
	"sync/atomic"
)

// ends holds the last four characters of a card's identifiers: the one that it is
// queried by, the one of the expected device, and the other one that the platform
// reports. A search goes through them first. They lie close together, and a fleet of
// a million cards is searched in milliseconds; to follow its pointers takes ten times
// as long. The last one is written with refresher.mu held, and read without.
type ends [3]uint32

const reported = 2 // the index of the identifier that the platform reports

// endOf returns the last four characters of an identifier, in upper case, the last
// one in the lowest byte. If there are fewer, the rest is 0.
func endOf(identifier string) (end uint32) {
	for _, char := range []byte(identifier[max(0, len(identifier)-4):]) {
		if 'a' <= char && char <= 'z' {
			char -= 'a' - 'A'
		}
		end = end<<8 | uint32(char)
	}
	return end
}

// endMask returns which bits of an end count in a search for n characters.
func endMask(n int) uint32 {
	if n >= 4 {
		return 0xffffffff
	}
	return 1<<(8*n) - 1
}

// have reports whether one of the ends is end, as far as mask goes.
func (e *ends) have(end, mask uint32) bool {
	return e[0]&mask == end || e[1]&mask == end || atomic.LoadUint32(&e[reported])&mask == end
}

// index notes the identifier that the platform reports for c, in the present fleet.
func (r *refresher) index(c *card) {
	present := r.fleet.Load().card(c.id)
	if present == nil || present.record != c.record {
		return
	}
	present.batch.index(present)
}

// index notes the identifier that the platform reports for c, a card of b.
func (b *batch) index(c *card) {
	atomic.StoreUint32(&b.ends[slices.Index(b.cards, c)][reported], endOf(c.reported()))
}

// indexAll notes the identifiers that the platform reports for the cards of b.
func (b *batch) indexAll() {
	for i, c := range b.cards {
		atomic.StoreUint32(&b.ends[i][reported], endOf(c.reported()))
	}
}

// reported returns the identifier that the platform reports beside the one that c is
// queried by; "" if there is none.
func (c *card) reported() string {
	a := c.answer.Load()
	switch {
	case a == nil || a.card == nil:
		return ""
	case c.batch.kind == byIMEI:
		return a.card.ICCID
	default:
		return a.card.IMEI
	}
}
