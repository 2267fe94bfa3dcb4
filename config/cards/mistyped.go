package cards

import (
	"fmt"
	"strings"

	"simcard_exporter/config/inventory"
)

// mistyped is for an IMEI and its check digit.
const mistyped = "IMEI %s is probably mistyped: by its check digit it should end in %c"

// checkLooks warns of ICCIDs that are probably mistyped: a final F, the letters O and I, a
// digit less than nearly all others that begin alike.
func (l *list) checkLooks() {
	var padded, letters, short alike
	lengths := make(map[string][2]int) // how many have 19 and 20, by what they begin with
	for _, c := range l.cards {
		if c.ICCID == "" {
			continue
		}
		n := lengths[c.ICCID[:6]]
		n[len(c.ICCID)-19]++
		lengths[c.ICCID[:6]] = n
		switch last := c.ICCID[len(c.ICCID)-1] | 0x20; {
		case last == 'f' && isDigits(c.ICCID[:len(c.ICCID)-1]):
			padded.add(l.at(c.Place), "ICCID %s: an F at the end is padding, and not part of the number; leave it out if the platform does not know the card", c.ICCID)
		case strings.ContainsAny(c.ICCID, "OoIi"):
			letters.add(l.at(c.Place), "ICCID %s has the letter O or I; is it the digit 0 or 1?", c.ICCID)
		}
	}
	for _, c := range l.cards {
		if len(c.ICCID) == 19 {
			if n := lengths[c.ICCID[:6]]; n[1] >= 20 && n[1] > 20*n[0] {
				short.add(l.at(c.Place), "ICCID %s has 19 digits, and nearly all others that begin alike have 20; is one missing?", c.ICCID)
			}
		}
	}
	for _, found := range []*alike{&l.failed, &padded, &letters, &short} {
		l.warnAlike(found, "")
	}
	l.warnAlike(&l.mistyped, fmt.Sprintf(" of %d", l.judged[kindIMEI].cells))
}

// maxAlike is how many findings of a kind in a table have a warning each; of more there
// is one in all.
const maxAlike = 10

// alike are findings of a kind. The zero value is none.
type alike struct {
	first []finding // at most maxAlike
	n     int
}

func (a *alike) add(at inventory.Place, format string, args ...any) {
	if a.n++; a.n <= maxAlike {
		a.first = append(a.first, finding{at, fmt.Sprintf(format, args...)})
	}
}

// warnAlike warns of findings of a kind; of tells of how many, as in " of 300".
func (l *list) warnAlike(a *alike, of string) {
	if a.n > maxAlike {
		l.Warn(a.first[0].place, "%s; and so on, %d%s in all", a.first[0].text, a.n, of)
		return
	}
	for _, f := range a.first {
		l.Warn(f.place, "%s", f.text)
	}
}
