package simulator

import (
	"fmt"
	"time"
)

// The type allocation codes that open the generated IMEIs. They differ from
// each other and from the page's, so that no generated card can be another.
const (
	fleetTAC   = 86405103
	demoTAC    = 86405203
	unknownTAC = 86405303
	foreignTAC = 86405403
)

// serials is how many IMEIs one type allocation code has room for.
const serials = 1_000_000

// Fleet is n cards, the first three of them [PageCards]. The same n gives the
// same cards, and a larger n the same ones and more. Identifiers are distinct
// and well formed: IMEIs pass the Luhn check, ICCIDs have 20 characters and
// every fifth of them a letter. About one card in 50 is suspended and one in
// 40 out of data; times and balances are constants, and differ from card to
// card. Ten million cards are the most that it has identifiers for.
func Fleet(n int) []Card {
	cards := make([]Card, 0, max(n, 0))
	for i := range n {
		if i < 3 {
			cards = append(cards, PageCards()[i])
			continue
		}
		cards = append(cards, fleetCard(i))
	}
	return cards
}

func fleetCard(i int) Card {
	// Steps coprime to what they wrap at visit everything before repeating.
	const minutesOfThreeYears = 3 * 365 * 24 * 60
	active := time.Date(2023, 1, 1, 0, 0, i%60, 0, time.UTC).
		Add(time.Duration(i*7919%minutesOfThreeYears) * time.Minute)

	card := Card{
		ServiceNum: fmt.Sprintf("46004%010d", i),
		IMEI:       imei(fleetTAC+i/serials, i*7919%serials),
		ICCID:      iccid("24", i),
		Status:     1,
		ActiveTS:   active.Format(wireTime),
		ExpireTS:   active.AddDate(1, 0, i%90).Format(wireTime),
		Balance:    fmt.Sprintf("%d.%02dKB", 1+i*7919%30719, i%100),
	}
	if i%50 == 7 {
		card.Status = 0
	}
	if i%40 == 11 {
		card.Balance = "0KB"
	}
	return card
}

// iccid is the i-th card number of a series of two digits, in the two forms
// that the page shows: digits alone, and with one letter.
func iccid(series string, i int) string {
	const chinaMobile = "898604"
	if i%5 == 2 {
		return fmt.Sprintf("%s%s2419%c%07d", chinaMobile, series, 'a'+rune(i/5%6), i)
	}
	return fmt.Sprintf("%s%s2419%08d", chinaMobile, series, i)
}

// imei is the number of a terminal with its check digit.
func imei(tac, serial int) string {
	body := fmt.Sprintf("%08d%06d", tac, serial)
	return body + string('0'+luhnDigit(body))
}

// luhnDigit is the digit that makes body, with it appended, pass the Luhn check.
func luhnDigit(body string) rune {
	sum := 0
	for i := range len(body) {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return rune((10 - sum%10) % 10)
}
