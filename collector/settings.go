package collector

import (
	"time"

	"github.com/cespare/xxhash/v2"

	"simcard_exporter/collector/plan"
	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
	"simcard_exporter/config/cards"
)

// Group is a group of cards as configured. The zero value has no cards.
type Group struct {
	Name string
	// With Live, the platform queries the mobile operator for each request, which
	// is slow; without, its data is as of the end of yesterday.
	Live bool
	// An answer younger than MaxAge is reused; with 0, every scrape queries.
	MaxAge time.Duration
	// If there is no newer answer, the last one is served for StaleIfError beyond
	// MaxAge.
	StaleIfError time.Duration
	problem.Limits
	// InvalidRows is how many rows of the group's card files are left out, since they
	// cannot be a card.
	InvalidRows int
	// A card that is listed earlier, in this group or another, is left out.
	// Their labels are values of Settings.LabelNames, in their order.
	Cards []cards.Card
}

// Settings limit the load on the platform, and hold what all groups have in common.
// With the zero value, nothing is queried.
type Settings struct {
	Timeout     time.Duration  // of one request
	Concurrency int            // requests in flight, all groups together
	RateLimit   float64        // requests per second, all groups together; 0 is no limit
	MaxRetries  int            // of one request, beyond the first attempt
	LabelNames  []string       // the user's labels, on simcard_info and simcard_problem
	Shard       Shard          // which of the cards are queried here
	Columns     []cards.Column // what is known of cards, labels and contacts, the most important to people first; nil is the labels
	Fingerprint string         // of the platform: saved answers with another are not loaded

	PlaceText func(cards.Place) string // where a card is listed, such as cards.csv:7; nil if no card has a Place
	Location  *time.Location           // of the platform; its days are those that requests are counted by; nil is UTC
}

// sendRate returns a rate slightly below RateLimit. The platform counts requests as
// they arrive, and with the network's jitter one too many could arrive in a second.
func (s Settings) sendRate() float64 { return s.RateLimit * .98 }

// Shard selects the cards of one of Count instances with the same configuration, at most
// maxShards. Index starts at 0. The zero value selects all cards.
type Shard struct{ Index, Count int }

// Each card is weighed for every shard at a load: with so many, a million cards take
// about a minute.
const maxShards = 1000

// has reports whether the card with a key belongs to the shard: rendezvous hashing, where
// the shard that gives the key the greatest hash has it. So a new shard takes its cards
// evenly from the others, and no card moves between these.
func (s Shard) has(key string) bool {
	var hash xxhash.Digest
	var owner int
	var greatest uint64
	for shard := range s.Count {
		hash.ResetWithSeed(uint64(shard))
		_, _ = hash.WriteString(key) // which never fails
		if weight := hash.Sum64(); weight >= greatest {
			owner, greatest = shard, weight
		}
	}
	return s.Index == owner
}

// Plan returns what a configuration costs the platform, in the batches that Load would
// make of it.
func Plan(client platform.Client, settings Settings, groups []Group) plan.Plan {
	return newFleet(client, settings, groups, nil).plan()
}

// Plan returns what the configuration that is in use costs the platform.
func (c *Collector) Plan() plan.Plan { return c.fleet.Load().plan() }

func (f *fleet) plan() plan.Plan {
	s := f.settings
	p := plan.Plan{Concurrency: s.Concurrency, RateLimit: s.RateLimit, SendRate: s.sendRate(), Shard: s.Shard.Index, Shards: s.Shard.Count}
	for _, g := range f.groups {
		p.Groups = append(p.Groups, g.plan())
	}
	return p
}

func (g *group) plan() plan.Group {
	return plan.Group{Name: g.Name, Live: g.Live, MaxAge: g.MaxAge, StaleIfError: g.StaleIfError, Cards: g.shardCards, Batches: len(g.batches)}
}
