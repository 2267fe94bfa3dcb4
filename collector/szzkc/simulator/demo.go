package simulator

import (
	"fmt"
	"time"
)

// allowance is the data that a demo card has for a calendar month, in bytes.
const allowance = 30 << 20

const day = 24 * time.Hour

// Demo is a small fleet that shows every state a terminal's card can be in: 45
// cards to be asked for as of the previous day, and 15 to be asked for live.
// Most are healthy; in each group one is suspended, one expired, one expires
// in three days and one in ten, one is out of data and one nearly; two of the
// first group were never activated, and one of the second uses its month's
// data up within a day.
//
// Identifiers are the same at every call and dates are relative to now.
// Balances depend on the time they are asked for and on nothing else, so that
// a restart continues the graph: they fall steadily and are full again when a
// calendar month begins in Asia/Shanghai.
func Demo(now time.Time) (terminals, live []Card) {
	for i := range 45 {
		terminals = append(terminals, demoCard(now, i))
	}
	for i := range 15 {
		live = append(live, demoCard(now, 45+i))
	}
	for _, group := range [][]Card{terminals, live} {
		group[1].Status = 0
		group[1].still(20480)
		group[2].lives(now.Add(-371*day), now.Add(-6*day))
		group[2].still(9216)
		// The hours keep the whole days whole for as long as a demo runs.
		group[3].lives(now.Add(-362*day), now.Add(3*day+6*time.Hour))
		group[4].lives(now.Add(-355*day), now.Add(10*day+6*time.Hour))
		group[5].still(0)
		group[6].BalanceAt = falling(600<<10, 200<<10)
	}
	// .NET has two ways to say that there is no date yet.
	terminals[7].ActiveTS, terminals[7].ExpireTS = "", ""
	terminals[7].still(allowance >> 10)
	terminals[8].ActiveTS, terminals[8].ExpireTS = never, never
	terminals[8].still(allowance >> 10)
	// Only live answers can show a balance that is gone by the end of the day.
	live[7].BalanceAt = fallingDaily

	return terminals, live
}

// DemoUnknown are two IMEIs, valid ones, of terminals that the platform of
// [Demo] knows nothing of.
func DemoUnknown() []string {
	return []string{imei(unknownTAC, 104601), imei(unknownTAC, 104602)}
}

// demoCard is the i-th card, healthy.
func demoCard(now time.Time, i int) Card {
	// Between 5 and 60 percent are left at the month's end, all different.
	left := 0.05 + 0.55*float64(i*37%60)/59
	card := Card{
		ServiceNum: fmt.Sprintf("46004460%07d", 104600+i),
		IMEI:       imei(demoTAC, 104600+i*7),
		ICCID:      iccid("25", 104600+i),
		Status:     1,
		BalanceAt:  falling(allowance, allowance*left),
	}
	age := time.Duration(30+i*53%330) * day
	card.lives(now.Add(-age), now.Add(2*365*day-age))
	return card
}

// lives sets the card's times.
func (c *Card) lives(from, to time.Time) {
	c.ActiveTS = from.In(shanghai()).Format(wireTime)
	c.ExpireTS = to.In(shanghai()).Format(wireTime)
}

// still gives the card a balance that does not change.
func (c *Card) still(kilobytes int) {
	c.BalanceAt = nil
	c.Balance = "0KB"
	if kilobytes > 0 {
		c.Balance = fmt.Sprintf("%d.00KB", kilobytes)
	}
}

// falling is a balance that falls steadily through each calendar month, from
// so many bytes to so many.
func falling(from, to float64) func(time.Time) float64 {
	return func(at time.Time) float64 {
		year, month, _ := at.In(shanghai()).Date()
		start := time.Date(year, month, 1, 0, 0, 0, 0, shanghai())
		passed := at.Sub(start).Seconds() / start.AddDate(0, 1, 0).Sub(start).Seconds()
		return from + (to-from)*passed
	}
}

// fallingDaily is a balance that is gone at the end of each day.
func fallingDaily(at time.Time) float64 {
	year, month, date := at.In(shanghai()).Date()
	start := time.Date(year, month, date, 0, 0, 0, 0, shanghai())
	return allowance * (1 - at.Sub(start).Hours()/24)
}
