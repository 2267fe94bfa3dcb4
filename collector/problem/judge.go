// Package problem judges cards: the state that each is in, and what is wrong with it.
// Metrics, pages and alerts show what it finds, and judge nothing themselves.
package problem

import (
	"strings"
	"time"

	"simcard_exporter/collector/platform"
)

// Card is what a card is judged by. The zero value is a card without an answer.
type Card struct {
	Limits
	NotInUse bool                    // its row in the list says so
	Expected string                  // IMEI of the device that the list says it is in; "" if it says none
	IMEI     string                  // of the device that it is in; "" if unknown
	Refused  bool                    // in quarantine
	Served   bool                    // an answer is young enough to be served
	Item     *platform.Card          // in that answer; nil if the platform does not know the card
	Invalid  []platform.InvalidField // what could not be read of Item
	WasKnown bool                    // the platform once knew the card
	WasDated bool                    // it once had a date
	Now      platform.Instant
}

// Limits are those of a group.
type Limits struct {
	ExpiringWithin time.Duration // a card that expires sooner is expiring; 0 for none
	LowBalance     float64       // in bytes; a card with less, but not none, is low on data; 0 for none
}

// Judge returns the state that a card is in, and its problems.
func Judge(c *Card) (s State, found Set) {
	if c.NotInUse || c.neverUsed() {
		return NotInUse, 0
	}
	s = OK
	if !c.Served {
		s = NoAnswer
	}
	for _, p := range All() {
		if r := &table[p]; r.has(c) {
			if found == 0 { // the worst
				s = r.state
			}
			found |= 1 << p
		}
	}
	return s, found
}

// neverUsed reports whether the platform says that the card was never activated, and
// there is no data to use: it is in stock.
func (c *Card) neverUsed() bool {
	const placeholder = "0001-" // a time of the year 1; an empty one is missing
	return c.known() && !c.WasDated && (c.Item.Balance == nil && c.sent("balance") == "" || c.Item.Balance != nil && *c.Item.Balance == 0) &&
		strings.HasPrefix(c.sent("activation"), placeholder) && strings.HasPrefix(c.sent("expiry"), placeholder)
}

// sent returns what the platform sent for a field that could not be read; "" if nothing.
func (c *Card) sent(field string) string {
	for _, f := range c.Invalid {
		if f.Field == field {
			return strings.TrimSpace(f.Text)
		}
	}
	return ""
}

// known reports whether the platform knows the card, in an answer that is served.
func (c *Card) known() bool { return c.Served && c.Item != nil }
