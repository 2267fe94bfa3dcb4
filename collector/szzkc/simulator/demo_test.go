package simulator

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestDemoIdentifiers(t *testing.T) {
	terminals, live := Demo(time.Now())
	seen := make(map[string]bool)
	checkIdentifiers(t, terminals, seen)
	checkIdentifiers(t, live, seen)
	checkIdentifiers(t, Fleet(2000), seen)

	sim := New(append(terminals, live...))
	unknown := DemoUnknown()
	if len(unknown) != 2 || unknown[0] == unknown[1] {
		t.Errorf("unknown IMEIs are %q", unknown)
	}
	for _, id := range append(unknown, DemoRefused()) {
		if _, known := sim.Truth(id); known || !isIMEI(id) || !luhn(id) || seen[id] {
			t.Errorf("%s is known or not a valid IMEI", id)
		}
	}
}

// sentBytes returns the balance at the given time as a client sees it.
func sentBytes(t *testing.T, c Card, at time.Time) float64 {
	t.Helper()
	kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(c.balance(at), "KB"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes * 1024
}

// states returns the states of a card at the given time, as alerting rules would.
func states(t *testing.T, c Card, now time.Time) []string {
	t.Helper()
	var found []string
	expiresWithin := func(d time.Duration) bool {
		expiry, err := time.ParseInLocation(wireTime, c.ExpireTS, shanghai())
		return err == nil && c.ExpireTS != never && expiry.Before(now.Add(d))
	}
	if c.BalanceAt == nil && c.Balance == "--" {
		return []string{"unreadable balance"}
	}
	left := sentBytes(t, c, now)
	switch {
	case c.Status == 0:
		found = append(found, "suspended")
	case c.ActiveTS == "" && c.ExpireTS == "", c.ActiveTS == never && c.ExpireTS == never:
		found = append(found, "never activated")
	case expiresWithin(0):
		found = append(found, "expired")
	case expiresWithin(4 * day):
		found = append(found, "expires in 3 days")
	case expiresWithin(11 * day):
		found = append(found, "expires in 10 days")
	case expiresWithin(60 * day):
		found = append(found, "expires too soon to be healthy")
	}
	switch {
	case left == 0 && c.ExpireTS == never:
		found = append(found, "in stock")
	case left == 0:
		found = append(found, "out of data")
	case left < 1<<20:
		found = append(found, "nearly out of data")
	case (left-sentBytes(t, c, now.Add(time.Hour)))*24*28 > allowance*2:
		found = append(found, "burns data")
	}
	if len(found) == 0 {
		found = append(found, "healthy")
	}
	return found
}

func TestDemoStates(t *testing.T) {
	want := [2]map[string]int{
		{
			"suspended": 1, "expired": 1, "expires in 3 days": 1, "expires in 10 days": 1,
			"out of data": 1, "nearly out of data": 1, "never activated": 2, "in stock": 1, "unreadable balance": 1, "healthy": 36,
		},
		{
			"suspended": 1, "expired": 1, "expires in 3 days": 1, "expires in 10 days": 1,
			"out of data": 1, "nearly out of data": 1, "burns data": 1, "healthy": 8,
		},
	}
	for _, now := range []time.Time{
		time.Date(2026, 2, 1, 0, 0, 0, 0, shanghai()),
		time.Date(2026, 2, 28, 15, 0, 0, 0, shanghai()),
		time.Date(2027, 12, 31, 10, 30, 0, 0, time.UTC),
	} {
		terminals, live := Demo(now)
		for i, group := range [2][]Card{terminals, live} {
			got := make(map[string]int)
			for _, c := range group {
				for _, state := range states(t, c, now) {
					got[state]++
				}
			}
			for state, n := range want[i] {
				if got[state] != n {
					t.Errorf("%v, group %d: %d are %s, want %d", now, i, got[state], state, n)
				}
			}
			if len(got) != len(want[i]) {
				t.Errorf("%v, group %d: states %v", now, i, got)
			}
		}
	}
}

func TestDemoBalances(t *testing.T) {
	const tick = 5 * time.Minute
	monthStart := time.Date(2026, 3, 1, 0, 0, 0, 0, shanghai())
	terminals, live := Demo(monthStart.Add(-time.Hour))
	restarted, _ := Demo(monthStart.Add(-30 * time.Minute))
	for i, c := range append(terminals[10:], live[8:]...) {
		end := c.BalanceAt(monthStart.Add(-time.Nanosecond)) / allowance
		if end < 0.0499 || end > 0.601 {
			t.Errorf("card %d ends its month with %.3f", i, end)
		}
		if got := c.BalanceAt(monthStart); got != allowance {
			t.Errorf("card %d begins its month with %.0f bytes", i, got)
		}
		at := monthStart.Add(100 * time.Hour)
		if before, after := sentBytes(t, c, at), sentBytes(t, c, at.Add(tick)); after >= before {
			t.Errorf("card %d went from %.0f to %.0f bytes", i, before, after)
		}
		if i < len(restarted)-10 && restarted[10+i].BalanceAt(at) != c.BalanceAt(at) {
			t.Errorf("card %d has another balance after a restart", i)
		}
	}

	nearly := live[6]
	for at := monthStart; at.Before(monthStart.AddDate(0, 1, 0)); at = at.Add(7 * time.Hour) {
		before, after := sentBytes(t, nearly, at), sentBytes(t, nearly, at.Add(tick))
		if before <= 0 || before >= 1<<20 || after >= before {
			t.Fatalf("nearly out: from %.0f to %.0f bytes at %v", before, after, at)
		}
	}

	burner := live[7]
	if left := burner.BalanceAt(monthStart.Add(day - time.Minute)); left < 1<<20 {
		t.Errorf("the burner is low on data before midnight: %.0f bytes", left)
	}
	for hours, want := range map[int]float64{0: allowance, 12: allowance * 3 / 4, 24: allowance, 30: allowance * 7 / 8} {
		if got := burner.BalanceAt(monthStart.Add(time.Duration(hours) * time.Hour)); got != want {
			t.Errorf("the burner has %.0f bytes after %d hours, want %.0f", got, hours, want)
		}
	}
}
