package config

import (
	"math"
	"strconv"
	"strings"
)

// damage counts the ICCIDs of a list that look as if a program had kept them as
// numbers, which have room for 15 to 17 of their 19 or 20 digits. Each can look
// so by chance; together they cannot.
type damage struct {
	expected float64 // how many look so by chance
	found    []entry
}

// unlikely is the probability from which on chance is no explanation.
const unlikely = 0.001

// Excel writes zeros from the 16th digit on.
func zerosBehind15(digits string) bool { return strings.Trim(digits[15:], "0") == "" }

// Programs that keep numbers as a float64, as pandas and JavaScript do, write
// either all digits of the nearest one, or as many as tell it from others and
// then zeros.
func isFloat64(digits string) bool {
	// A shortcut, since formatting takes long: of this size, each float64 is a
	// multiple of 1,024, and the shortest text of one has 17 digits.
	if tail, err := strconv.ParseUint(digits[len(digits)-10:], 10, 64); err != nil || tail%1024 != 0 && tail%100 != 0 {
		return false
	}
	number, err := strconv.ParseFloat(digits, 64)
	return err == nil && (strconv.FormatFloat(number, 'f', 0, 64) == digits || strconv.FormatFloat(number, 'f', -1, 64) == digits)
}

// add counts one that can look damaged with a probability.
func (d *damage) add(id entry, probability float64, looks bool) {
	d.expected += probability
	if looks {
		d.found = append(d.found, id)
	}
}

// probability is how likely as many are found by chance, or more.
func (d *damage) probability() float64 {
	// The Poisson distribution is that of many rare events.
	fewer, term := 0.0, math.Exp(-d.expected)
	for k := range len(d.found) {
		fewer += term
		term *= d.expected / float64(k+1)
	}
	return max(0, 1-fewer)
}
