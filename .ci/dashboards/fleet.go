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
		"How many terminals are out of service now and where, which will be next, and whether the figures can be trusted.")
	b.dashboard.Time.From = "now-24h"
	b.link("One card", "Look up a card by IMEI or ICCID", b.url("card"))
	fleetVariables(b)
	headline(b)
	next(b)
	b.line(10, problemTable("Out of service now", "No card is known to be suspended, expired, gone or out of data", outOfService))
	b.line(10, problemTable("Needs attention", "No card is known to need attention", append(attention[:len(attention):len(attention)], forecast...)))
	places(b)
	groups(b)
	b.fold("The platform and the exporter")
	platform(b)
	exporter(b)
	return b
}

// chosen selects what is chosen at the top.
const chosen = `group=~"$group", $city_label=~"$city"`

const outOfServiceNow = "Terminals out of service now"

func fleetVariables(b *board) {
	b.add(dataSource())
	b.add(variable{
		name: "group", label: "Group", kind: dashboard.VariableTypeQuery, query: `label_values(simcard_group_cards, group)`,
		about: "Groups of the exporter's configuration",
	})
	b.add(variable{
		name: "city", label: "City", kind: dashboard.VariableTypeQuery,
		query: `label_values(simcard_problem{group=~"$group"}, $city_label)`,
		about: "Narrows weeks and tables. Offers the cities in which some card has a problem.",
	})
	b.add(variable{
		name: "city_label", label: "Label of the city", kind: dashboard.VariableTypeConstant, query: "city", hidden: true,
		about: "The column of your card files that names the city, as simcard_problem has it",
	})
	b.add(variable{
		name: "shop_label", label: "Label of the shop", kind: dashboard.VariableTypeConstant, query: "shop", hidden: true,
		about: "The column of your card files that names the shop, as simcard_problem has it",
	})
}

const notScraped = "Not known: the exporter is not scraped"

func headline(b *board) {
	total := query{expr: stateCards("out_of_service", ""), name: "Out of service", color: plain}
	b.line(9,
		panel{
			title: outOfServiceNow, width: 6, unit: units.NoUnit, empty: notScraped,
			about: "Cards that are suspended, expired, gone from the platform or out of data; one that is two of these counts once. A card about which nothing is known is not among them: see No answer.",
			view:  number{steps: from(orange, at(0, green), at(1, red)), big: true}, queries: []query{total},
		},
		panel{
			title: "Out of service over time, and why", width: 12, unit: units.NoUnit, empty: notScraped,
			about: "A card can be suspended and expired, so the parts can be more than the whole.",
			view:  graph{fill: 10}, queries: append([]query{total}, outOfService.totals()...),
		},
		panel{
			title: "Cards with each problem", width: 6, unit: units.NoUnit, empty: notScraped,
			about: "By the limits of the exporter's configuration; the last two are found by the rules. A card can have several problems.",
			view:  table{labels: []column{problemColumn()}, sortBy: "cards"},
			queries: []query{{
				expr: `sum by (problem) (simcard_group_problem_cards{group=~"$group"}) or count by (problem) (` + found(forecast.matcher()+`, group=~"$group"`) + `)`,
				name: "cards",
			}},
		})
}

// next is what will be out of service, and what is not known.
func next(b *board) {
	b.line(8,
		panel{
			title: "Expiring by week", width: 8, unit: units.NoUnit, empty: notScraped,
			about: "Cards that expire within expiring_within of their group, by days from now. The last bar is for groups in which it is more than 30 days.",
			view:  bars{}, queries: weeks(),
		},
		panel{
			title: "Needs attention over time", width: 8, unit: units.NoUnit, empty: notScraped,
			about: "Cards that work and soon may not, and cards that are not as your card files say.",
			view:  graph{}, queries: attention.totals(),
		},
		panel{
			title: "No answer", width: 4, unit: units.NoUnit, empty: "not known",
			about: "Nothing is known of these cards, so no other figure counts them. Either the platform does not answer, or the exporter has just started.",
			view:  number{steps: noneIsGood(red)}, queries: []query{{expr: stateCards("no_answer", "")}},
		},
		panel{
			title: "Age of the data", width: 4, unit: units.Seconds, empty: "not known",
			about:   "How old a figure on this page can be. Without live: true the platform's data is of the end of the day before, so up to 30 hours are normal, and max_age besides. Red from 66 hours on.",
			view:    number{steps: from(plain, at(old+30*3600, red))},
			queries: []query{{expr: `time() - min(simcard_group_oldest_data_timestamp_seconds{group=~"$group"})`}},
		})
}

