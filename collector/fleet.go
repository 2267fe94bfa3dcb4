package collector

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/lithammer/go-jump-consistent-hash"
	"golang.org/x/sync/semaphore"

	"simcard_exporter/collector/szzkc"
)

// Group is a group of cards as the user configured it.
type Group struct {
	Name string
	// Live has the platform ask the mobile operator there and then.
	Live bool
	// An answer younger than MaxAge is reused; with 0 each scrape asks.
	MaxAge time.Duration
	// If no new answer came, one up to StaleIfError old is still served.
	StaleIfError time.Duration
	Cards        []Card
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

// Shard is the share of one of several instances with the same configuration.
// The zero value is all of it.
type Shard struct{ Index, Count int }

// has reports whether the card that key names is in the share. One instance
// more takes its cards evenly from the others and moves no card between them.
func (s Shard) has(key identifier) bool {
	return s.Count <= 1 || jump.Hash(xxhash.Sum64String(key.id), int32(s.Count)) == int32(s.Index)
}

// fleet is what one load of the configuration asks for. It is immutable but
// for the answers and the flights of its batches.
type fleet struct {
	platform Platform
	settings Settings
	groups   []*group
	answers  answers
}

type group struct {
	Group
	configured int // cards, of all shards
	cards      int // cards, of this one
	batches    []*batch
	// lane leaves a slot to other groups, so that one whose requests all hang
	// does not keep the others from being asked.
	lane *semaphore.Weighted
}

// since returns the time after which an answer is fresh for a scrape that
// begins at start.
func (g *group) since(start time.Time) time.Time { return start.Add(-g.MaxAge) }

// answers hold the last answer of each card.
type answers map[identifier]*atomic.Pointer[answer]

// identifier names a card, and which of the platform's two kinds of data is
// asked for. ICCIDs are upper case in it, since the platform may not keep the
// case of their letters.
type identifier struct {
	kind kind
	id   string
	live bool
}

type kind string

const (
	byIMEI  kind = "imei"
	byICCID kind = "iccid"
)

// member is a card of a batch. The answer outlives the fleet: the fleet of the
// next load takes it over, and with it what a request in flight brings.
type member struct {
	id       string // as configured
	expected string // IMEI of the device that the card should sit in, if known
	labels   []string
	answer   *atomic.Pointer[answer]
}

// newFleet splits the cards of each group into batches, in the order of the
// configuration. From previous, if not nil, it takes over the answers of the
// same cards, and batches that have not changed, with what is in flight.
func newFleet(platform Platform, settings Settings, groups []Group, previous *fleet) *fleet {
	f := &fleet{platform: platform, settings: settings, answers: make(answers)}
	var kept answers
	flying := make(map[*atomic.Pointer[answer]]*batch) // by the answer of their first card
	if previous != nil {
		kept = previous.answers
		for _, g := range previous.groups {
			for _, b := range g.batches {
				flying[b.members[0].answer] = b
			}
		}
	}
	now := time.Now()
	for _, configured := range groups {
		g := &group{Group: configured, configured: len(configured.Cards)}
		g.Cards = nil // held by the batches
		width := settings.Concurrency
		if len(groups) > 1 {
			width = max(1, width-1)
		}
		g.lane = semaphore.NewWeighted(int64(width))
		members := make(map[kind][]member)
		for _, c := range configured.Cards {
			if key := c.key(g.Live); settings.Shard.has(key) {
				members[key.kind] = append(members[key.kind], f.member(c, key, kept))
			}
		}
		for _, kind := range []kind{byIMEI, byICCID} {
			g.cards += len(members[kind])
			for chunk := range slices.Chunk(members[kind], szzkc.MaxBatch) {
				b := flying[chunk[0].answer]
				if b != nil && slices.EqualFunc(b.members, chunk, member.equal) {
					b.forget()
				} else {
					b = newBatch(kind, chunk, now)
				}
				g.batches = append(g.batches, b)
			}
		}
		f.groups = append(f.groups, g)
	}
	return f
}

func (c Card) key(live bool) identifier {
	if c.ICCID != "" {
		return identifier{byICCID, strings.ToUpper(c.ICCID), live}
	}
	return identifier{byIMEI, c.IMEI, live}
}

func (f *fleet) member(c Card, key identifier, kept answers) member {
	last := f.answers[key]
	if last == nil {
		last = kept[key]
	}
	if last == nil {
		last = new(atomic.Pointer[answer])
	}
	f.answers[key] = last
	if key.kind == byICCID {
		return member{id: c.ICCID, expected: c.IMEI, labels: c.Labels, answer: last}
	}
	return member{id: c.IMEI, labels: c.Labels, answer: last}
}

func (m member) equal(other member) bool {
	return m.id == other.id && m.expected == other.expected && m.answer == other.answer && slices.Equal(m.labels, other.labels)
}

// UnknownGroupError is a group that the configuration does not have.
type UnknownGroupError struct {
	Name  string
	Known []string
}

func (e *UnknownGroupError) Error() string {
	return fmt.Sprintf("unknown group %q, there are: %s", e.Name, strings.Join(e.Known, ", "))
}

// Selection names the groups of a scrape. The zero value is all of them.
type Selection struct {
	Only   []string // if not empty, these groups
	Except []string // but not these
}

// pick returns the groups that s selects, in the order of the configuration.
func (f *fleet) pick(s Selection) ([]*group, error) {
	var picked []*group
	known := make([]string, len(f.groups))
	for i, g := range f.groups {
		known[i] = g.Name
		if (len(s.Only) == 0 || slices.Contains(s.Only, g.Name)) && !slices.Contains(s.Except, g.Name) {
			picked = append(picked, g)
		}
	}
	for _, name := range slices.Concat(s.Only, s.Except) {
		if !slices.Contains(known, name) {
			return nil, &UnknownGroupError{Name: name, Known: known}
		}
	}
	return picked, nil
}

// due returns the batches of g to ask for in a scrape that begins at start,
// those with the oldest answer first.
func (g *group) due(start time.Time) []*batch {
	type aged struct {
		*batch
		age time.Time
	}
	var due []aged
	for _, b := range g.batches {
		if len(b.toAsk(g.since(start))) > 0 {
			due = append(due, aged{b, b.age()})
		}
	}
	slices.SortStableFunc(due, func(a, b aged) int { return a.age.Compare(b.age) })
	batches := make([]*batch, len(due))
	for i, d := range due {
		batches[i] = d.batch
	}
	return batches
}
