package simulator

import (
	"fmt"
	"math"
	"time"
)

// wireTime is the layout of the platform's times: local, without an offset.
const wireTime = "2006-01-02T15:04:05"

// never is the zero DateTime of .NET, a placeholder for "not yet".
const never = "0001-01-01T00:00:00"

// shanghai returns the platform's time zone. Its offset is fixed, because a time zone
// database may not be installed; Asia/Shanghai has had no other offset since 1991.
func shanghai() *time.Location {
	return time.FixedZone("CST", 8*60*60)
}

// Card is one card as the platform reports it. The texts are sent as they are,
// unchecked: tests may use any. The zero value is a suspended card that no request
// can find.
type Card struct {
	ServiceNum string
	// IMEI and ICCID identify the card. Requests cannot find the card by one
	// that is empty or malformed.
	IMEI, ICCID string
	// Status is 0 for suspended, 1 for in service.
	Status int
	// ActiveTS and ExpireTS are local times in Asia/Shanghai without an offset,
	// such as "2019-07-02T11:03:42". Empty is sent as null.
	ActiveTS, ExpireTS string
	// Balance is the data left in this calendar month, such as "8306.00KB".
	Balance string
	// BalanceAt, if not nil, overrides Balance. It returns the bytes left at the
	// given time and must be safe for concurrent use. The balance is sent in KB
	// of 1024 bytes with two decimals, or as "0KB" if nothing is left: both are
	// documented. Without update:true, it is the balance at the end of the
	// previous day in Asia/Shanghai; see [Behaviour.AlwaysCurrent].
	BalanceAt func(time.Time) float64
}

// balance returns the balance at the given time as it is sent.
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

// endOfPreviousDay returns the time of the balances in answers without update:true.
func endOfPreviousDay(now time.Time) time.Time {
	year, month, day := now.In(shanghai()).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, shanghai()).Add(-time.Second)
}

// PageCards returns the three cards of the example on the page that documents the
// platform's API, verbatim and in their order. The caller may change the slice.
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
