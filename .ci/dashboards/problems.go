package dashboards

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// The words and the order are those of the exporter's pages.
var (
	// outOfService are the problems for which a terminal cannot take payments.
	outOfService = kinds{
		{"suspended", "Suspended", orange}, {"expired", "Expired", purple}, {"gone", "Gone", red}, {"out_of_data", "Out of data", blue},
	}
	// attention are the others that the exporter knows.
	attention = kinds{
		{"expiring", "Expires soon", purple}, {"data_low", "Low on data", blue}, {"unknown", "Unknown to the platform", orange},
		{"moved", "Moved", plain}, {"refused", "Refused", red},
	}
	// forecast are those that the rules find, every half hour.
	forecast = kinds{{"runs_out", "Data will not last the month", plain}, {"silent", "No data used for days", plain}}
)

// kinds are values of the label problem, with their names and colours.
type kinds []named

// matcher selects these problems.
func (k kinds) matcher() string {
	var all []string
	for _, kind := range k {
		all = append(all, kind.value)
	}
	return fmt.Sprintf(`problem=~"%s"`, strings.Join(all, "|"))
}

// totals are the numbers of cards with each of these problems.
func (k kinds) totals() []query {
	var all []query
	for _, kind := range k {
		all = append(all, query{
			expr: fmt.Sprintf(`sum (simcard_group_problem_cards{problem="%s", group=~"$group"})`, kind.value), name: kind.word, color: kind.color,
		})
	}
	return all
}

// problemColumn says in words what is wrong.
func problemColumn() column {
	var all []named
	for _, k := range []kinds{outOfService, attention, forecast} {
		for _, kind := range k {
			all = append(all, named{kind.value, kind.word, plain})
		}
	}
	return column{label: "problem", heading: "Problem", cell: cell{values: all, width: 170}}
}

// withoutTarget leaves out the labels of the scraped target, so that two replicas
// are one row, and tables show the labels of the card only.
const withoutTarget = `max without (job, instance, namespace, pod, container, service, endpoint) `

// found are the cards with a problem that fit the matchers, with all labels of the
// user's. The value is the fact. No other card has these series, so that no query
// reads those of all cards.
func found(matchers string) string {
	return withoutTarget + fmt.Sprintf(`(simcard_problem{%[1]s} or last_over_time(card:simcard_problem:forecast{%[1]s}[65m]))`, matchers)
}

// factTable shows cards with what is wrong and the fact, which is a date, an amount of
// data or nothing more. list returns an expression for the cards that fit a matcher.
func factTable(list func(matcher string) string) (table, []query) {
	dated, measured := "expired|expiring|runs_out", "out_of_data|data_low|silent"
	return table{
			labels: []column{problemColumn(), shopColumn, cityColumn},
			then:   []column{groupColumn, imeiColumn, iccidColumn},
		}, []query{
			{expr: `sort(` + list(fmt.Sprintf(`problem=~"%s"`, dated)) + ` * 1000)`, name: "date", cell: cell{unit: units.DatetimeISO, width: 170}},
			{expr: `sort(` + list(fmt.Sprintf(`problem=~"%s"`, measured)) + `)`, name: "data left", cell: cell{unit: units.BytesIEC}},
			{expr: list(fmt.Sprintf(`problem!~"%s|%s"`, dated, measured))},
		}
}

// stateCards is the number of cards in a state, by group or, if of is empty, in all.
func stateCards(state, of string) string {
	return fmt.Sprintf(`sum%s (simcard_group_state_cards{state="%s", group=~"$group"})`, of, state)
}

// stateColumn is the number of cards in a state, by group.
func stateColumn(state, name string, steps []dashboard.Threshold) query {
	return query{expr: stateCards(state, " by (group)"), name: name, cell: cell{steps: steps}}
}
