package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// problems are what is wrong with cards, by the label problem, with all labels of
// the user's. The value is the time or the balance in question. It exists for cards
// with a problem only, so that no query reads the series of all cards.
const problems = `simcard_problem`

// The limits of the alerts.
const (
	old     = 36 * 3600 // seconds since an answer
	unsaved = 1800      // seconds since the answers were saved
)

// cannotPay selects the problems for which a terminal has no network.
const cannotPay = `problem=~"suspended|expired|gone|out_of_data"`

// chosen selects what is chosen at the top of the fleet's dashboard.
const chosen = `group=~"$group", $city_label=~"$city"`

// withoutTarget leaves out the labels of the scraped target, so that two replicas
// are one row, and tables show the labels of the card only.
const withoutTarget = `max without (job, instance, namespace, pod, container, service, endpoint) `

// That data will not last is found by the rules, every half hour.
const (
	forecast  = `last_over_time(card:simcard_problem:forecast{problem="runs_out", %s}[65m])`
	forecasts = `last_over_time(simcard:month_end:timestamp_seconds[65m])` // exists if the rules are loaded
)

// state is a state or a problem that cards can have.
type state struct {
	key, name, color string
	kind             string // label of the metrics
}

// Each card is in one of these states.
var (
	ok         = state{"ok", "in order", green, "state"}
	outOfOrder = state{"out_of_service", "cannot take payments", red, "state"}
	attention  = state{"attention", "need a look", orange, "state"}
	noAnswer   = state{"no_answer", "without an answer", red, "state"}
	notInUse   = state{"not_in_use", "not in use", plain, "state"}
)

// A card can have several of these problems.
var (
	suspended = state{"suspended", "suspended", orange, "problem"}
	expired   = state{"expired", "expired", purple, "problem"}
	gone      = state{"gone", "gone from the platform", red, "problem"}
	outOfData = state{"out_of_data", "out of data", blue, "problem"}
	expiring  = state{"expiring", "expires soon", purple, "problem"}
	dataLow   = state{"data_low", "little data left", blue, "problem"}
	unknown   = state{"unknown", "unknown to the platform", orange, "problem"}
	moved     = state{"moved", "in another device", purple, "problem"}
	refused   = state{"refused", "refused by the platform", blue, "problem"}
	// runsOut is found by the rules and not by the exporter.
	runsOut = state{"runs_out", "data will not last the month", orange, ""}
)

// by is the number of cards that have it, by group or, if of is empty, in all.
func (s state) by(of string) string {
	if s == runsOut {
		return fmt.Sprintf(`count%[1]s (count by (group, imei, iccid) (%[2]s)) or 0 * sum%[1]s (simcard_group_cards{group=~"$group"}) and on () %[3]s`,
			of, fmt.Sprintf(forecast, `group=~"$group"`), forecasts)
	}
	return fmt.Sprintf(`sum%[1]s (simcard_group_%[2]s_cards{%[2]s="%[3]s", group=~"$group"})`, of, s.kind, s.key)
}

// total is the number of cards that have it.
func (s state) total() query { return query{expr: s.by(""), name: s.name, color: s.color} }

// byGroup is a column with the number of cards that have it.
func (s state) byGroup(steps []dashboard.Threshold) query {
	return query{expr: s.by(" by (group)"), name: s.name, cell: cell{steps: steps}}
}

// problemColumn says in words what is wrong with a card.
func problemColumn() column {
	var values []named
	for _, s := range []state{suspended, expired, gone, outOfData, expiring, dataLow, unknown, moved, refused} {
		values = append(values, named{value: s.key, word: s.name, color: plain})
	}
	return column{label: "problem", heading: "Problem", cell: cell{values: values, width: 170}}
}
