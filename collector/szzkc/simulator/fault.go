package simulator

import "fmt"

// Fault is one way in which an answer can go wrong. The zero value is [None].
type Fault int

// The faults, from the connection inwards to the fields of one card.
const (
	// None is a healthy answer.
	None Fault = iota
	// Reset resets the TCP connection before any answer.
	Reset
	// Hang accepts the request and does not answer until the client goes away
	// or the behaviour changes; then the answer is a healthy one.
	Hang
	// Truncated promises the whole answer in Content-Length, sends half of it
	// and closes the connection.
	Truncated

	// ServerError is a 500.
	ServerError
	// Unavailable is a 503 with an HTML page.
	Unavailable
	// Throttled is a 429, with Retry-After if [Behaviour.RetryAfter] is set.
	Throttled
	// NotFoundPage is a 404 with an HTML page.
	NotFoundPage
	// HTML is a 200 with an HTML page that says "under maintenance".
	HTML
	// Empty is a 200 without a body.
	Empty
	// HalfJSON is a 200 whose HTTP is whole and whose JSON ends half-way.
	HalfJSON
	// Oversize is the right answer with 3 MiB of white space before its last
	// brace, streamed without a Content-Length.
	Oversize

	// Rejected is state:false with [Behaviour.ErrorText].
	Rejected
	// NullResult is state:true with a null result.
	NullResult
	// NoState is an empty JSON object.
	NoState

	// ForeignItems puts a card that nobody asked for, and that the platform
	// does not know if asked, before the others.
	ForeignItems
	// RepeatedItems holds every card twice.
	RepeatedItems
	// ShuffledItems reverses the order.
	ShuffledItems
	// UnreadableItem spoils whole items: the first is a string instead of an
	// object, the second has neither IMEI nor ICCID. Further ones are right.
	UnreadableItem
	// UnreadableFields spoils Status, ActiveTS, ExpireTS and Balance of up to
	// four items: text without sense in the first, null or empty in the
	// second, values of other JSON types in the third, and in the fourth
	// they are missing. Further ones are right.
	UnreadableFields
	// ICCIDCase has the letters of ICCIDs in upper case.
	ICCIDCase
	// InvalidUTF8 has bytes in every ServiceNum that are not UTF-8.
	InvalidUTF8
	// DotNetTimes writes the times in .NET's other ways, a way per item, in
	// turn: milliseconds; the offset +08:00; UTC with Z; null; the empty
	// string; year 1; ticks with an offset. Where a time is left it is the
	// card's, to the second.
	DotNetTimes

	faultCount
)

// Faults are all faults in the order of their declaration, without [None].
func Faults() []Fault {
	faults := make([]Fault, 0, faultCount-1)
	for f := None + 1; f < faultCount; f++ {
		faults = append(faults, f)
	}
	return faults
}

// String is the fault's name in lower case with underscores, fit for a test's
// name or a flag.
func (f Fault) String() string {
	names := [faultCount]string{
		None:             "none",
		Reset:            "reset",
		Hang:             "hang",
		Truncated:        "truncated",
		ServerError:      "server_error",
		Unavailable:      "unavailable",
		Throttled:        "throttled",
		NotFoundPage:     "not_found_page",
		HTML:             "html",
		Empty:            "empty",
		HalfJSON:         "half_json",
		Oversize:         "oversize",
		Rejected:         "rejected",
		NullResult:       "null_result",
		NoState:          "no_state",
		ForeignItems:     "foreign_items",
		RepeatedItems:    "repeated_items",
		ShuffledItems:    "shuffled_items",
		UnreadableItem:   "unreadable_item",
		UnreadableFields: "unreadable_fields",
		ICCIDCase:        "iccid_case",
		InvalidUTF8:      "invalid_utf8",
		DotNetTimes:      "dotnet_times",
	}
	if f < 0 || f >= faultCount {
		return fmt.Sprintf("Fault(%d)", int(f))
	}
	return names[f]
}

// spoilsItems says whether the fault changes the items of an answer, and so
// needs an answer that has some.
func (f Fault) spoilsItems() bool {
	return f >= ForeignItems
}
