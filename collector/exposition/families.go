package exposition

import (
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// family describes the series of one metric. R is the row that a series comes
// from.
type family[R any] struct {
	name    string
	help    string
	unit    string // if any, the last part of the name, as OpenMetrics wants it
	counter bool   // a gauge if not
	value   func(*R) (value float64, present bool)
}

// groupFamilies are the metrics of a group, with the label group.
var groupFamilies = []family[Group]{
	{name: "simcard_group_balance_bytes", help: "Sum of the balances of the group's cards that are served.", unit: "bytes",
		value: func(g *Group) (float64, bool) { return g.Balance, g.Balances > 0 }},
	{name: "simcard_group_batches", help: "Requests needed to query the group.",
		value: func(g *Group) (float64, bool) { return float64(g.Batches), true }},
	{name: "simcard_group_batches_failed", help: "Batches of the group whose last refresh failed, that are due while the platform does not answer, or in which a card that is not quarantined has no value.",
		value: func(g *Group) (float64, bool) { return float64(g.BatchesFailed), true }},
	{name: "simcard_group_cards", help: "Cards of the group that belong to this shard.",
		value: func(g *Group) (float64, bool) { return float64(g.Cards), true }},
	{name: "simcard_group_configured_cards", help: "Cards of the group, those of all shards.",
		value: func(g *Group) (float64, bool) { return float64(g.ConfiguredCards), true }},
	{name: "simcard_group_invalid_rows", help: "Rows of the group's card files that are left out, since they cannot be a card.",
		value: func(g *Group) (float64, bool) { return float64(g.InvalidRows), true }},
	{name: "simcard_group_oldest_answer_timestamp_seconds", help: "Unix time of the oldest of the last answers about the group's cards.", unit: "seconds",
		value: func(g *Group) (float64, bool) { return instant(g.OldestAnswer) }},
	{name: "simcard_group_oldest_data_timestamp_seconds", help: "Unix time that the oldest data of the group describes. Without live it is assumed: the last midnight at least six hours before the request.", unit: "seconds",
		value: func(g *Group) (float64, bool) { return instant(g.OldestData) }},
	{name: "simcard_group_requests_total", help: "Requests sent to the platform for the group.", counter: true,
		value: func(g *Group) (float64, bool) { return float64(g.Requests), true }},
	{name: "simcard_group_wait_seconds", help: "How long this scrape waited for the group's batches.", unit: "seconds",
		value: func(g *Group) (float64, bool) { return g.Waited.Seconds(), true }},
	{name: "simcard_up", help: "Whether the last refresh of every batch of the group was answered, every card that is not quarantined has an answer that is served, and at least one card is served (1), or not (0).",
		value: func(g *Group) (float64, bool) {
			return boolean(g.BatchesFailed == 0 && g.Served > 0), true
		}},
}

// stateFamilies are the metrics of a group and a state, with the labels group and state.
var stateFamilies = []family[countRow]{
	{name: "simcard_group_state_cards", help: "Cards of the group in a state. Each card is in one: not_in_use as the list or the platform says, no_answer if nothing is served, out_of_service if a shop cannot take payments, attention if anything else is wrong, or else ok.",
		value: func(r *countRow) (float64, bool) { return float64(r.cards), true }},
}

// problemCardsFamilies are the metrics of a group and a problem, with the labels group and
// problem.
var problemCardsFamilies = []family[countRow]{
	{name: "simcard_group_problem_cards", help: "Cards of the group with a problem, as in simcard_problem. A card can have several.",
		value: func(r *countRow) (float64, bool) { return float64(r.cards), true }},
}

// cached ends the help of each metric whose value comes from an answer.
const cached = " Cached for at most max_age plus stale_if_error of the card's group."

// cardFamilies are the metrics of a card, with the labels imei and iccid.
var cardFamilies = []family[Card]{
	{name: "simcard_activation_timestamp_seconds", help: "Unix time at which the card was activated." + cached, unit: "seconds",
		value: ofKnown(func(c *platform.Card) (float64, bool) { return instant(c.Activated) })},
	{name: "simcard_balance_bytes", help: "Data left in this calendar month, in bytes." + cached, unit: "bytes",
		value: ofKnown(func(c *platform.Card) (float64, bool) { return optional(c.Balance) })},
	{name: "simcard_expiry_timestamp_seconds", help: "Unix time at which the card expires." + cached, unit: "seconds",
		value: ofKnown(func(c *platform.Card) (float64, bool) { return instant(c.Expires) })},
	{name: "simcard_status", help: "Status of the card as the platform says: 1 in service, 0 suspended." + cached,
		value: ofKnown(func(c *platform.Card) (float64, bool) { return optional(c.Status) })},
}

// infoFamilies are the metrics of a card with the labels imei, iccid, service_number,
// group, and those of the user.
var infoFamilies = []family[Card]{
	{name: "simcard_info", help: "Always 1; the labels are what is known of the card.",
		value: func(*Card) (float64, bool) { return 1, true }},
}

// problemFamilies are the metrics of a card and a problem, with the labels imei, iccid,
// group, problem, and those of the user. Their values have no unit in common: an alert is
// to say what it is about without a join over all cards.
var problemFamilies = []family[problemRow]{
	{name: "simcard_problem", help: "A problem of a card, absent without one. The value is the expiry in unix seconds (expired, expiring), the data left in bytes (out_of_data, data_low), or else 1: count the series, do not sum the values." + cached,
		value: func(r *problemRow) (float64, bool) {
			switch fact := r.problem.Fact(r.Known).(type) {
			case platform.Instant:
				return instant(fact)
			case problem.Bytes:
				return float64(fact), true
			default:
				return 1, true
			}
		}},
}

// ofKnown returns the value function of a metric that only known cards have.
func ofKnown(value func(*platform.Card) (float64, bool)) func(*Card) (float64, bool) {
	return func(c *Card) (float64, bool) {
		if c.Known == nil {
			return 0, false
		}
		return value(c.Known)
	}
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func optional[T int | float64](value *T) (float64, bool) {
	if value == nil {
		return 0, false
	}
	return float64(*value), true
}

func instant(i platform.Instant) (float64, bool) {
	const second = platform.Instant(time.Second)
	return float64(i/second) + float64(i%second)/1e9, i != 0
}
