package collector

import (
	"math"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/lithammer/go-jump-consistent-hash"
)

// Group is a group of cards as the user configured it. The zero value has none.
type Group struct {
	Name string
	// With Live the platform asks the mobile operator for each request, which is
	// slow; without it the data is of the end of yesterday.
	Live bool
	// An answer younger than MaxAge is reused; with 0 each scrape queries.
	MaxAge time.Duration
	// While there is no newer one, an answer is served for StaleIfError beyond
	// MaxAge.
	StaleIfError time.Duration
	// A card that is listed before, in this group or an earlier one, is left out.
	Cards []Card
}

// Card is a card as the user configured it, by at least one identifier. With both
// the platform is queried by ICCID, and IMEI is the device that the card is
// expected in.
type Card struct {
	IMEI  string
	ICCID string
	// Labels are values of Settings.LabelNames, in their order.
	Labels []string
}

// Settings bound the load on the platform, and hold what all groups have in
// common. With the zero value nothing is queried.
type Settings struct {
	Timeout     time.Duration // of one request
	Concurrency int           // requests in flight, of all groups together
	RateLimit   float64       // requests per second, of all groups together; 0 is no limit
	MaxRetries  int           // of one request
	LabelNames  []string      // the user's labels on simcard_info
	Shard       Shard         // which of the cards are queried here
}

// MaxConcurrency is the most that Settings.Concurrency may be.
const MaxConcurrency = 1000

// paced is RateLimit less a little: the platform counts requests as they arrive,
// and the network's jitter must not bring one too many within a second.
func (s Settings) paced() float64 { return s.RateLimit * .98 }

// MaxShards is the most that Shard.Count may be.
const MaxShards = math.MaxInt32

// Shard is the share of the cards of one of several instances with the same
// configuration. Index counts from 0. The zero value is all cards.
type Shard struct{ Index, Count int }

// has reports whether a card is in the shard. One shard more takes its cards
// evenly from the others, and moves none between them.
func (s Shard) has(key string) bool {
	return s.Count <= 1 || jump.Hash(xxhash.Sum64String(key), int32(s.Count)) == int32(s.Index)
}
