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
	wasDated      bool             // the card has a date, or once had
}

// view returns what is known about c at a moment. It looks at each answer once.
func (c *card) view(now time.Time) (v view) {
	v.first = c
	own := c.last()
	if twin := c.named(own); twin != nil {
		if a := twin.last(); twin.named(a) == c { // each names the other
			v.second = twin
			v.add(a, now)
		}
	}
	v.add(own, now)
	if v.second != nil && v.second.position < c.position {
		v.first, v.second = v.second, c
	}
	return v
}

// add takes the answer of a mention, which may be nil, into account.
func (v *view) add(a *answer, now time.Time) {
	if a != nil {
		v.came, v.wasDated = max(v.came, a.came), v.wasDated || a.wasDated
		if a.replaces(v.answer, now) {
			v.answer = a
		}
	}
}

// named returns the mention that is listed by the identifier that a, the answer about c,
// reports beside c's own; nil if there is none. Without an answer, c names the card whose
// answer names it.
func (c *card) named(a *answer) *card {
	f := c.batch.group.fleet
	switch {
	case a == nil:
		noted, _ := f.twins.Load(c)
		twin, _ := noted.(*card)
		return twin
	case a.item == nil || len(f.kinds) == 1: // a look-up for each card takes most of the time of an overview
		return nil
	default:
		return f.card(c.beside(a.item))
	}
}

// noteTwin notes for the mention that an answer about c names, if any, that it is c's. If
// several cards name it, the first of those counts that the platform knows, or else the first.
func (c *card) noteTwin(a *answer) {
	if a == nil {
		return
	}
	twin := c.named(a)
	if twin == nil {
		return
	}
	twins := &c.batch.group.fleet.twins
	noted, _ := twins.Load(twin)
	other, _ := noted.(*card)
	known, otherKnown := a.card() != nil, other != nil && other.last().card() != nil
	if other == nil || other.named(other.last()) != twin || known && !otherKnown || known == otherKnown && c.position < other.position {
		twins.Store(twin, c)
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
