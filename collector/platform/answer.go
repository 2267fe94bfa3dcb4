package platform

import "time"

// Answer is the platform's answer to one request. With neither Cards nor Invalid,
// as in the zero value, the platform knows none of the requested cards.
type Answer struct {
	// Cards holds the readable items in the platform's order. It need not agree
	// with the request: cards may be missing, repeated or foreign; see [Answer.Match].
	Cards []Card
	// Invalid lists the fields that were missing, empty or unreadable.
	Invalid []InvalidField
	// RetryAfter is the wait that the platform asked for before the next
	// request, or 0. It is also set if the request failed.
	RetryAfter time.Duration
}

// Card is one card as the platform reports it. A field that was missing, empty or
// unreadable has its zero value: "", nil or 0.
type Card struct {
	ServiceNumber string
	IMEI          string   // of the device that the card sits in
	ICCID         string   // letters in the platform's case
	Status        *int     // 1 in service, 0 suspended; other values are passed on
	Balance       *float64 // bytes left in this calendar month, never negative
	Activated     Instant  // when the card was activated
	Expires       Instant  // when the card expires
}

// InvalidField is a field of one item that was missing, empty or unreadable.
type InvalidField struct {
	Item  int    // index of the item in the answer
	Field string // one of Fields
	Text  string // at most the first 64 bytes of what was sent; may be empty
}

// Fields returns every value of InvalidField.Field. The value "item" means a whole
// item: it has neither IMEI nor ICCID and is left out of Answer.Cards.
func Fields() []string {
	return []string{"item", "service_number", "imei", "iccid", "status", "activation", "expiry", "balance"}
}
