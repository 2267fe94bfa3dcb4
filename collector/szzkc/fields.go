package szzkc

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// balance is deliberately narrow. A sign is not read, since "-1" is a common
// way to say "unknown"; the digits are bounded so that every value is finite.
var balance = regexp.MustCompile(`^([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([KMG]?)B$`)

// parseBalance reads a balance such as "8306.00KB" into bytes, 1 KB being 1024
// of them. Decimals are rounded once, to the nearest float64: multiplying by a
// power of two is exact.
func parseBalance(s string) (bytes float64, err error) {
	m := balance.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(s)))
	if m == nil {
		return 0, fmt.Errorf("balance %q is not a number with B, KB, MB or GB", s)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, fmt.Errorf("parse balance: %w", err)
	}
	unit := map[string]float64{"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[m[2]]
	return n * unit, nil
}

const (
	// minYear is before the first SIM card, of 1991, and after the
	// placeholders for "no time": .NET's is in year 1, SQL Server's are in
	// 1753 and 1900, unix' is in 1970.
	minYear = 1990
	// maxYear is before the placeholders for "never": 9999 is the last year of
	// .NET and of SQL Server, and others write 2999 or 3000. 2099-12-31 stays a
	// date, since vendors enter it as one; it can be in 2100 in another zone.
	maxYear = 2100
)

// parseTime reads a .NET time, with or without a fraction, with or without an
// offset; without one it is local to location. Placeholders are errors.
func parseTime(s string, location *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	t, err := time.Parse("2006-01-02T15:04:05Z07:00", s)
	if err != nil {
		t, err = time.ParseInLocation("2006-01-02T15:04:05", s, location)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("parse time: %w", err)
	}
	if t.Year() < minYear || t.Year() > maxYear {
		return time.Time{}, fmt.Errorf("time %q is a placeholder", s)
	}
	return t, nil
}
