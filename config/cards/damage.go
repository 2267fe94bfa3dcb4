package cards

import (
	"strconv"
	"strings"
)

// A rule finds ICCIDs that look as if a program had kept them as numbers, which have room
// for 15 to 17 of their 19 or 20 digits. One can look so by chance, many cannot.
type rule struct {
	looks   func(digits string) bool
	chances [2]float64 // that one of 19, or of 20, digits looks so by chance
	english string
	chinese string
}

var rules = [...]rule{
	{zerosBehind15, [2]float64{1e-4, 1e-5}, "ends in zeros from the 16th digit on, as a spreadsheet leaves a long number", "从第 16 位起都是 0，是表格软件保留 15 位的结果"},
	// One number in 1,024 of 19 digits is a float64, which has two forms; of 20, one in 16,384.
	{isFloat64, [2]float64{2. / 1024, 2. / 16384}, "is a number that pandas, JavaScript or another program has rounded to 64 bits", "是 pandas、JavaScript 等程序按 64 位浮点数舍入的结果"},
}

// checkDamage leaves out the ICCIDs that look damaged, if they are more than chance
// explains, and warns of them otherwise. In the configuration file it only warns, so that
// there is a place for a genuine one. Sound neighbours explain a round number: a box of
// cards may begin with it.
func (l *list) checkDamage() {
	isLost, warned := make(map[int]*Remark), make(map[int]bool)
	for n, r := range rules {
		expected, found := 0., []int(nil)
		boxes := make(map[string]bool) // of what was found
		for i, c := range l.cards {
			if c.ICCID == "" || !isDigits(c.ICCID) {
				continue
			}
			expected += r.chances[len(c.ICCID)-19]
			if isLost[i] == nil && r.looks(c.ICCID) {
				found = append(found, i)
				boxes[box(c.ICCID)] = true
			}
		}
		isExplained := make(map[string]bool)
		for _, c := range l.cards {
			if c.ICCID != "" && boxes[box(c.ICCID)] && !r.looks(c.ICCID) {
				isExplained[box(c.ICCID)] = true
			}
		}
		total := len(found) + l.repeated[n]
		rare, many := float64(total) > 10*expected, total >= 3 && float64(total) > 5*expected
		for _, i := range found {
			id := l.cards[i].ICCID
			switch {
			case isExplained[box(id)]:
			case many && l.isTable():
				isLost[i] = lost(id, r.english+", and its last digits are lost", r.chinese+"，末几位已丢失")
			case rare && !warned[i]:
				warned[i] = true
				l.Warn(l.at(l.cards[i].Place), "ICCID %s %s, unless that is chance: check it", id, r.english)
			}
		}
	}
	kept := l.cards[:0]
	for i, c := range l.cards {
		if remark := isLost[i]; remark != nil {
			delete(l.listed, strings.ToUpper(c.ICCID))
			delete(l.devices, c.IMEI)
			l.leaveOut(l.at(c.Place), l.under(kindICCID, remark))
			l.judged[kindICCID].bad(l.at(c.Place), remark)
		} else {
			kept = append(kept, c)
		}
	}
	l.cards = kept
}

// box returns what the numbers of up to 1,000 cards that follow each other have in common.
func box(iccid string) string { return iccid[:len(iccid)-3] }

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
