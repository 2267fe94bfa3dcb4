package dashboards

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

var (
	statusValues = []named{{"1", "in service", green}, {"0", "suspended", red}}
	thereValues  = []named{{"1", "there", green}}
	wrongValues  = []named{{"1", "yes", orange}}
)

// card is the dashboard of one card, or of the few that an identifier fits.
func card(l *language) *board {
	b := newBoard(l, "card", "SIM cards: one card",
		"One card by its IMEI or ICCID, or by the end of either: its state now and its history.")
	b.dashboard.Time.From = "now-7d"
	b.link("Fleet", "All cards", b.url("fleet"))
	b.link("At the exporter", "Everything about this card, and why it has no value", "${exporter_url}/card?id=${id}")
	cardVariables(b)
	cardNow(b)
	cardHistory(b)
	return b
}

// cardVariables takes an identifier as it is typed, and looks up once what it
// fits. With whole identifiers, the queries of the panels are cheap however large
// the fleet is.
func cardVariables(b *board) {
	b.add(dataSource())
	b.add(variable{
		name: "id", label: "IMEI or ICCID", kind: dashboard.VariableTypeTextbox,
		about: "An IMEI or ICCID, or its last 4 digits or more",
	})
	// The values are the identifiers that end in $id, at most 20; $id itself, for a
	// card that has left the fleet; and "none", since Grafana turns a variable
	// without values into "()", which fits every card without the label. An empty
	// $id finds nothing: the second matcher leaves out every identifier that has
	// so many characters after $id.
	fits := func(label string, length int) variable {
		word := func(s string) string {
			return fmt.Sprintf(`label_replace(vector(0), "%s", "%s", "", "")`, label, s)
		}
		return variable{
			name: label, label: strings.ToUpper(label), kind: dashboard.VariableTypeQuery, hidden: true,
			about: "The identifiers that fit, at most 20",
			query: fmt.Sprintf(`query_result(topk(20, count by (%[1]s) (simcard_info{%[1]s=~".*$id", %[1]s!~"$id.{%[2]d,}"})) or %[3]s or %[4]s)`,
				label, length, word("$id"), word("none")),
			pick: `/` + label + `="([^"]+)"/`,
		}
	}
	b.add(fits("imei", 12))
	b.add(fits("iccid", 17))
	b.add(variable{
		name: "exporter_url", label: "Address of the exporter", kind: dashboard.VariableTypeConstant, query: "http://localhost:10460", hidden: true,
		about: "Where your browser reaches simcard_exporter, for the link to its page of the card",
	})
}

// ofCard is an expression for the chosen card, whichever of its identifiers was
// typed. CARD stands for the matcher of the card in it.
func ofCard(expr string) string {
	by := func(matcher string) string { return strings.ReplaceAll(expr, "CARD", matcher) }
	return "(" + by(`imei=~"$imei"`) + " or " + by(`iccid=~"$iccid"`) + ")"
}

// perCard is a metric of the chosen card, with one series for each card and
// device.
func perCard(metric string) string { return `max by (imei, iccid) ` + ofCard(metric+`{CARD}`) }

// usedInADay is what was used in 24 hours, or since the month began if that is
// less.
var usedInADay = `max by (imei, iccid) ` + ofCard(`max_over_time(simcard_balance_bytes{CARD}[1d])`) + ` - ` + perCard("simcard_balance_bytes")

// longAgo is where negative times begin. Grafana gives the colour below it to a
// time that is not known.
const longAgo = -1e10 // seconds

const cardName = "{{iccid}} {{imei}}"

