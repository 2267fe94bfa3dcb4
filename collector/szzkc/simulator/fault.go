package simulator

import "fmt"

// Fault is a way in which an answer goes wrong. The zero value is [None].
type Fault int

// The faults, in layers: connection, HTTP, answer, items.
const (
	// None is no fault.
	None Fault = iota
	// Reset resets the TCP connection without an answer.
	Reset
	// Hang sends no answer until the behaviour is replaced, and then a healthy
	// one.
	Hang
	// Truncated sends half of the answer, though Content-Length is that of the
	// whole, and closes the connection.
	Truncated

	// ServerError is a 500.
	ServerError
	// Unavailable is a 503 with an HTML page.
	Unavailable
	// Throttled is a 429, with Retry-After if [Behaviour.RetryAfter] is set.
	Throttled
	// NotFoundPage is a 404 with an HTML page.
	NotFoundPage
	// Redirect is a 307 to another host, with a secret in the URL. A client that
	// follows it sends the request again.
	Redirect
	// HTML is a 200 with an HTML page about maintenance.
	HTML
	// Empty is a 200 without a body.
	Empty
	// HalfJSON is a 200 with half of the JSON. Content-Length is that of the
	// half.
	HalfJSON
	// Oversize is a healthy answer with 3 MiB of white space before its last
	// brace and no Content-Length.
	Oversize

	// Rejected is state:false with [Behaviour.ErrorText].
	Rejected
	// NullResult is state:true with a null result.
	NullResult
	// NoState is an empty JSON object.
	NoState

	// ForeignItems inserts a card that was not requested, and that the platform
	// does not know, before the others.
	ForeignItems
	// RepeatedItems sends all items twice.
	RepeatedItems
	// ShuffledItems reverses the order of the items.
	ShuffledItems
	// UnreadableItem corrupts up to two items: the first becomes a string, the
	// second loses its IMEI and ICCID.
	UnreadableItem
	// UnreadableFields corrupts Status, ActiveTS, ExpireTS and Balance of up to
	// four items: in the first they are nonsense, in the second null or empty,
	// in the third of other JSON types, in the fourth missing.
	UnreadableFields
	// ICCIDCase sends the letters of ICCIDs in upper case.
	ICCIDCase
	// InvalidUTF8 sends a ServiceNum that is not UTF-8 with every item.
	InvalidUTF8
	// DotNetTimes sends times in other formats and placeholders of .NET. The
	// items take turns: milliseconds; the offset +08:00; UTC with Z; null; the
	// empty string; year 1; seven decimals with an offset. If an item has a
	// time, it is the card's to the second.
	DotNetTimes

	faultCount
)

// Faults returns all faults but [None], in the order of their declaration.
func Faults() []Fault {
	faults := make([]Fault, 0, faultCount-1)
	for f := None + 1; f < faultCount; f++ {
		faults = append(faults, f)
	}
	return faults
}

// String returns the name of the fault in snake case.
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
		Redirect:         "redirect",
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

// corruptsItems reports whether the fault changes the items of an answer. It has no
// effect on an answer without items, except that ForeignItems adds one.
func (f Fault) corruptsItems() bool {
	return f >= ForeignItems
}
