package config

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestDamage: ICCIDs that a program has kept as numbers are left out, even if they
// are a few of many.
func TestDamage(t *testing.T) {
	float := func(digits string, precision int) string {
		number, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatFloat(number, 'f', precision, 64)
	}
	programs := map[string]func(string) string{
		"Excel":      func(digits string) string { return digits[:15] + strings.Repeat("0", len(digits)-15) },
		"pandas":     func(digits string) string { return float(digits, 0) },
		"JavaScript": func(digits string) string { return float(digits, -1) },
	}
	for program, damage := range programs {
		for _, length := range []int{19, 20} {
			for _, rows := range []int{3, 100, 10_000} {
				t.Run(fmt.Sprintf("%s, %d digits, %d rows", program, length, rows), func(t *testing.T) {
					text, damaged := randomICCIDs(rows, length), 0
					for i := range text {
						if i%20 == 0 || rows == 3 {
							text[i] = damage(text[i])
							damaged++
						}
					}
					cfg, err := parseCSV([]byte("iccid\n" + strings.Join(text, "\n")))
					if rows == 3 { // and so no card is left
						if err == nil || strings.Count(err.Error(), "its last digits are lost") != rows {
							t.Errorf("%v", err)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if got := cfg.Groups[0].Rows.Invalid; got < damaged || got > damaged+40 { // some look damaged by chance
						t.Errorf("%d of %d left out, and %d are damaged", got, rows, damaged)
					}
				})
			}
		}
	}
}

// TestNoDamage: fleets of sound ICCIDs raise no alarm, and hardly a warning.
func TestNoDamage(t *testing.T) {
	warnings := 0
	for range 20 {
		for _, length := range []int{19, 20} {
			cfg, err := parseCSV([]byte("iccid\n" + strings.Join(randomICCIDs(10_000, length), "\n")))
			if err != nil {
				t.Fatal(err)
			}
			warnings += len(cfg.Warnings)
		}
	}
	if warnings > 20 {
		t.Errorf("%d warnings about 400,000 sound ICCIDs", warnings)
	}
}

// TestOneRoundedICCID: one in 200 may be chance, and is a warning.
func TestOneRoundedICCID(t *testing.T) {
	text := randomICCIDs(200, 20)
	text[100] = "89860423191800000000"
	cfg, err := parseCSV([]byte("iccid\n" + strings.Join(text, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	wantWarnings(t, cfg, []string{
		"cards.csv:102: ICCID 89860423191800000000 ends in zeros from the 16th digit on, as a spreadsheet leaves a long number, unless that is chance: check it",
	})
}

// randomICCIDs returns n different ICCIDs, the same in each run.
func randomICCIDs(n, length int) []string {
	random := rand.New(rand.NewPCG(uint64(n), uint64(length)))
	text := make([]string, n)
	for i := range text {
		text[i] = fmt.Sprintf("8986%05d%010d", i, random.Int64N(1e10))
		for len(text[i]) < length {
			text[i] += strconv.Itoa(random.IntN(10))
		}
	}
	return text
}
