package simulator

import (
	"fmt"
	"time"
)

// allowance is the monthly data volume of a demo card in bytes.
const allowance = 30 << 20

const day = 24 * time.Hour

// Demo returns a small fleet with cards that have every problem but one, being gone: 45 in terminals, which are
// meant to be queried without update:true, and 15 in live, meant to be queried with
// it. Most are healthy. In each group, one is suspended, one has expired, one expires
// in three days and one in ten, one is out of data and one nearly. Two of the first
// group were never activated, and the balance of one is no number. One of the second uses
// half of its data every day.
//
// Identifiers are always the same, and dates are relative to now. Balances depend
// only on the time of the query, which keeps graphs continuous across restarts. They
// fall steadily from the start of each calendar month in Asia/Shanghai.
func Demo(now time.Time) (terminals, live []Card) {
	for i := range 45 {
		terminals = append(terminals, demoCard(now, i))
	}
	for i := range 15 {
		live = append(live, demoCard(now, 45+i))
	}
	for _, group := range [][]Card{terminals, live} {
		group[1].Status = 0
		group[1].setBalance(20480)
		group[2].setTimes(now.Add(-371*day), now.Add(-6*day))
		group[2].setBalance(9216)
		// With six hours more, the number of whole days stays the same during
		// a demonstration.
		group[3].setTimes(now.Add(-362*day), now.Add(3*day+6*time.Hour))
		group[4].setTimes(now.Add(-355*day), now.Add(10*day+6*time.Hour))
		group[5].setBalance(0)
		group[6].BalanceAt = monthlyBalance(600<<10, 200<<10)
	}
	// Not activated yet: without times, and, in stock, with the platform's placeholder.
	terminals[7].ActiveTS, terminals[7].ExpireTS = "", ""
	terminals[7].setBalance(allowance >> 10)
	terminals[8].ActiveTS, terminals[8].ExpireTS = never, never
	terminals[8].setBalance(0)
	terminals[9].BalanceAt, terminals[9].Balance = nil, "--"
	// A balance that falls within a day is visible only in live answers.
	live[7].BalanceAt = dailyBalance

	return terminals, live
}

// DemoUnknown returns two valid IMEIs that do not belong to the cards of [Demo].
func DemoUnknown() []string {
	return []string{imei(unknownTAC, 104601), imei(unknownTAC, 104602)}
}

// DemoRefused returns a valid IMEI that the demo's platform refuses to answer for.
func DemoRefused() string { return imei(unknownTAC, 104603) }

// demoCard returns the i-th card, in a healthy state.
func demoCard(now time.Time, i int) Card {
	// At the end of the month, every card has a different share of its data
	// left, from 5 to 60 percent.
	left := 0.05 + 0.55*float64(i*37%60)/59
	card := Card{
		ServiceNum: fmt.Sprintf("46004460%07d", 104600+i),
		IMEI:       imei(demoTAC, 104600+i*7),
		ICCID:      iccid("25", 104600+i),
		Status:     1,
		BalanceAt:  monthlyBalance(allowance, allowance*left),
	}
	age := time.Duration(30+i*53%330) * day
	card.setTimes(now.Add(-age), now.Add(2*365*day-age))
	return card
}

func (c *Card) setTimes(active, expire time.Time) {
	c.ActiveTS = active.In(shanghai()).Format(wireTime)
	c.ExpireTS = expire.In(shanghai()).Format(wireTime)
}

// setBalance gives the card a constant balance.
func (c *Card) setBalance(kilobytes int) {
	c.BalanceAt = nil
	c.Balance = "0KB"
	if kilobytes > 0 {
		c.Balance = fmt.Sprintf("%d.00KB", kilobytes)
	}
}

// monthlyBalance returns a [Card.BalanceAt] that falls steadily during each calendar
// month, between two numbers of bytes.
func monthlyBalance(from, to float64) func(time.Time) float64 {
	return func(at time.Time) float64 {
		year, month, _ := at.In(shanghai()).Date()
		start := time.Date(year, month, 1, 0, 0, 0, 0, shanghai())
		elapsed := at.Sub(start).Seconds() / start.AddDate(0, 1, 0).Sub(start).Seconds()
		return from + (to-from)*elapsed
	}
}

// dailyBalance is a [Card.BalanceAt] that falls to half of the allowance every day: a card that
// ran out would have a problem for the last hour of it, and the demo another figure.
func dailyBalance(at time.Time) float64 {
	year, month, date := at.In(shanghai()).Date()
	start := time.Date(year, month, date, 0, 0, 0, 0, shanghai())
	return allowance * (1 - at.Sub(start).Hours()/48)
}
