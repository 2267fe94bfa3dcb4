// Package cards makes cards of what people list: the rows of card files, and the entries
// of a configuration. It finds the columns, repairs what spreadsheets do to numbers, and
// says what is wrong with the rest. It knows no YAML.
package cards

// Card is a card as configured, with at least one identifier. It is queried by its
// ICCID if that is given, and then IMEI is the device that it is expected in.
type Card struct {
	IMEI  string // 15 digits, or "" if not given
	ICCID string // 19 or 20 letters and digits as the user wrote them, or "" if not given

	// Labels are the values of the configuration's label names, in their order;
	// "" where the card has none. Cards of a group may share them.
	Labels []string

	// Contact is what the card's row says about people and where to find them, nil if
	// nothing. It is no label of metrics.
	Contact *Contact

	Place Place // where it is listed first

	// NotInUse says that all rows of the card call it out of use, by a value of not_in_use.
	NotInUse bool
}

// Contact is whom to call about a card. Any of it may be "".
type Contact struct{ Person, Phone, Address string }
