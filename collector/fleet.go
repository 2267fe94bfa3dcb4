package collector

import (
	"slices"
	"strings"
	"sync/atomic"

	"simcard_exporter/collector/szzkc"
)

// fleet is what one load of the configuration asks for. It is immutable but
// for the records of its cards and the states of its batches, which the fleet
// of the next load takes over.
type fleet struct {
	platform Platform
	settings Settings
	renewed  uint64 // answers to requests before this one are due, whatever their age
	groups   []*group
	cards    map[string]*card // by key
	replaced chan struct{}    // closed by the next load
}

type group struct {
	Group
	configured int           // cards, of all shards
	cards      int           // cards, of this one
	renewed    uint64        // the fleet's
	requests   *atomic.Int64 // sent so far, earlier loads included
	batches    []*batch
}

// card is a configured card.
type card struct {
	id       string // as configured
	expected string // IMEI of the device that the card should sit in, if known
	labels   []string
	position int // in the configuration
	batch    *batch
	*record
}

type kind string

const (
	byIMEI  kind = "imei"
	byICCID kind = "iccid"
)

// key names a card. ICCIDs are upper case in it, since the platform may not
// keep the case of their letters; their length tells them from IMEIs.
func (c Card) key() (string, kind) {
	if c.ICCID != "" {
		return strings.ToUpper(c.ICCID), byICCID
	}
	return c.IMEI, byIMEI
}

// newFleet splits the cards of each group into batches, in the order of the
// configuration. From previous, if not nil, it takes over what is known of the
// cards; adopt takes over the rest.
func newFleet(platform Platform, settings Settings, groups []Group, previous *fleet) *fleet {
	f := &fleet{platform: platform, settings: settings, cards: make(map[string]*card), replaced: make(chan struct{})}
	if previous != nil {
		f.renewed = previous.renewed
	}
	for _, configured := range groups {
		g := &group{Group: configured, configured: len(configured.Cards), renewed: f.renewed, requests: previous.requests(configured.Name)}
		cards := f.share(g, previous)
		for _, kind := range []kind{byIMEI, byICCID} {
			g.cards += len(cards[kind])
			for chunk := range slices.Chunk(cards[kind], szzkc.MaxBatch) {
				g.batches = append(g.batches, newBatch(g, kind, chunk))
			}
		}
		g.Cards = nil // held by the batches
		f.groups = append(f.groups, g)
	}
	return f
}

// share returns the cards of g that are this instance's, and indexes them.
func (f *fleet) share(g *group, previous *fleet) map[kind][]*card {
	cards := make(map[kind][]*card)
	for _, c := range g.Cards {
		key, kind := c.key()
		if _, again := f.cards[key]; again || !f.settings.Shard.has(key) {
			continue
		}
		added := &card{id: c.IMEI, labels: c.Labels, position: len(f.cards)}
		if kind == byICCID {
			added.id, added.expected = c.ICCID, c.IMEI
		}
		// Data of yesterday is no answer for a group that is to be live.
		if last := previous.card(key); last != nil && last.batch.group.Live == g.Live {
			added.record = last.record
		} else {
			added.record = new(record)
		}
		f.cards[key] = added
		cards[kind] = append(cards[kind], added)
	}
	return cards
}

// card returns the card that an identifier names, nil if there is none. f may
// be nil, here and below.
func (f *fleet) card(id string) *card {
	if f == nil {
		return nil
	}
	return f.cards[strings.ToUpper(id)]
}

// requests returns the counter of a group's requests.
func (f *fleet) requests(group string) *atomic.Int64 {
	if f != nil {
		for _, g := range f.groups {
			if g.Name == group {
				return g.requests
			}
		}
	}
	return new(atomic.Int64)
}

// renew makes the answers to all requests before one due, and ends every
// quarantine.
func (f *fleet) renew(request uint64) {
	f.renewed = request
	for _, g := range f.groups {
		g.renewed = request
	}
	for _, c := range f.cards {
		c.trouble.Store(nil)
	}
}
