package szzkc

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseBalance(t *testing.T) {
	for s, want := range map[string]float64{
		"8306.00KB":          8505344,
		"0KB":                0,
		"4.00KB":             4096,
		"1.50MB":             1572864,
		"2GB":                2147483648,
		"17B":                17,
		"0.1KB":              102.4,
		"1.01MB":             1059061.76,
		"999999999999999GB":  999999999999999 * 1073741824,
		" 8306.00 kb\n":      8505344,
		"8306.000000000KB":   8505344,
		"0.000000000000001B": 1e-15,
	} {
		if got, err := parseBalance(s); err != nil || got != want {
			t.Errorf("parseBalance(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "KB", "8306", "8306.KB", ".5KB", "-5KB", "+5KB", "8,306.00KB", "8306,00KB", "1e3KB", "0x10KB", "1_0KB",
		"infKB", "NaNKB", "8306.00TB", "8306.00KiB", "8306.00K", "1.2.3KB", "８KB", "8306.00KB left",
		"1000000000000000KB", strings.Repeat("9", 400) + "KB",
	} {
		if got, err := parseBalance(s); err == nil {
			t.Errorf("parseBalance(%q) = %v, want an error", s, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	location := shanghai(t)
	for s, want := range map[string]float64{
		"2020-07-05T15:08:49":         1593932929,
		"2020-07-05T15:08:49.5":       1593932929.5,
		"2020-07-05T15:08:49.1234567": 1593932929.1234567,
		"2020-07-05T15:08:49+08:00":   1593932929,
		"2020-07-05T07:08:49Z":        1593932929,
		"2020-07-05T07:08:49.25Z":     1593932929.25,
		"2099-12-31T23:59:59":         4102415999,
		"2099-12-31T23:59:59-08:00":   4102473599,
		"2100-01-01T07:59:59":         4102444799, // the last second of 2099 in UTC
		" 2020-07-05T15:08:49 ":       1593932929,
	} {
		got, err := parseTime(s, location)
		if seconds := float64(got.Unix()) + float64(got.Nanosecond())/1e9; err != nil || seconds != want {
			t.Errorf("parseTime(%q) = %v, %v, want %v", s, seconds, err, want)
		}
	}
	for _, s := range []string{
		"", "null", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+08:00",
		"1753-01-01T00:00:00", "1900-01-01T00:00:00", "1970-01-01T00:00:00", "1970-01-01T08:00:00",
		"9999-12-31T23:59:59", "9999-12-31T23:59:59.9999999", "9999-12-31T15:59:59.9999999Z", "9999-12-31T00:00:00+08:00",
		"2999-12-31T23:59:59", "2101-01-01T00:00:00",
		"2020-07-05T00:08:49.0000000-0700", // .NET writes the offset with a colon
		"2020-07-05", "2020-07-05 15:08:49", "2020-02-30T00:00:00", "2020-07-05T24:00:00", "05/07/2020", "/Date(1593932929000)/",
	} {
		if got, err := parseTime(s, location); err == nil {
			t.Errorf("parseTime(%q) = %v, want an error", s, got)
		}
	}
}

func FuzzParseBalance(f *testing.F) {
	for _, s := range []string{"8306.00KB", "0KB", "1.50MB", "2GB", "-1KB", "1e9KB", "infB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		bytes, err := parseBalance(s)
		if err == nil && (math.IsNaN(bytes) || math.IsInf(bytes, 0) || bytes < 0) {
			t.Errorf("parseBalance(%q) = %v", s, bytes)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2020-07-05T15:08:49", "2020-07-05T15:08:49.123+08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999", ""} {
		f.Add(s)
	}
	location := time.FixedZone("CST", 8*60*60)
	f.Fuzz(func(t *testing.T, s string) {
		at, err := parseTime(s, location)
		if err == nil && (at.Year() < minYear || at.Year() > maxYear) {
			t.Errorf("parseTime(%q) = %v", s, at)
		}
	})
}

func BenchmarkParseBalance(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseBalance("8306.00KB"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTime(b *testing.B) {
	location := shanghai(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseTime("2020-07-05T15:08:49", location); err != nil {
			b.Fatal(err)
		}
	}
}
