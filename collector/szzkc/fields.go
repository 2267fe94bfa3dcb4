package szzkc

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"simcard_exporter/collector/platform"
)

// balancePattern matches as little as possible. It allows no sign, because "-1" commonly
// means unknown. It limits the digits, because longer numbers could be infinite.
var balancePattern = regexp.MustCompile(`^([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([KMG]?)B$`)

// parseBalance parses a balance such as "8306.00KB" into bytes; 1 KB is 1024 bytes.
// Only ParseFloat rounds: multiplying by a power of two is exact.
func parseBalance(s string) (bytes float64, err error) {
	m := balancePattern.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(s)))
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

// Explain says why a field of an answer could not be read.
func Explain(f platform.InvalidField) string {
	err := fmt.Errorf("it has more than %d bytes", maxText)
	switch {
	case f.Text == "":
		err = errors.New("it is missing, empty, or of a type that it cannot be")
	case f.Field == "status":
		err = fmt.Errorf("%s is not a whole number", f.Text)
	case f.Field == "balance":
		_, err = parseBalance(f.Text)
	case f.Field == "activation" || f.Field == "expiry":
		_, err = parseTime(f.Text, time.UTC)
	}
	return fmt.Sprint(err)
}

const (
	// minYear is the first year that is not a placeholder for "no time": those
	// are in year 1 (.NET), 1753 and 1900 (SQL Server) and 1970 (Unix). The first
	// SIM card is from 1991.
	minYear = 1990
	// maxYear is the last year that is not a placeholder for "never": those are
	// in 2999, 3000 and 9999, the last year of .NET and SQL Server. Vendors enter
	// 2099-12-31 as a real date, which can be in 2100 in another zone.
	maxYear = 2100
)

// parseTime parses a .NET time, which may have a fraction and an offset. Without an
// offset, the time is in location. A placeholder is an error.
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
