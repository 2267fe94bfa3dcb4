package config

import (
	"math"
	"strconv"
)

// The probability of chance below which damage is a warning, or a mistake.
const (
	warnBelow   = 0.05
	refuseBelow = 0.001
)

// countDamage counts an ICCID among those that may be damaged: that look as if a program
// had kept them as numbers, which have room for 15 to 17 of their 19 or 20 digits. One
// can look so by chance, many cannot.
func (l *cardList) countDamage(id entry) {
	if !isDigits(id.text) {
		return
	}
	// Of 19 digits, one number in 1,024 is a float64, which has two forms; of 20, one
	// in 16,384.
	if len(id.text) == 20 {
		l.expected += 2. / 16384
	} else {
		l.expected += 2. / 1024
	}
	if isFloat64(id.text) {
		l.rounded = append(l.rounded, id)
	}
}

// checkDamage reports the ICCIDs that look damaged, unless chance explains them. In the
// configuration file they are warnings only, so that there is a place for a genuine one.
func (l *cardList) checkDamage() {
	// The Poisson distribution is that of many rare events.
	chance, term := 1.0, math.Exp(-l.expected) // that as many as there are, or more, look damaged
	for k := range l.rounded {
		chance -= term
		term *= l.expected / float64(k+1)
	}
	const looks = "is a number that a spreadsheet or another program, such as pandas or JavaScript, has rounded to 64 bits"
	for _, id := range l.rounded {
		switch {
		case l.isCardFile && chance < refuseBelow:
			l.problem(id.place, "%s: %s %s, and its last digits are lost: %s; "+
				"one that is right can be listed under iccids in the configuration instead", l.headings[kindICCID], id.text, looks, enterAnew)
		case chance < warnBelow:
			l.warn(id.place, "ICCID %s %s, unless that is chance: check it", id.text, looks)
		}
	}
}

// isFloat64 reports whether digits are as programs write them that keep numbers as a
// float64: all digits of the nearest one, as pandas does, or as many as tell it from
// others and then zeros, as JavaScript does, and Excel with its zeros from the 16th on.
func isFloat64(digits string) bool {
	// A shortcut, since formatting takes long: of this size, each float64 is a
	// multiple of 1,024, and the shortest text of one has 17 digits.
	if tail, err := strconv.ParseUint(digits[len(digits)-10:], 10, 64); err != nil || tail%1024 != 0 && tail%100 != 0 {
		return false
	}
	number, err := strconv.ParseFloat(digits, 64)
	return err == nil && (strconv.FormatFloat(number, 'f', 0, 64) == digits || strconv.FormatFloat(number, 'f', -1, 64) == digits)
}
