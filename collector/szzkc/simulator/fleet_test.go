package simulator

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// luhn reports whether the number passes the Luhn check.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// checkIdentifiers checks that the identifiers are well formed and not yet in seen, and
// adds them to it.
func checkIdentifiers(t *testing.T, cards []Card, seen map[string]bool) {
	t.Helper()
	for _, c := range cards {
		if !isIMEI(c.IMEI) || !luhn(c.IMEI) {
			t.Fatalf("IMEI %q", c.IMEI)
		}
		if !isICCID(c.ICCID) || len(c.ICCID) != 20 || !strings.HasPrefix(c.ICCID, "8986") {
			t.Fatalf("ICCID %q", c.ICCID)
		}
		for _, id := range []string{c.IMEI, strings.ToUpper(c.ICCID), "service " + c.ServiceNum} {
			if seen[id] {
				t.Fatalf("%s twice", id)
			}
			seen[id] = true
		}
	}
}

func TestFleet(t *testing.T) {
	cards := Fleet(100_000)
	if len(cards) != 100_000 || !reflect.DeepEqual(cards[:3], PageCards()) {
		t.Fatalf("%d cards, the first %+v", len(cards), cards[0])
	}
	seen := make(map[string]bool, 3*len(cards))
	checkIdentifiers(t, cards, seen)
	checkIdentifiers(t, []Card{foreignCard()}, seen)

	var suspended, empty, letters int
	balances := make(map[string]bool)
	expiries := make(map[string]bool)
	for _, c := range cards {
		if _, err := time.Parse(wireTime, c.ActiveTS); err != nil {
			t.Fatal(err)
		}
		if c.ExpireTS <= c.ActiveTS {
			t.Fatalf("expires before it is activated: %+v", c)
		}
		var whole, hundredths int
		if _, err := fmt.Sscanf(c.Balance, "%d.%02dKB", &whole, &hundredths); err != nil && c.Balance != "0KB" {
			t.Fatalf("balance %q", c.Balance)
		}
		balances[c.Balance], expiries[c.ExpireTS] = true, true
		if c.Status == 0 {
			suspended++
		}
		if c.Balance == "0KB" {
			empty++
		}
		if strings.Trim(c.ICCID, "0123456789") != "" {
			letters++
		}
	}
	for what, n := range map[string]int{"suspended": suspended, "out of data": empty, "with a letter": letters} {
		if n < len(cards)/100 || n > len(cards)/4 {
			t.Errorf("%d are %s", n, what)
		}
	}
	if len(balances) < 1000 || len(expiries) < 1000 {
		t.Errorf("only %d balances and %d expiries", len(balances), len(expiries))
	}
}

func TestFleetSizes(t *testing.T) {
	large := Fleet(500)
	for _, n := range []int{-1, 0, 1, 3, 4, 200} {
		if got := Fleet(n); len(got) != max(n, 0) || n > 0 && !reflect.DeepEqual(got, large[:n]) {
			t.Errorf("Fleet(%d) has %d cards, or others than a larger one", n, len(got))
		}
	}
}

func TestEveryCardOfAFleetIsFound(t *testing.T) {
	cards := Fleet(2000)
	sim := New(cards)
	for _, c := range cards {
		for _, id := range []string{c.IMEI, c.ICCID} {
			if got, ok := sim.Truth(id); !ok || !reflect.DeepEqual(got, c) {
				t.Fatalf("by %s: %+v, want %+v", id, got, c)
			}
		}
	}
}

func BenchmarkFleet(b *testing.B) {
	for b.Loop() {
		Fleet(100_000)
	}
}

func BenchmarkBatch(b *testing.B) {
	cards := Fleet(20)
	identifiers := make([]string, len(cards))
	for i, c := range cards {
		identifiers[i] = c.IMEI
	}
	sim := New(cards)
	behaviour := sim.behaviour.Load()
	twenty := batch{identifiers: identifiers}
	b.ReportAllocs()
	for b.Loop() {
		sim.body(behaviour, twenty, None)
	}
}
