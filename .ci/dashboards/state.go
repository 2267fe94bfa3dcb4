package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// What the recording rules provide, so that no query reads the series of all
// cards.
const (
	// problems are the cards with a problem, by card_state, with all labels of
	// simcard_info. The value is the time or the balance in question.
	problems = `card:simcard_problem:value`

	// counts are how many cards of each group are in a card_state, all shards
	// together.
	counts = `group_state:simcard_cards:count`
)

// The limits of the alerts.
const (
	soon    = 14 * 86400 // seconds until a card expires
	low     = 1 << 20    // bytes left
	old     = 36 * 3600  // seconds since an answer
	unsaved = 1800       // seconds since the answers were saved
)

// cannotPay selects the problems for which a terminal has no network.
const cannotPay = `card_state=~"suspended|expired|out_of_data"`

// chosen selects what is chosen at the top of the fleet's dashboard.
const chosen = `group=~"$group", $city_label=~"$city"`

// withoutTarget leaves out the labels of the scraped target, so that two replicas
// are one row, and tables show the labels of the card only.
const withoutTarget = `max without (job, instance, namespace, pod, container, service, endpoint) `

// state is a state that cards can be in.
type state struct {
	key, name, color string
}

var (
	ok         = state{"ok", "in order", green}
	outOfOrder = state{"out_of_service", "cannot take payments", red}
	suspended  = state{"suspended", "suspended", orange}
	expired    = state{"expired", "expired", purple}
	outOfData  = state{"out_of_data", "out of data", blue}
	unknown    = state{"unknown", "unknown to the platform", orange}
	moved      = state{"moved", "in another device", purple}
	refused    = state{"refused", "refused by the platform", blue}
	noAnswer   = state{"no_answer", "without an answer", red}
	expiring   = state{"expiring", "expires soon", purple}
	dataLow    = state{"data_low", "little data left", blue}
	runsOut    = state{"runs_out", "data will not last the month", orange}
)

// series is the number of cards in the state, by group.
func (s state) series() string {
	return fmt.Sprintf(`%s{card_state="%s", group=~"$group"}`, counts, s.key)
}

// total is the number of cards in the state.
func (s state) total() query {
	return query{expr: "sum(" + s.series() + ")", name: s.name, color: s.color}
}

// byGroup is a column with the number of cards in the state.
func (s state) byGroup(steps []dashboard.Threshold) query {
	return query{expr: "max by (group) (" + s.series() + ")", name: s.name, cell: cell{steps: steps}}
}

// problemColumn says in words what is wrong with a card.
func problemColumn() column {
	var values []named
	for _, s := range []state{suspended, expired, outOfData, unknown, moved, refused} {
		values = append(values, named{value: s.key, word: s.name, color: plain})
	}
	return column{label: "card_state", heading: "Problem", cell: cell{values: values, width: 170}}
}
