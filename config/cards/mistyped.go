package cards

import (
	"fmt"
	"strings"
)

// checkLooks warns of ICCIDs that are probably mistyped: a final F, the letters O and I, a
// digit less than nearly all others that begin alike.
func (l *list) checkLooks() {
	var padded, letters, short []int
	lengths := make(map[string][2]int) // how many have 19 and 20, by what they begin with
	for i, c := range l.cards {
		if c.ICCID == "" {
			continue
		}
		n := lengths[c.ICCID[:6]]
		n[len(c.ICCID)-19]++
		lengths[c.ICCID[:6]] = n
		switch last := c.ICCID[len(c.ICCID)-1] | 0x20; {
		case last == 'f' && isDigits(c.ICCID[:len(c.ICCID)-1]):
			padded = append(padded, i)
		case strings.ContainsAny(c.ICCID, "OoIi"):
			letters = append(letters, i)
		}
	}
	for i, c := range l.cards {
		if len(c.ICCID) == 19 {
			if n := lengths[c.ICCID[:6]]; n[1] >= 20 && n[1] > 20*n[0] {
				short = append(short, i)
			}
		}
	}
	warn := func(found []int, format string) {
		l.warnAlike(len(found), "", func(i int) finding {
			c := l.cards[found[i]]
			return finding{l.at(c.Place), fmt.Sprintf(format, c.ICCID)}
		})
	}
	l.warnAlike(len(l.failed), "", func(i int) finding {
		return finding{l.failed[i], "the formula of this identifier fails, and the card has only its other one; mend it, or enter the number itself"}
	})
	warn(padded, "ICCID %s: an F at the end is padding, and not part of the number; leave it out if the platform does not know the card")
	warn(letters, "ICCID %s has the letter O or I; is it the digit 0 or 1?")
	warn(short, "ICCID %s has 19 digits, and nearly all others that begin alike have 20; is one missing?")
}

// checkDigits warns of IMEIs with a wrong check digit.
func (l *list) checkDigits() {
	l.warnAlike(len(l.mistyped), fmt.Sprintf(" of %d", l.judged[kindIMEI].cells), func(i int) finding {
		id := l.mistyped[i]
		return finding{id.place, fmt.Sprintf("IMEI %s is probably mistyped: by its check digit it should end in %c", id.text, luhnDigit(id.text))}
	})
}

// maxAlike is how many findings of a kind in a table have a warning each; of more there
// is one in all.
const maxAlike = 10

// warnAlike warns of n findings of a kind; of tells of how many, as in " of 300".
func (l *list) warnAlike(n int, of string, finding func(i int) finding) {
	for i := range n {
		f := finding(i)
		if n > maxAlike {
			l.Warn(f.place, "%s; and so on, %d%s in all", f.text, n, of)
			return
		}
		l.Warn(f.place, "%s", f.text)
	}
}
