package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// fleet is the dashboard of all cards. It leads with the one number that needs
// action. Its queries read series of groups, or of the cards with a problem, and
// never those of all cards.
func fleet(l *language) *board {
	b := newBoard(l, "fleet", "SIM cards: fleet",
		"How many terminals cannot take payments now and where, which will be next, and whether the figures can be trusted.")
	b.dashboard.Time.From = "now-24h"
	b.link("One card", "Look up a card by IMEI or ICCID", b.url("card"))
	fleetVariables(b)
	headline(b)
	places(b)
	groups(b)
	cardLists(b)
	platform(b)
	exporter(b)
	b.heading("About this dashboard")
	b.line(7, panel{title: "How to read it", width: gridWidth, view: note{fleetHelp}})
	return b
}

func fleetVariables(b *board) {
	b.add(dataSource())
	b.add(variable{
		name: "group", label: "Group", kind: dashboard.VariableTypeQuery, query: `label_values(simcard_group_cards, group)`,
		about: "Groups of the exporter's configuration",
	})
	b.add(variable{
		name: "city", label: "City", kind: dashboard.VariableTypeQuery,
		query: `label_values(` + problems + `{group=~"$group"}, $city_label)`,
		about: "Narrows the tables of cities, shops and cards. Offers the cities in which some card has a problem.",
	})
	b.add(variable{
		name: "city_label", label: "Label of the city", kind: dashboard.VariableTypeConstant, query: "city", hidden: true,
		about: "The column of your card files that names the city, as simcard_info has it",
	})
	b.add(variable{
		name: "shop_label", label: "Label of the shop", kind: dashboard.VariableTypeConstant, query: "shop", hidden: true,
		about: "The column of your card files that names the shop, as simcard_info has it",
	})
}

func headline(b *board) {
	b.line(9,
		panel{
			title: "Terminals that cannot take payments now", width: 8, unit: units.NoUnit,
			about: "Cards that are suspended, expired, gone from the platform or out of data; one that is two of these counts once. A card about which nothing is known is not among them: see Without an answer.",
			empty: "Not known: the exporter is not scraped",
			view:  number{steps: from(orange, at(0, green), at(1, red)), big: true}, queries: []query{outOfOrder.total()},
		},
		panel{
			title: "How many there were, and why", width: 16, unit: units.NoUnit,
			about: "The same over time. A card can be suspended and expired, so the parts can be more than the whole.",
			empty: "Not known: the exporter is not scraped",
			view:  graph{fill: 10}, queries: []query{outOfOrder.total(), suspended.total(), expired.total(), gone.total(), outOfData.total()},
		})
	count := func(title, about string, s state, color string) panel {
		return panel{
			title: title, about: about, width: 3, unit: units.NoUnit, empty: "not known",
			view: number{steps: noneIsGood(color)}, queries: []query{s.total()},
		}
	}
	b.line(4,
		count("Expire soon", "Not yet expired, but within expiring_within of the group, as in the alert SimcardExpiresSoon.", expiring, orange),
		count("Little data left", "Some data is left, but less than low_balance of the group, as in the alert SimcardDataLow.", dataLow, orange),
		count("Data will not last", "At the present rate, the data of these cards will be used up before the month ends, as in the alert SimcardDataRunsOut.", runsOut, orange),
		count("Without an answer", "Nothing is known of these cards, so no other figure counts them. Either the platform does not answer, or the exporter has just started.", noAnswer, red),
		count("Unknown to the platform", "The platform answered without these cards and has never known them. Usually a wrong number in the card file, or a card of another account.", unknown, orange),
		count("In another device", "The card answers from another IMEI than the card file says. Only cards that are listed with both IMEI and ICCID are compared.", moved, orange),
		count("Refused by the platform", "The platform refuses these cards while it answers for others. Their figures are those of the last answer, if there was one.", refused, orange),
		panel{
			title: "Oldest answer", width: 3, unit: units.Seconds, empty: "not known",
			about:   "The age of the oldest of the cards' last answers: how old a figure on this page can be. Red from a day and a half on, as in the alert SimcardDataTooOld.",
			view:    number{steps: from(plain, at(old, red))},
			queries: []query{{expr: `time() - min(simcard_group_oldest_answer_timestamp_seconds{group=~"$group"})`}},
		})
}

// places says where the terminals are that cannot take payments.
func places(b *board) {
	place := func(title, about, label string, to link) panel {
		return panel{
			title: title, about: about, width: 12, unit: units.NoUnit,
			empty: "No card is known to be suspended, expired, gone or out of data",
			view:  table{labels: []column{shopColumn, cityColumn}, sortBy: outOfOrder.name, link: to},
			queries: []query{{
				expr: fmt.Sprintf(`topk(100, count by (%[1]s) (count by (%[1]s, imei, iccid) (%[2]s{%[3]s, %[4]s})))`, label, problems, cannotPay, chosen),
				name: outOfOrder.name,
			}},
		}
	}
	b.heading("Where")
	b.line(9,
		place("Cities", "The 100 cities with the most terminals that cannot take payments. Click a city to see its shops and cards alone.",
			"$city_label", link{title: "This city alone", dashboard: "fleet", set: "city", to: "__value.text:percentencode"}),
		place("Shops", "The 100 shops with the most terminals that cannot take payments.", "$shop_label, $city_label", link{}))
}

