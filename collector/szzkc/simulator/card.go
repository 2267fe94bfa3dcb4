package simulator

import (
	"fmt"
	"math"
	"time"
)

// wireTime is how the platform writes a time: local, without a zone.
const wireTime = "2006-01-02T15:04:05"

// never is the zero DateTime of .NET, which stands for "not yet".
const never = "0001-01-01T00:00:00"

// shanghai is the zone of everything the platform says. It is fixed rather
// than loaded, so that the package works where no zone database is installed;
// Asia/Shanghai has had no other offset since 1991.
func shanghai() *time.Location {
	return time.FixedZone("CST", 8*60*60)
}

// Card is one card as the platform reports it. The fields hold the wire's own
// text, unchecked, so that a test can put anything there.
type Card struct {
	ServiceNum string
	// IMEI and ICCID are what the card is found by. A card is not reachable
	// by an identifier that is empty, or that no request can ask for.
	IMEI, ICCID string
	// Status is 0 for suspended, 1 for in service.
	Status int
	// ActiveTS and ExpireTS are local times of Asia/Shanghai without a zone,
	// "0001-01-01T00:00:00" for never. Empty is sent as null.
	ActiveTS, ExpireTS string
	// Balance is what is left of the calendar month's data, like "8306.00KB".
	Balance string
	// BalanceAt, if not nil, overrides Balance: the bytes left at a time. It
	// must be safe for concurrent use. It is sent in KB of 1024 bytes with two
	// decimals, and as "0KB" once nothing is left, as the page has both.
	// A request without update:true is answered with the balance at the end
	// of the previous day in Asia/Shanghai; see [Behaviour.AlwaysCurrent].
	BalanceAt func(time.Time) float64
}

// balance is the wire's text of the card's balance at a time.
func (c Card) balance(at time.Time) string {
	if c.BalanceAt == nil {
		return c.Balance
	}
	hundredths := math.Round(c.BalanceAt(at) / 1024 * 100)
	if hundredths <= 0 {
		return "0KB"
	}
	return fmt.Sprintf("%.2fKB", hundredths/100)
}

// endOfPreviousDay is the moment that answers without update:true speak of.
func endOfPreviousDay(now time.Time) time.Time {
	year, month, day := now.In(shanghai()).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, shanghai()).Add(-time.Second)
}

// PageCards are the three cards of the platform's page, verbatim and in its
// order. The slice is the caller's.
func PageCards() []Card {
	return []Card{
		{
			ServiceNum: "460044352904839",
			IMEI:       "352019040635785",
			ICCID:      "89860423191970454839",
			Status:     1,
			ActiveTS:   "2019-07-02T11:03:42",
			ExpireTS:   "2020-07-05T15:08:49",
			Balance:    "8306.00KB",
		},
		{
			ServiceNum: "460044352904000",
			IMEI:       "352019040625281",
			ICCID:      "89860423191970454000",
			Status:     1,
			ActiveTS:   "2019-06-21T19:38:22",
			ExpireTS:   "2019-06-22T14:29:44",
			Balance:    "0KB",
		},
		{
			ServiceNum: "460044300203314",
			IMEI:       "352019041648936",
			ICCID:      "898604231919c0083314",
			Status:     1,
			ActiveTS:   "2019-08-09T08:48:15",
			ExpireTS:   "2020-08-15T17:55:27",
			Balance:    "4.00KB",
		},
	}
}
