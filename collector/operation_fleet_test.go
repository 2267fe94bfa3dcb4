package collector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc/simulator"
)

// The groups of the simulated operation.
const (
	terminals  = iota // most of the cards
	liveCards         // few, slow to ask for
	pickyCards        // some of them refused, some unknown
	operationGroups
	spare = -1 // cards that no group has at the moment
)

// bytesPerMillisecond is how fast balances grow, so that each tells when it was
// answered. The platform writes KB of 1024 bytes with two decimals, so this is the
// smallest step.
const bytesPerMillisecond = 10.24

// newCards returns the cards of the operation, with the group that each begins in. One
// fleet in three is small: three batches, and a lone card in a fourth, which spoils it.
func newCards(epoch time.Time, random *rand.Rand) []*recordedCard {
	var cards []*recordedCard
	small := random.IntN(3) == 0
	for i, c := range simulator.Fleet(310) {
		card := &recordedCard{Card: c, index: i, byICCID: i%3 == 0, since: epoch}
		if c.Balance != "0KB" {
			card.BalanceAt = func(at time.Time) float64 {
				return float64(at.Sub(epoch).Milliseconds()) * bytesPerMillisecond
			}
		}
		switch {
		case small && i >= 20 && i < 180 || small && i >= 200 && i < 211 || small && i >= 232:
			card.group = spare
		case i < 155:
			card.group = terminals
		case i < 200:
			card.group, card.byICCID = liveCards, true
		case i < 240 || i >= 305:
			card.group = pickyCards
		default:
			card.group = spare
		}
		if small && card.group == pickyCards {
			card.byICCID = i == 231 // the only one of its kind
		}
		card.unknown = i >= 300
		card.spoils = i == 231
		card.refused = i == 203 || i == 211 || i == 222 || i == 241 || card.spoils
		card.device = card.byICCID && random.IntN(2) == 0
		cards = append(cards, card)
	}
	return cards
}

// newOperationGroups returns the groups, without their cards.
func newOperationGroups(random *rand.Rand) (groups [operationGroups]Group) {
	pick := func(durations ...time.Duration) time.Duration { return durations[random.IntN(len(durations))] }
	groups[terminals] = Group{Name: "terminals", MaxAge: pick(0, 30*time.Second, 30*time.Second, 5*time.Minute, 5*time.Minute)}
	groups[liveCards] = Group{Name: "live", Live: true, MaxAge: pick(5*time.Minute, 10*time.Minute)}
	groups[pickyCards] = Group{Name: "picky", MaxAge: pick(30*time.Second, 10*time.Minute, time.Hour, 12*time.Hour)}
	for i := range groups {
		groups[i].StaleIfError = pick(5*time.Minute, time.Hour)
		groups[i].Limits = testLimits
	}
	return groups
}

// testLimits are those of the configuration's defaults.
var testLimits = problem.Limits{ExpiringWithin: 30 * 24 * time.Hour, LowBalance: 1 << 20}

// longestBound is how long the answers of any group are served at most.
const longestBound = 13 * time.Hour

// configured returns the groups as they are configured now.
func (x *truth) configured() []Group {
	groups := slices.Clone(x.groups[:])
	for i := range groups {
		groups[i].Cards = nil
		for _, c := range x.order[i] {
			groups[i].Cards = append(groups[i].Cards, c.configured())
		}
	}
	return groups
}

// configured returns the card as the configuration lists it.
func (c *recordedCard) configured() Card {
	switch {
	case !c.byICCID:
		return Card{IMEI: c.IMEI}
	case c.device:
		return Card{IMEI: c.IMEI, ICCID: c.ICCID}
	default:
		return Card{ICCID: c.ICCID}
	}
}

// platformCards returns the cards that the platform knows.
func (x *truth) platformCards() (cards []simulator.Card) {
	for _, c := range x.cards {
		if !c.unknown {
			cards = append(cards, c.Card)
		}
	}
	return cards
}

