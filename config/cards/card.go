// Package cards holds what is known of a card before the platform is asked: what the
// rows of a card file and the lists of a configuration become.
package cards

// Card is a card as configured, with at least one identifier. It is queried by its
// ICCID if that is given, and then IMEI is the device that it is expected in.
type Card struct {
	IMEI  string // 15 digits, or "" if not given
	ICCID string // 19 or 20 letters and digits as the user wrote them, or "" if not given

	// Labels are the values of the configuration's label names, in their order;
	// "" where the card has none. Cards of a group may share them.
	Labels []string

	Place Place // where it is listed first
}

// Place is where a card is listed, in eight bytes: there can be three million. Only the
// configuration that it is from can say it in words. The zero value is no place.
type Place uint64
