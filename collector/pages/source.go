package pages

import (
	"context"
	"errors"
	"iter"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// Source is what the pages show. Its methods are called concurrently, and the pages change
// nothing of what they return.
type Source interface {
	// Overview returns the state of all groups. That of a large fleet may
	// be half a minute old.
	Overview() Overview
	// Search returns the most urgent cards that a query finds. The error is ctx.Err().
	Search(ctx context.Context, q Query) (Found, error)
	// All yields every card that a query finds, in the order of the configuration,
	// and what can be known of them beside their identifiers.
	All(ctx context.Context, q Query) (columns []Column, cards iter.Seq[Card])
	// Card returns what is known about the card with an identifier, which may be any
	// that is listed or that the platform reports.
	Card(id string) (c Card, found bool)
	// Digest returns what is known of the cards in trouble. The error is ctx.Err().
	Digest(ctx context.Context) (Digest, error)
	// Refresh queries the card alone and live, within all limits, and waits until that has
	// ended or ctx is done. The error is ErrNoCard.
	Refresh(ctx context.Context, id string) error
}

// ErrNoCard means that no card has the identifier.
var ErrNoCard = errors.New("no card has this identifier")

// Query limits a list of cards. Its zero value finds all.
type Query struct {
	// Text is words, all of which a card has in its labels and contact, and numbers, one of
	// which is the end of an identifier of it or, if no card has such a one, a part of these.
	Text    string
	Labels  bool   // numbers are parts of labels and contacts in any case
	State   string // of a problem.State; "" is any
	Problem string // of a problem.Problem; "" is any, or none
	Group   string // "" is any
	Expires string // such as 30d or 2026-12, "" is any time; From and Until follow from it

	From, Until time.Time // the card expires then or later, and before; zero is any time
}

// Found is what a search found.
type Found struct {
	Cards   []Card   // the most urgent first, at most MaxRows
	Total   int      // number of cards that were found
	Groups  []string // the names of all groups
	ByLabel bool     // numbers in the text are parts of labels, not ends of identifiers
	Columns []Column
}

// Column is something that is known of cards beside their identifiers, the most important
// to people first.
type Column struct {
	Name   string // of a label; or contact, phone or address
	Header string // in the card file; "" if none has it
}

// MaxRows is how many cards a list shows at most.
const MaxRows = 100

// Overview is the state of all groups.
type Overview struct {
	At     time.Time // when the cards were counted
	Groups []Group
	Shard  Shard
	Down   []Down // the ways in which the platform does not answer
}

// Down is a way of asking, live or not, in which the platform does not answer: its circuit
// breaker is open.
type Down struct {
	Live  bool
	Since time.Time
	Cause string
}

// Shard is one of Count instances. Index starts at 0; Count is 1 without shards.
type Shard struct{ Index, Count int }

// Group is the state of one group.
type Group struct {
	Name            string
	Live            bool
	Cards           int // of this shard
	ConfiguredCards int // of all shards
	problem.Counts
	Renewals
	Fresh           int // cards with an answer younger than max_age
	Old             int // cards with an older one, which is served all the same
	Batches         int
	FailedBatches   int       // whose last request failed, or that are due while the platform is down
	PlatformDown    bool      // the circuit breaker of the group is open
	OldestAnswer    time.Time // when the oldest of the last answers came; zero without any
	OldestData      time.Time // the earliest moment that the cards' values are about; zero without any
	NewestData      time.Time // the latest one
	Waiting         int       // batches that are queued or in progress
	RequestsToday   int
	PlannedRequests int       // a day
	LastError       string    // of a batch that failed; "" if none did
	NextDue         time.Time // when the next batch is due; zero if one is due already
	Scraped         time.Time // when a scrape last began; zero if none did
}

// Card is what is known about one card.
type Card struct {
	ID                         string  // that it is queried by
	ByIMEI                     bool    // ID is an IMEI, and not an ICCID
	Expected                   string  // IMEI of the device that should hold the card; "" if not configured
	Labels                     []Label // and its contact; in the order of the columns
	Place                      string  // where it is listed; "" if that is unknown
	Group                      string
	Live                       bool
	MaxAge                     time.Duration
	ServedFor                  time.Duration // how old an answer may be to be served
	Shard                      Shard
	Batch, Batches, BatchCards int // the number of its batch, from 1, of how many, with how many cards
	State                      problem.State
	Problems                   problem.Set
	NotInUse                   bool // the list says so

	Answer   *Answer   // the last; nil if there is none
	Refusal  *Refusal  // nil if it is not in quarantine
	Attempts []Attempt // the last requests for its batch, the latest first; only Source.Card fills it in

	BatchError   string    // why its batch failed last; "" if it did not
	PlatformDown bool      // the circuit breaker of its group is open
	LiveDown     bool      // that of live queries is
	Refreshing   bool      // its batch is queued or in progress
	NextDue      time.Time // when a scrape will query it again; zero if the next one will; only Source.Card fills it in
	Scraped      time.Time // when a scrape of its group last began; zero if none did
}

// Label is a label of the user, or a part of the contact.
type Label struct {
	Name, Value string
	Header      string // in the card file; "" if it is from the configuration
	Contact     bool   // it is no label of metrics
}

// Value returns what is known of c under a name, "" if nothing is.
func (c *Card) Value(name string) string {
	for _, l := range c.Labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// Answer is what the platform last said about a card.
type Answer struct {
	At      time.Time               // when the last one came
	About   time.Time               // the moment that what counts describes
	Since   time.Time               // when the platform was first seen to say the present status; zero if that is unknown
	Served  bool                    // it is young enough
	Stale   bool                    // older than max_age, or received by another account: the next scrape queries again
	Invalid []platform.InvalidField // what could not be read

	*platform.Card // nil if the platform does not know the card
}

// Refusal says why a card is in quarantine.
type Refusal struct {
	Since      time.Time // zero if that is unknown
	Until      time.Time // when it is queried again
	Refused    bool      // in words, while others were answered
	Unreadable bool      // its data was, three times in a row; with neither, it failed
	Words      string    // the platform's, or what went wrong; "" if that is unknown
}

// Attempt is one request.
type Attempt struct {
	At       time.Time // when its outcome was known
	Duration time.Duration
	Cards    int  // that were queried
	This     bool // the card in question was among them
	Answered int  // cards in the answer
	Purpose  Purpose
	Outcome  Outcome
	Words    string // what went wrong; "" if nothing did
}

// Purpose is what a request was for, if not for all that was due.
type Purpose string

// The purposes.
const (
	Press   Purpose = "press"   // somebody pressed the button on its card's page
	Control Purpose = "control" // to learn whether the platform answers
	Probe   Purpose = "probe"   // likewise, while the circuit breaker is open
)

// Purposes returns all purposes, in the order in which package collector numbers them.
func Purposes() []Purpose { return []Purpose{"", "", "", Press, Control, Probe} }

// Outcome classifies what a request brought.
type Outcome string

// The outcomes.
const (
	OutcomeAnswered   Outcome = "answered"
	OutcomeIncomplete Outcome = "incomplete" // some items were unreadable
	OutcomeRefused    Outcome = "refused"
	OutcomeFailed     Outcome = "failed"
)

// Outcomes returns all outcomes, in the order in which package collector and saved files
// number them.
func Outcomes() []Outcome {
	return []Outcome{OutcomeAnswered, OutcomeIncomplete, OutcomeRefused, OutcomeFailed}
}