// weeks are the cards that expire in each week, as on the exporter's first page.
func weeks() []query {
	cards := found(`problem="expiring", ` + chosen)
	week := func(name, within string) query {
		return query{expr: fmt.Sprintf(`count(%s %s) or 0 * sum(simcard_group_cards{group=~"$group"})`, cards, within), name: name}
	}
	after := func(days int) string { return fmt.Sprintf(`>= time() + %d * 86400`, days) }
	before := func(days int) string { return fmt.Sprintf(`< time() + %d * 86400`, days) }
	return []query{
		week("within 7 days", before(7)),
		week("8 to 14 days", after(7)+" "+before(14)),
		week("15 to 21 days", after(14)+" "+before(21)),
		week("22 to 30 days", after(21)+" "+before(30)),
		week("later", after(30)),
	}
}

// problemTable lists the cards themselves. Thousands of suspended cards neither fill
// it nor push out what else is wrong.
func problemTable(title, empty string, of kinds) panel {
	p := panel{
		title: title, width: gridWidth, unit: units.NoUnit, empty: empty,
		about: "The date is when the card expires, or will have used up its data. At most 100 cards for each problem, the first to expire and those with the least data; a card with two problems has two rows. All columns of your card files are here. Click an IMEI or ICCID for the card's history.",
	}
	p.view, p.queries = factTable(func(matcher string) string {
		return `bottomk by (problem) (100, ` + found(of.matcher()+`, `+matcher+`, `+chosen) + `)`
	})
	return p
}

// places says where the terminals are that are out of service.
func places(b *board) {
	place := func(title, about, label string, to link) panel {
		return panel{
			title: title, about: about, width: 12, unit: units.NoUnit,
			empty: "No card is known to be suspended, expired, gone or out of data",
			view:  table{labels: []column{shopColumn, cityColumn}, sortBy: "out of service", link: to},
			queries: []query{{
				expr: fmt.Sprintf(`topk(100, count by (%[1]s) (count by (%[1]s, imei, iccid) (simcard_problem{%[2]s, %[3]s})))`, label, outOfService.matcher(), chosen),
				name: "out of service",
			}},
		}
	}
	b.line(9,
		place("Cities", "The 100 cities with the most terminals out of service. Click a city to see it alone.",
			"$city_label", link{title: "This city alone", dashboard: "fleet", set: "city", to: "__value.text:percentencode"}),
		place("Shops", "The 100 shops with the most terminals out of service.", "$shop_label, $city_label", link{}))
}

func groups(b *board) {
	b.line(7, panel{
		title: "Groups", width: gridWidth, unit: units.NoUnit, empty: notScraped,
		about: "Each card is in one of the states. A dash means that nothing is known, which is not 0. Click a group to see it alone.",
		view:  table{labels: []column{groupColumn}, sortBy: "out of service"},
		queries: []query{
			{expr: `max by (group) (simcard_group_configured_cards{group=~"$group"})`, name: "cards"},
			stateColumn("out_of_service", "out of service", noneIsGood(red)),
			stateColumn("attention", "needs attention", noneIsGood(orange)),
			stateColumn("no_answer", "no answer", noneIsGood(red)),
			stateColumn("ok", "OK", nil),
			stateColumn("not_in_use", "not in use", nil),
			{expr: `1000 * min by (group) (simcard_group_oldest_data_timestamp_seconds{group=~"$group"})`, name: "data as of", cell: cell{unit: units.DatetimeISO}},
			{expr: `round(sum by (group) (increase(simcard_group_requests_total{group=~"$group"}[1d])))`, name: "requests in 24 h"},
		},
	})
}
