package collector

import (
	"time"

	"simcard_exporter/collector/platform"
)

// view is what is known about a card. It can be listed twice, by IMEI and by ICCID: then
// it has two mentions, each a card of the fleet, and is one card as soon as the platform
// says so.
type view struct {
	first, second *card            // mention in the configuration; second is nil if there is only one
	answer        *answer          // what counts; nil if there is none
	came          platform.Instant // when the last answer about it came; 0 if there was none
}

// view returns what is known about c at a moment, if last returns the answers of cards.
func (c *card) view(now time.Time, last func(*card) *answer) (v view) {
	v.first, v.second = c, c.twin(last)
	if v.second != nil && v.second.position < c.position {
		v.first, v.second = v.second, c
	}
	v.add(last(v.first), now)
	if v.second != nil {
		v.add(last(v.second), now)
	}
	return v
}

// add takes the answer of a mention into account.
func (v *view) add(a *answer, now time.Time) {
	if a == nil {
		return
	}
	if v.answer == nil || a.replaces(v.answer.moments, now) {
		v.answer = a
	}
	v.came = max(v.came, a.came)
}

// twin returns the other mention of the card c, if each names the other; nil if there is
// none.
func (c *card) twin(last func(*card) *answer) *card {
	if twin := c.named(last(c)); twin != nil && twin.named(last(twin)) == c {
		return twin
	}
	return nil
}

// named returns the mention that is listed by the identifier that a, the answer about c,
// reports beside c's own. A card without an answer names the one whose answer named it
// last. It returns nil if there is none.
func (c *card) named(a *answer) *card {
	f := c.batch.group.fleet
	switch {
	case a == nil:
		named, _ := f.twins.Load(c)
		twin, _ := named.(*card)
		return twin
	case a.card == nil:
		return nil
	}
	return f.card(c.beside(a.card))
}

// noteTwin notes which other mention an answer about c names.
func (f *fleet) noteTwin(c *card, a *answer) {
	if a != nil {
		if twin := c.named(a); twin != nil {
			f.twins.Store(twin, c)
		}
	}
}

// beside returns the identifier that the platform reports beside the one that c is
// queried by; "" if there is none.
func (c *card) beside(item *platform.Card) string {
	if c.batch.kind == byIMEI {
		return item.ICCID
	}
	return item.IMEI
}
