package simulator

import (
	"fmt"
	"time"
)

// The type allocation codes at the start of generated IMEIs. They are distinct, also
// from those of [PageCards], which keeps all IMEIs distinct.
const (
	fleetTAC   = 86405103
	demoTAC    = 86405203
	unknownTAC = 86405303
	foreignTAC = 86405403
)

// serials is the number of IMEIs with one type allocation code.
const serials = 1_000_000

// Fleet returns n different cards, starting with [PageCards]. A larger fleet starts
// with the cards of a smaller one. Identifiers are distinct and well formed: IMEIs
// pass the Luhn check, ICCIDs have 20 characters, and every fifth ICCID contains a
// letter. About one card in 50 is suspended and one in 40 is out of data. Times and
// balances are constant. There are identifiers for ten million cards.
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
	// Multiples of 7919 modulo a number visit every remainder before repeating
	// one, as long as 7919, a prime, does not divide the number.
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

// iccid returns the i-th ICCID of a series of two digits. As in the documentation,
// some ICCIDs contain one letter.
func iccid(series string, i int) string {
	const chinaMobile = "898604"
	if i%5 == 2 {
		return fmt.Sprintf("%s%s2419%c%07d", chinaMobile, series, 'a'+rune(i/5%6), i)
	}
	return fmt.Sprintf("%s%s2419%08d", chinaMobile, series, i)
}

// imei returns an IMEI with its check digit.
func imei(tac, serial int) string {
	body := fmt.Sprintf("%08d%06d", tac, serial)
	return body + string('0'+luhnDigit(body))
}

// luhnDigit returns the check digit that makes body, with it appended, pass the Luhn
// check.
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
