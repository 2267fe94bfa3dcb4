package config

import (
	"math"
	"strconv"
	"strings"
)

// damage counts the ICCIDs of a list that look as if a program had kept them as
// numbers, which have room for 15 to 17 of their 19 or 20 digits. One can look so
// by chance, many cannot.
type damage struct {
	expected float64 // how many look so by chance
	found    []entry
}

// The probability of chance below which damage is a warning, or a mistake.
const (
	warnBelow   = 0.05
	refuseBelow = 0.001
)

// countDamage counts an ICCID among those that may be damaged.
func (l *cardList) countDamage(id entry) {
	if !isDigits(id.text) {
		return
	}
	// Of 19 digits, 4 are zeros by chance once in 10,000 times, and one number
	// in 1,024 is a float64, which has two forms; of 20, 5 and one in 16,384.
	zeros, float := 1e-4, 2./1024
	if len(id.text) == 20 {
		zeros, float = 1e-5, 2./16384
	}
	l.zeros.add(id, zeros, zerosBehind15(id.text))
	l.floats.add(id, float, isFloat64(id.text))
}

// checkDamage reports the ICCIDs that look damaged, unless chance explains them.
// In the configuration file they are warnings only, so that there is a place for
// a genuine one.
func (l *cardList) checkDamage() {
	reported := make(map[entry]bool)
	for _, d := range []struct {
		damage
		looks string
	}{
		{l.zeros, "ends in zeros from the 16th digit on, as a spreadsheet leaves a long number"},
		{l.floats, "is a number that pandas, JavaScript or another program has rounded to 64 bits"},
	} {
		chance := d.chance()
		for _, id := range d.found {
			switch {
			case reported[id] || chance > warnBelow:
				continue
			case l.isCardFile && chance < refuseBelow:
				l.problem(id.place, "%s: %s %s, and its last digits are lost: %s; "+
					"one that is right can be listed under iccids in the configuration instead", l.headings[kindICCID], id.text, d.looks, enterAnew)
			default:
				l.warn(id.place, "ICCID %s %s, unless that is chance: check it", id.text, d.looks)
			}
			reported[id] = true
		}
	}
}

// zerosBehind15 reports whether digits are as Excel writes them: zeros from the
// 16th on.
func zerosBehind15(digits string) bool { return strings.Trim(digits[15:], "0") == "" }

// isFloat64 reports whether digits are as programs write them that keep numbers as
// a float64, such as pandas and JavaScript: all digits of the nearest one, or as
// many as tell it from others and then zeros.
func isFloat64(digits string) bool {
	// A shortcut, since formatting takes long: of this size, each float64 is a
	// multiple of 1,024, and the shortest text of one has 17 digits.
	if tail, err := strconv.ParseUint(digits[len(digits)-10:], 10, 64); err != nil || tail%1024 != 0 && tail%100 != 0 {
		return false
	}
	number, err := strconv.ParseFloat(digits, 64)
	return err == nil && (strconv.FormatFloat(number, 'f', 0, 64) == digits || strconv.FormatFloat(number, 'f', -1, 64) == digits)
}

// add counts an ICCID, and the probability that one looks damaged by chance.
func (d *damage) add(id entry, probability float64, looksDamaged bool) {
	d.expected += probability
	if looksDamaged {
		d.found = append(d.found, id)
	}
}

// chance returns the probability that as many as were found, or more, look damaged
// by chance.
func (d *damage) chance() float64 {
	// The Poisson distribution is that of many rare events.
	fewer, term := 0.0, math.Exp(-d.expected)
	for k := range len(d.found) {
		fewer += term
		term *= d.expected / float64(k+1)
	}
	return max(0, 1-fewer)
}
