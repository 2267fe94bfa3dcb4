package cards

import (
	"strings"
	"testing"

	"simcard_exporter/config/inventory"
)

// TestErrorOrder: files in the order in which they were seen, lines by number,
// repetitions once.
func TestErrorOrder(t *testing.T) {
	var r Report
	place := func(file string, line int) inventory.Place { return inventory.Place{File: file, Line: line} }
	r.Problem(place("b.yml", 9), "last")
	r.Problem(place("a.csv", 7), "late")
	r.Problem(place("a.csv", 2), "early")
	r.Problem(place("b.yml", 3), "first")
	r.Problem(place("a.csv", 2), "early")
	want := "b.yml:3: first\nb.yml:9: last\na.csv:2: early\na.csv:7: late"
	if got := strings.Join(r.Problems.Lines(), "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
