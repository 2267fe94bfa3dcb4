package collector

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/config/cards"
)

// fleet is the configuration of one load. Its mutable parts pass to the fleet of
// the next load: the records of cards, the states of batches, and the groups'
// counts. All the rest is immutable once Load has put it in place.
// The zero value has no groups.
type fleet struct {
	refresher *refresher // of its batches; the next fleet has the same unless the platform or account changes
	client    platform.Client
	settings  Settings
	groups    []*group
	ways      map[bool][]*batch // by live
	cards     map[string]*card  // by key
	kinds     map[kind]bool     // of the cards
	twins     sync.Map          // by card, the one whose answer names it; see card.named
	places    []cards.Place     // of the cards, by position
	contacts  []*cards.Contact  // of the cards, by position, up to the last one that has any
	columns   []column          // what is known of the cards
	unused    []bool            // whether the row of a card says that it is not in use, by position
	replaced  chan struct{}     // closed by the next load
	kept      keptOverview
}

type group struct {
	Group           // without Cards, which are in the batches
	fleet           *fleet
	configuredCards int // number of cards, those of all shards
	shardCards      int // number of cards of this shard
	*groupCounts
	batches []*batch
	warned  atomic.Bool // that many of its cards expire
}

// card is a configured card.
type card struct {
	id       string // that it is queried by, as configured
	expected string // IMEI of the device that the card should sit in; "" if not configured
	labels   []string
	position int // in the configuration
	batch    *batch
	*record
}

// notInUse reports whether c's row says that it is not in use.
func (c *card) notInUse() bool { return c.batch.group.fleet.unused[c.position] }

// share replaces the identifiers of an answer by those in the configuration, if they are
// the same: memory for each card is needed once more otherwise, and the platform may
// change the case of letters.
func (c *card) share(item *platform.Card) *platform.Card {
	if item == nil {
		return nil
	}
	for _, id := range []*string{&item.IMEI, &item.ICCID} {
		if *id == c.expected {
			*id = c.expected
		}
		if listed := c.batch.group.fleet.card(*id); listed != nil {
			*id = listed.id
		}
	}
	return item
}

// kind is the kind of identifier that a card is queried by.
type kind string

const (
	byIMEI  kind = "imei"
	byICCID kind = "iccid"
)

// keyOf returns the key of a card in the fleet, and its kind. An ICCID is in upper
// case, since the platform may change the case of its letters. It is never equal to
// an IMEI, which is shorter.
func keyOf(c cards.Card) (string, kind) {
	if c.ICCID != "" {
		return strings.ToUpper(c.ICCID), byICCID
	}
	return c.IMEI, byIMEI
}

// newFleet splits the cards of each group into batches, in the order of the
// configuration. From previous, if not nil, it takes over the records of cards
// and the counts of groups; batch.adopt takes over the states.
func newFleet(client platform.Client, settings Settings, groups []Group, previous *fleet) *fleet {
	previous = cmp.Or(previous, new(fleet))
	settings.Location = cmp.Or(settings.Location, time.UTC)
	f := &fleet{client: client, settings: settings, cards: make(map[string]*card), kinds: make(map[kind]bool), ways: make(map[bool][]*batch), replaced: make(chan struct{}), columns: newColumns(settings)}
	for _, cfg := range groups {
		g := &group{Group: cfg, fleet: f, configuredCards: len(cfg.Cards), groupCounts: previous.groupCounts(cfg.Name)}
		cards := f.addCards(g, previous)
		for _, k := range []kind{byIMEI, byICCID} {
			g.shardCards += len(cards[k])
			for chunk := range slices.Chunk(cards[k], client.MaxBatch()) {
				g.batches = append(g.batches, newBatch(g, k, chunk))
			}
		}
		f.ways[g.Live] = append(f.ways[g.Live], g.batches...)
		g.Cards = nil
		f.groups = append(f.groups, g)
	}
	return f
}

// addCards adds the cards of g that belong to this shard to f, and returns them by
// kind.
func (f *fleet) addCards(g *group, previous *fleet) map[kind][]*card {
	cards := make(map[kind][]*card)
	for _, c := range g.Cards {
		key, k := keyOf(c)
		if _, again := f.cards[key]; again || !f.settings.Shard.has(key) {
			continue
		}
		added := &card{id: c.IMEI, labels: c.Labels, position: len(f.cards)}
		if k == byICCID {
			added.id, added.expected = c.ICCID, c.IMEI
		}
		// A group that was switched to live, or back, starts without answers: their
		// data is of another time.
		if last := previous.card(key); last != nil && last.batch.group.Live == g.Live {
			added.record = last.record
		} else {
			added.record = new(record)
		}
		f.cards[key] = added
		if c.Contact != nil {
			for len(f.contacts) < added.position {
				f.contacts = append(f.contacts, nil)
			}
			f.contacts = append(f.contacts, c.Contact)
		}
		f.places, f.unused = append(f.places, c.Place), append(f.unused, c.NotInUse)
		cards[k] = append(cards[k], added)
		f.kinds[k] = true
	}
	return cards
}

// card returns the card that is queried by an identifier, in any case of its
// letters; nil if there is none.
func (f *fleet) card(id string) *card { return f.cards[strings.ToUpper(id)] }

// all yields the cards in the order of the configuration.
func (f *fleet) all() iter.Seq[*card] {
	return func(yield func(*card) bool) {
		for _, g := range f.groups {
			for _, b := range g.batches {
				for _, c := range b.cards {
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

// groupOf returns the group that has a card, which may be of an earlier fleet; nil if
// none has it any more.
func (f *fleet) groupOf(c *card) *group {
	if present := f.card(c.id); present != nil && present.record == c.record {
		return present.batch.group
	}
	return nil
}

// groupCounts returns the counts of a group, new ones if f does not have the group.
func (f *fleet) groupCounts(group string) *groupCounts {
	for _, g := range f.groups {
		if g.Name == group {
			return g.groupCounts
		}
	}
	return new(groupCounts)
}

// bound returns how many of g's cards may be in quarantine. If there are more, the
// group is at fault and not these cards.
func (g *group) bound() int { return max(20, g.shardCards/5) }

// admit counts a quarantine, and tells whether it is beyond the bound. refresher.mu is
// held, unless nobody has the fleet yet; likewise below.
func (g *group) admit(q *quarantine) {
	g.quarantined++
	q.beyond = g.quarantined > g.bound()
}

// countQuarantined counts the cards in quarantine anew.
func (f *fleet) countQuarantined() {
	for _, g := range f.groups {
		g.quarantined = 0
	}
	for c := range f.all() {
		if q := c.quarantine.Load(); q.quarantined() {
			counted := *q
			c.batch.group.admit(&counted)
			c.quarantine.Store(&counted)
		}
	}
}
