package collector

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"simcard_exporter/collector/szzkc"
)

// Group is a group of cards as the user configured it.
type Group struct {
	Name string
	// Live has the platform ask the mobile operator there and then.
	Live  bool
	Cards []Card
}

// Card is a card as the user configured it: one identifier, by which the
// platform is asked, and the user's labels.
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
}

// fleet is what one load of the configuration asks for. It is immutable but
// for the answers and the flights of its batches.
type fleet struct {
	platform Platform
	settings Settings
	gate     *gate
	groups   []*group
	answers  answers
}

type group struct {
	name    string
	live    bool
	cards   int
	batches []*batch
}

// answers hold the last answer of each card.
type answers map[identifier]*atomic.Pointer[answer]

// identifier names a card. ICCIDs are upper case in it, since the platform may
// not keep the case of their letters.
type identifier struct {
	kind kind
	id   string
}

type kind string

const (
	byIMEI  kind = "imei"
	byICCID kind = "iccid"
)

// member is a card of a batch. The answer outlives the fleet: the fleet of the
// next load takes it over, and with it what a request in flight brings.
type member struct {
	id     string // as configured
	labels []string
	answer *atomic.Pointer[answer]
}

// newFleet splits the cards of each group into batches, in the order of the
// configuration. It takes over the answers that kept has of the same cards.
func newFleet(platform Platform, settings Settings, gate *gate, groups []Group, kept answers) *fleet {
	f := &fleet{
		platform: platform,
		settings: settings,
		gate:     gate,
		answers:  make(answers),
	}
	for _, configured := range groups {
		g := &group{name: configured.Name, live: configured.Live, cards: len(configured.Cards)}
		members := make(map[kind][]member)
		for _, c := range configured.Cards {
			kind, m := f.member(c, kept)
			members[kind] = append(members[kind], m)
		}
		for _, kind := range []kind{byIMEI, byICCID} {
			for chunk := range slices.Chunk(members[kind], szzkc.MaxBatch) {
				g.batches = append(g.batches, newBatch(g, kind, chunk))
			}
		}
		f.groups = append(f.groups, g)
	}
	return f
}

func (f *fleet) member(c Card, kept answers) (kind, member) {
	key := identifier{byIMEI, c.IMEI}
	id := c.IMEI
	if c.ICCID != "" {
		key = identifier{byICCID, strings.ToUpper(c.ICCID)}
		id = c.ICCID
	}
	last := f.answers[key]
	if last == nil {
		last = kept[key]
	}
	if last == nil {
		last = new(atomic.Pointer[answer])
	}
	f.answers[key] = last
	return key.kind, member{id: id, labels: c.Labels, answer: last}
}

// due returns the batches that have no answer since then, those with the
// oldest answer first.
func (f *fleet) due(since time.Time) []*batch {
	type aged struct {
		*batch
		oldest time.Time
	}
	var due []aged
	for _, g := range f.groups {
		for _, b := range g.batches {
			if !b.fresh(since) {
				due = append(due, aged{b, b.oldest()})
			}
		}
	}
	slices.SortStableFunc(due, func(a, b aged) int { return a.oldest.Compare(b.oldest) })
	batches := make([]*batch, len(due))
	for i, d := range due {
		batches[i] = d.batch
	}
	return batches
}
