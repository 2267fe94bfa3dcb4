package collector

import (
	"math"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/lithammer/go-jump-consistent-hash"
)

// Group is a group of cards as the user configured it.
type Group struct {
	Name string
	// Live has the platform ask the mobile operator there and then.
	Live bool
	// An answer younger than MaxAge is reused; with 0 each scrape asks.
	MaxAge time.Duration
	// While no newer one came, an answer is served for StaleIfError beyond
	// MaxAge.
	StaleIfError time.Duration
	// Cards lists each identifier once in all groups; of repeated ones the
	// first counts.
	Cards []Card
}

// Card is a card as the user configured it. With both identifiers the platform
// is asked by ICCID, and IMEI is the device that the card is expected in.
type Card struct {
	IMEI  string
	ICCID string
	// Labels are values of Settings.LabelNames, in their order.
	Labels []string
}

// Settings bound what the platform is asked for.
type Settings struct {
	Timeout     time.Duration // of one request
	Concurrency int           // requests in flight, all groups together
	RateLimit   float64       // requests per second, all groups together; 0 is no limit
	MaxRetries  int           // further attempts at one request
	LabelNames  []string      // the user's labels on simcard_info
	Shard       Shard         // which of the cards are this instance's
}

// MaxConcurrency is the most that Settings.Concurrency may be.
const MaxConcurrency = 1000

// paced is RateLimit less a little: the platform counts when requests arrive,
// and the network's jitter must not make one too many in a second.
func (s Settings) paced() float64 { return s.RateLimit * .98 }

// MaxShards is the most that Shard.Count may be.
const MaxShards = math.MaxInt32

// Shard is the share of one of several instances with the same configuration.
// The zero value is all of it.
type Shard struct{ Index, Count int }

// has reports whether a card is in the share. One instance more takes its
// cards evenly from the others and moves no card between them.
func (s Shard) has(key string) bool {
	return s.Count <= 1 || jump.Hash(xxhash.Sum64String(key), int32(s.Count)) == int32(s.Index)
}