// flipStatus suspends some cards and resumes others.
func (x *truth) flipStatus(random *rand.Rand) []simulator.Card {
	x.mu.Lock()
	defer x.mu.Unlock()
	for range 1 + random.IntN(20) {
		c := x.cards[random.IntN(len(x.cards))]
		c.Status = 1 - c.Status
	}
	return x.platformCards()
}

// rearrange changes the configuration in one of the ways in which users do.
func (x *truth) rearrange(random *rand.Rand) {
	g := random.IntN(operationGroups)
	switch random.IntN(6) {
	case 0: // which gives every batch other cards
		random.Shuffle(len(x.order[g]), func(i, j int) { x.order[g][i], x.order[g][j] = x.order[g][j], x.order[g][i] })
	case 1: // which shifts every batch by one card
		x.move(x.order[g][0], spare)
	case 2:
		x.order[g] = append(x.order[g][1:], x.order[g][0])
	case 3:
		for range 1 + random.IntN(25) {
			if len(x.order[g]) > 30 {
				x.move(x.order[g][random.IntN(len(x.order[g]))], spare)
			}
		}
	case 4:
		for range 1 + random.IntN(25) {
			c := x.cards[random.IntN(len(x.cards))]
			if c.group == spare {
				x.move(c, c.newHome(random))
			}
		}
	case 5:
		for range 1 + random.IntN(25) {
			c := x.cards[random.IntN(len(x.cards))]
			if c.group != spare {
				x.move(c, c.newHome(random))
			}
		}
	}
}

// newHome returns a group for a card. Those that are refused or unknown stay out
// of the live group, where finding them would take longer than most calm spells.
func (c *recordedCard) newHome(random *rand.Rand) int {
	if c.refused || c.unknown || random.IntN(2) == 0 {
		return pickyCards
	}
	return random.IntN(operationGroups)
}

// move moves a card to a random place of another group, or out of all.
func (x *truth) move(c *recordedCard, group int) {
	if c.group != spare {
		x.order[c.group] = slices.DeleteFunc(x.order[c.group], func(other *recordedCard) bool { return other == c })
	}
	if group != spare {
		at := (c.index * 7) % (len(x.order[group]) + 1)
		x.order[group] = slices.Insert(x.order[group], at, c)
	}
	// The exporter must have earlier answers only if the card has been configured
	// since, and is asked for in the same way.
	if c.group == spare || group == spare || x.groups[c.group].Live != x.groups[group].Live {
		c.since = time.Now()
	}
	c.group = group
}

// sweep returns how long it takes at most to ask for everything in calm weather.
func (x *truth) sweep() time.Duration {
	requests, work := 0, time.Duration(0)
	for _, c := range x.cards {
		if c.group != spare && c.blamedNow() { // asked for alone
			requests++
			work += x.weather.fast.most
		}
	}
	for g := range x.groups {
		latency := x.weather.fast.most
		if x.groups[g].Live {
			latency = x.weather.live.most
		}
		requests += x.batches(g)
		work += time.Duration(x.batches(g)) * latency
	}
	sweep := work/time.Duration(x.settings.Concurrency) + x.weather.live.most
	if x.settings.RateLimit > 0 {
		paced := time.Duration(float64(requests)/x.settings.RateLimit*float64(time.Second)) + x.weather.live.most
		sweep = max(sweep, paced)
	}
	return sweep
}

// anySpoils reports whether a request is for a card that makes it fail.
func (x *truth) anySpoils(identifiers []string) bool {
	return slices.ContainsFunc(identifiers, func(id string) bool {
		c := x.byID[strings.ToUpper(id)]
		return c != nil && c.spoils
	})
}

// batches returns how many requests a sweep of a group takes at least.
func (x *truth) batches(group int) int {
	imeis, iccids := 0., 0.
	for _, c := range x.order[group] {
		if c.byICCID {
			iccids++
		} else {
			imeis++
		}
	}
	return int(math.Ceil(imeis/20) + math.Ceil(iccids/20))
}

// String names a card in a message.
func (c *recordedCard) String() string {
	id := c.IMEI
	if c.byICCID {
		id = strings.ToUpper(c.ICCID)
	}
	return fmt.Sprintf("card %s (%d)", id, c.index)
}
