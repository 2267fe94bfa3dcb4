package pages

import (
	"strconv"
	"time"

	"simcard_exporter/collector/platform"
)

// weekEnds are where the weeks of the overview end, in days from now; the last one is that
// of a month.
var weekEnds = [...]int{7, 14, 21, 30}

// shownMonths is for how many months the overview counts renewals, with the present one.
const shownMonths = 6

// Calendar is the weeks and months in which renewals are counted.
type Calendar struct {
	weeks  [1 + len(weekEnds)]platform.Instant
	months [1 + shownMonths]platform.Instant
	first  time.Time // of the present month
}

// NewCalendar returns the weeks from now on, and the months of its time zone.
func NewCalendar(now time.Time) *Calendar {
	c := &Calendar{first: time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())}
	c.weeks[0] = platform.InstantOf(now)
	for i, end := range weekEnds {
		c.weeks[1+i] = platform.InstantOf(now.Add(time.Duration(end) * oneDay))
	}
	for i := range c.months {
		c.months[i] = platform.InstantOf(c.first.AddDate(0, i, 0))
	}
	return c
}

// Renewals counts the cards that expire in each week and month of a Calendar.
type Renewals struct {
	Weeks  [len(weekEnds)]int
	Months [shownMonths]int
}

// Add counts a card that is in use.
func (r *Renewals) Add(c *Calendar, expires platform.Instant) {
	for i := range r.Weeks {
		if expires >= c.weeks[i] && expires < c.weeks[i+1] {
			r.Weeks[i]++
		}
	}
	for i := range r.Months {
		if expires >= c.months[i] && expires < c.months[i+1] {
			r.Months[i]++
		}
	}
}

// monthNames returns the months as the parameter expires has them.
func (c *Calendar) monthNames() (names []string) {
	for i := range shownMonths {
		names = append(names, c.first.AddDate(0, i, 0).Format("2006-01"))
	}
	return names
}

// weekQuery returns the parameter expires of a week.
func weekQuery(i int) string {
	if i == 0 {
		return strconv.Itoa(weekEnds[0]) + "d"
	}
	return strconv.Itoa(weekEnds[i-1]) + "d-" + strconv.Itoa(weekEnds[i]) + "d"
}