func cardNow(b *board) {
	figure := func(title, about, unit, expr string, n number) panel {
		return panel{
			title: title, about: about, unit: unit, width: 4, empty: "not known", view: n,
			queries: []query{{expr: expr, name: cardName}},
		}
	}
	untilExpiry := from(plain, at(longAgo, red), at(0, green))
	b.line(4, panel{
		title: "Cards that fit", width: gridWidth, unit: units.NoUnit,
		about: "All that is known of the card: its numbers, its group and the columns of your card files. If the identifier fits several cards, click one of them.",
		empty: "No card has this IMEI or ICCID now. Type it at the top, or its last 4 digits or more.",
		view:  table{labels: []column{imeiColumn, iccidColumn, groupColumn, shopColumn, cityColumn, serviceNumberColumn}},
		queries: []query{{
			expr: withoutTarget + ofCard("simcard_info{CARD}"),
		}},
	})
	wrong := panel{
		title: "What is wrong", width: gridWidth, unit: units.NoUnit,
		about: "What is wrong with the card, by the limits of its group. The date is when it expires, or will have used up its data. The exporter's page of the card says what to do.",
		empty: "Nothing is known to be wrong",
	}
	wrong.view, wrong.queries = factTable(func(matcher string) string { return ofCard(found(matcher + ", CARD")) })
	b.line(4, wrong)
	b.line(4,
		figure("Status", "What the platform says. A suspended card has no network.",
			units.NoUnit, perCard("simcard_status"), number{values: statusValues}),
		figure("Data left", "What is left of this calendar month's data. Without live: true it is the figure of the end of yesterday.",
			units.BytesIEC, perCard("simcard_balance_bytes"), number{steps: from(plain, at(0, red), at(1, green))}),
		figure("Activated", "A card that was never activated has no date.",
			units.DatetimeISO, perCard("simcard_activation_timestamp_seconds")+` * 1000`, number{}),
		figure("Expires", "A card that was never activated has no date yet.",
			units.DatetimeISO, perCard("simcard_expiry_timestamp_seconds")+` * 1000`, number{}),
		figure("Time left", "Until the card expires; negative and red since it has.",
			units.Seconds, perCard("simcard_expiry_timestamp_seconds")+` - time()`, number{steps: untilExpiry}),
		figure("Used in a day", "The most that the card had in the last 24 hours less what it has now.",
			units.BytesIEC, usedInADay, number{}))
	b.line(4,
		panel{
			title: "Age of the group's data", width: 12, unit: units.Seconds, empty: "not known",
			about: "How old the oldest data of the card's group is. This card's own is usually newer.",
			view:  number{},
			queries: []query{{
				expr: `time() - min by (group) (simcard_group_oldest_data_timestamp_seconds and on (group) ` + ofCard("simcard_info{CARD}") + `)`,
				name: "{{group}}",
			}},
		},
		panel{
			title: "Answers for the group", width: 12, unit: units.NoUnit, empty: "not known",
			about: "Whether every batch of the card's group was answered. If not, this card may or may not be in one that was not.",
			view:  number{values: []named{{"1", "all answered", green}, {"0", "some not answered", orange}}},
			queries: []query{{
				expr: `min by (group) (simcard_up and on (group) ` + ofCard("simcard_info{CARD}") + `)`, name: "{{group}}",
			}},
		})
}

func cardHistory(b *board) {
	over := func(title, about, unit, expr string, v view) panel {
		return panel{
			title: title, about: about, unit: unit, width: 12, view: v, empty: "No answer in this time",
			queries: []query{{expr: expr, name: cardName}},
		}
	}
	b.heading("History")
	b.line(9,
		over("Data left over time", "It falls, and is full again when a calendar month begins at the platform. Gaps are times without an answer that could be served.",
			units.BytesIEC, perCard("simcard_balance_bytes"), graph{fill: 10}),
		over("Data used in 24 hours", "At each point, the most that the card had in the 24 hours before less what it had then. A terminal that takes payments draws an even line.",
			units.BytesIEC, usedInADay, graph{}))
	b.line(6,
		over("Status over time", "When the card was in service and when suspended. Gaps are times without an answer that could be served.",
			units.NoUnit, perCard("simcard_status"), timeline{values: statusValues}),
		over("Time left until expiry", "A line that falls by a day a day, and jumps up when the card is renewed.",
			units.Seconds, perCard("simcard_expiry_timestamp_seconds")+` - time()`, graph{}))
	b.line(6, panel{
		title: "Cards and devices", width: gridWidth, unit: units.NoUnit, empty: "No answer in this time",
		about:   "With an ICCID, the devices that the card sat in; with an IMEI, the cards that sat in the device. A move is a row that ends and one that begins.",
		view:    timeline{values: thereValues},
		queries: []query{{expr: perCard("simcard_info"), name: cardName}},
	})
	b.line(6, panel{
		title: "Problems over time", width: gridWidth, unit: units.NoUnit, empty: "Nothing was known to be wrong in this time",
		about:   "When the card had each problem.",
		view:    timeline{values: wrongValues},
		queries: []query{{expr: `max by (problem, imei, iccid) ` + ofCard("simcard_problem{CARD}") + ` ^ 0`, name: "{{problem}} " + cardName}},
	})
}