func groups(b *board) {
	b.heading("Groups")
	b.line(7, panel{
		title: "Cards of each group", width: gridWidth, unit: units.NoUnit, empty: "The exporter is not scraped",
		about: "Each card is in one of the states. A dash means that nothing is known, which is not 0. Click a group to see it alone.",
		view:  table{labels: []column{groupColumn}, sortBy: outOfOrder.name},
		queries: []query{
			{expr: `max by (group) (simcard_group_configured_cards{group=~"$group"})`, name: "cards"},
			ok.byGroup(nil), outOfOrder.byGroup(noneIsGood(red)), attention.byGroup(noneIsGood(orange)),
			noAnswer.byGroup(noneIsGood(red)), notInUse.byGroup(nil),
			{expr: `round(sum by (group) (increase(simcard_group_requests_total{group=~"$group"}[1d])))`, name: "requests in 24 h"},
		},
	})
	b.line(7, panel{
		title: "Problems of each group", width: gridWidth, unit: units.NoUnit, empty: "The exporter is not scraped",
		about: "A card can be in several of the columns, such as suspended and expired. A dash means that nothing is known, which is not 0. Click a group to see it alone.",
		view:  table{labels: []column{groupColumn}, sortBy: suspended.name},
		queries: []query{
			suspended.byGroup(noneIsGood(red)), expired.byGroup(noneIsGood(red)), gone.byGroup(noneIsGood(red)), outOfData.byGroup(noneIsGood(red)),
			expiring.byGroup(noneIsGood(orange)), dataLow.byGroup(noneIsGood(orange)), runsOut.byGroup(noneIsGood(orange)),
			unknown.byGroup(noneIsGood(orange)), moved.byGroup(noneIsGood(orange)), refused.byGroup(noneIsGood(orange)),
		},
	})
	b.line(8,
		panel{
			title: "What is to come", width: 12, unit: units.NoUnit, empty: "The exporter is not scraped",
			about: "Cards that work and soon may not, by the limits of the exporter's configuration.",
			view:  graph{}, queries: []query{expiring.total(), dataLow.total(), runsOut.total()},
		},
		panel{
			title: "What is not known or not right", width: 12, unit: units.NoUnit, empty: "The exporter is not scraped",
			about: "Cards without an answer are a fault between the exporter and the platform; the others are usually mistakes in the card files.",
			view:  graph{}, queries: []query{noAnswer.total(), unknown.total(), moved.total(), refused.total()},
		})
}

// cardLists are the cards themselves. Each query is limited, so that thousands of
// suspended cards neither fill the page nor push out what else is wrong.
func cardLists(b *board) {
	list := func(problem string) string {
		return fmt.Sprintf(withoutTarget+`(%s{problem=~"%s", %s})`, problems, problem, chosen)
	}
	b.heading("Cards that need a look")
	b.line(11, panel{
		title: "Out of order now", width: gridWidth, unit: units.NoUnit,
		about: "At most 100 cards for each problem, so that no problem hides another; a card with two problems has two rows. All columns of your card files are here. Click an IMEI or ICCID for the card's history.",
		empty: "No card is known to be suspended, expired, gone, out of data, unknown, refused or moved",
		view:  table{labels: []column{problemColumn(), shopColumn, cityColumn, groupColumn, imeiColumn, iccidColumn}},
		queries: []query{{
			expr: `topk by (problem) (100, ` + list("suspended|expired|gone|out_of_data|unknown|moved|refused") + `)`,
		}},
	})
	next := func(title, about, empty, list string, value query) panel {
		value.expr = fmt.Sprintf(value.expr, `bottomk(50, `+list+`)`)
		return panel{
			title: title, about: about, empty: empty, width: 8, unit: value.cell.unit, queries: []query{value},
			view: table{labels: []column{shopColumn}, then: []column{cityColumn, groupColumn, imeiColumn, iccidColumn}},
		}
	}
	b.line(10,
		next("Next to expire", "The 50 cards that will expire first, of those that expire soon.", "No card is known to expire soon",
			list(expiring.key), query{expr: `%s * 1000`, name: "expires", cell: cell{unit: units.DatetimeISO}}),
		next("Least data left", "The 50 cards with the least data left for this month, of those with little.", "No card is known to have little data left",
			list(dataLow.key), query{expr: `%s`, name: "data left", cell: cell{unit: units.BytesIEC}}),
		next("Data that will not last", "The 50 cards whose data will be used up first, before the month ends, if they go on as now.", "No card is expected to use up its data this month",
			withoutTarget+"("+fmt.Sprintf(forecast, chosen)+")", query{expr: `%s * 1000`, name: "used up", cell: cell{unit: units.DatetimeISO}}))
}

const fleetHelp = `**Not known is not 0.** A card without an answer is in *Without an answer* and in no other figure.

**Where the figures come from.** From the exporter, which counts the cards of each group, and lists those with a problem; only data that will not last is found by the rules in examples/prometheus/rules. The limits are those of the exporter's configuration. No query reads the series of all cards, so that the page stays fast however many there are.

**Your own columns.** Cities and shops are the labels city and shop. If your card files call them otherwise, change city_label and shop_label under Settings > Variables. The tables of cards show every column of your card files.`
