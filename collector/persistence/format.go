package persistence

// A file consists of
//
//   - a line with magic and the version,
//   - frames: the length as a varint, then as many bytes of CBOR. The first is the
//     header, the others are records,
//   - a frame of length 0,
//   - the 64-bit xxHash, big endian, of all before it.
//
// In the types below, the numbers are those of the fields. A new field gets a new
// number, and no number is used again. So an older program ignores what it does not
// know, and a newer one finds zero values where something is missing. A change that an
// older program must not ignore needs a new version.
const (
	magic        = "simcard_exporter answers "
	version      = 1
	maxFrame     = 1 << 16 // bytes; a record has less than 2 KiB
	checksumSize = 8       // bytes
)

// header says where a file is from. Times are in nanoseconds since the Unix epoch, here
// and below.
type header struct {
	Fingerprint string `cbor:"1,keyasint"` // of the platform that gave the answers
	SavedAt     int64  `cbor:"2,keyasint"`
}

// Record is what is known about one card.
type Record struct {
	ID      string   `cbor:"1,keyasint"`           // that the card is queried by
	Live    bool     `cbor:"2,keyasint,omitempty"` // as Group.Live
	Answer  *Answer  `cbor:"3,keyasint,omitempty"` // nil if there is none
	Trouble *Trouble `cbor:"4,keyasint,omitempty"` // nil if there is none
}

// Answer is what the platform last said about the card.
type Answer struct {
	At    int64 `cbor:"1,keyasint"`           // when the last answer came
	Stale bool  `cbor:"2,keyasint,omitempty"` // to be queried again, however young it is
	Card  *Card `cbor:"3,keyasint,omitempty"` // nil if the platform does not know the card

	Invalid map[string]string `cbor:"4,keyasint,omitempty"` // by field, what could not be read

	About int64  `cbor:"5,keyasint,omitempty"` // the moment that it describes; 0 is what At tells
	Since uint32 `cbor:"6,keyasint,omitempty"` // in seconds, when the platform first said the present status; 0 is unknown
	// 7 was in use before.
	Dated bool  `cbor:"8,keyasint,omitempty"` // some answer had a date of the card
	Was   *Card `cbor:"9,keyasint,omitempty"` // what the platform last said of a card that it no longer knows; nil for any other
}

// Card is the card in an answer. A field that the platform did not send, or that
// could not be read, has its zero value.
type Card struct {
	ServiceNumber string   `cbor:"1,keyasint,omitempty"`
	IMEI          string   `cbor:"2,keyasint,omitempty"`
	ICCID         string   `cbor:"3,keyasint,omitempty"`
	Status        *int     `cbor:"4,keyasint,omitempty"`
	Balance       *float64 `cbor:"5,keyasint,omitempty"` // bytes
	Activated     int64    `cbor:"6,keyasint,omitempty"` // 0 is no time
	Expires       int64    `cbor:"7,keyasint,omitempty"` // 0 is no time
}

// Trouble counts the failures that the card is to blame for.
type Trouble struct {
	Unreadable uint8  `cbor:"1,keyasint,omitempty"` // unreadable items in a row
	Failures   uint16 `cbor:"2,keyasint,omitempty"` // times in a row that it was quarantined
	Until      int64  `cbor:"3,keyasint,omitempty"` // in quarantine, when to query the card again

	Since   int64  `cbor:"4,keyasint,omitempty"` // in quarantine, when that began
	Outcome uint8  `cbor:"5,keyasint,omitempty"` // of the request that led to it, as the collector numbers them
	Words   string `cbor:"6,keyasint,omitempty"` // what that brought
}
