// Package exposition turns rows of groups and cards into Prometheus metrics. Where
// the rows come from is the caller's concern.
//
// A [Snapshot] holds the rows of one scrape. It writes itself as text and as protobuf, which is
// cheap for a million cards. A Prometheus registry can gather the same.
package exposition

import (
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// Snapshot holds the rows of one scrape and exposes them as a
// prometheus.Collector. No two groups may have the same name, and no two cards
// the same IMEI and ICCID. The zero value exposes nothing. A Snapshot that nobody
// changes is safe for concurrent use.
type Snapshot struct {
	Groups     []Group
	Cards      []Card
	LabelNames []string // of every Card.Labels; letters, digits and underscores
}

// Group is the state of one group at the end of a scrape.
type Group struct {
	Name            string
	Cards           int              // cards of this shard
	ConfiguredCards int              // cards of all shards
	InvalidRows     int              // rows of its card files that are left out, since they cannot be a card
	Batches         int              // requests needed to query the group
	BatchesFailed   int              // batches whose last refresh failed, or that lack an answer for a card
	OldestAnswer    platform.Instant // when the oldest of the cards' latest answers came; 0 without any
	OldestData      platform.Instant // the earliest moment that what counts of the cards describes; 0 without any
	Waited          time.Duration    // how long the scrape waited for the group
	Requests        int64            // requests sent since the process started
	Served          int              // cards with an answer that is young enough
	Balances        int              // of these, cards with a balance
	Balance         float64          // sum of the balances, in bytes
	problem.Counts
}

// Card is one card that is served or in quarantine.
type Card struct {
	IMEI, ICCID string         // as last answered; before that, only the one configured
	Group       string         // name of the group whose configuration names the card first
	Labels      []string       // values, in the order of Snapshot.LabelNames
	Known       *platform.Card // in an answer that is young enough; nil without one, or if the platform does not know the card
	State       problem.State
	Problems    problem.Set
}

func (c *Card) serviceNumber() string {
	if c.Known == nil {
		return ""
	}
	return c.Known.ServiceNumber
}
