package collector

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
	"simcard_exporter/config/cards"
)

// Inquiry is one request about one card, which is sent, read, judged and exposed as those of
// scrapes are. Create it with [NewInquiry]. It is not safe for concurrent use.
type Inquiry struct {
	fleet  *fleet
	all    *fleet // as configured
	card   *card
	where  string // it is listed, and the likely mistake in its identifier
	listed bool

	// What Ask brought.
	result
	rows exposition.Snapshot // of the card, none if it would not be exposed
}

// NewInquiry returns an inquiry about the card with an identifier as somebody typed it: the one
// that the groups, at least one, list or, if none does, one with the settings of the first
// group, but without its name and labels. The error says why the text is no identifier.
func NewInquiry(client platform.Client, settings Settings, groups []Group, identifier string) (*Inquiry, error) {
	wanted, warning, err := cards.Identify(identifier)
	if err != nil {
		return nil, err
	}
	c, id := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry()), cmp.Or(wanted.ICCID, wanted.IMEI)
	c.Load(client, settings, groups, SamePlatform)
	q := &Inquiry{fleet: c.fleet.Load(), all: c.fleet.Load()}
	if warning != "" {
		q.where = "warning: " + warning + "\n"
	}
	if q.card = q.fleet.find(id); q.card != nil {
		q.listed = true
		q.where += fmt.Sprintf("%s: listed in group %q", id, q.card.batch.group.Name)
		if at := q.fleet.places[q.card.position]; at != 0 {
			q.where += " at " + settings.PlaceText(at)
		}
		return q, nil
	}
	like := groups[0]
	q.where += fmt.Sprintf("%s: not listed, so with the settings of group %q, the first, and without labels", id, like.Name)
	like.Name, like.Cards, settings.LabelNames = "", []cards.Card{wanted}, nil
	c.Load(client, settings, []Group{like}, SamePlatform)
	q.fleet = c.fleet.Load()
	q.card = q.fleet.card(id)
	return q, nil
}

// String says which card is asked about, and how.
func (q *Inquiry) String() string {
	b, way := q.card.batch, "data as of the end of yesterday (live: false)"
	if b.group.Live {
		way = "what the mobile operator says now (live: true)"
	}
	return fmt.Sprintf("%s\nasking once, by its %s %s, for %s, at most %v", q.where, b.kind, q.card.id, way, q.fleet.settings.Timeout)
}

// Ask sends the request, and waits for what it brings until it ends or ctx does.
func (q *Inquiry) Ask(ctx context.Context) {
	began, g, r := wallClock(), q.card.batch.group, q.fleet.refresher
	asked := &request{number: 1, batch: q.card.batch, cards: []*card{q.card}, live: g.Live, purpose: forPress}
	q.result = r.query(ctx, asked)
	r.mu.Lock()
	defer r.mu.Unlock()
	if judge(r.situation(r.ways[g.Live], asked, q.result)).keep {
		r.store(asked, q.result)
		now := wallClock()
		v := q.card.view(now)
		q.rows = exposition.Snapshot{LabelNames: q.fleet.settings.LabelNames, Cards: []exposition.Card{v.row(g.serves(v.came, began, now), now)}}
	}
}
