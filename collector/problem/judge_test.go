package problem

import (
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/platform"
)

const (
	now = platform.Instant(1_773_100_800_000_000_000)
	day = platform.Instant(24 * time.Hour)
)

// inService returns a card without any problem.
func inService() Card {
	return Card{
		Limits: Limits{ExpiringWithin: 30 * time.Duration(day), LowBalance: 1 << 20}, Now: now,
		Expected: "1", IMEI: "1", Served: true, WasKnown: true, WasDated: true,
		Item: &platform.Card{Status: new(1), Balance: new(2. * (1 << 20)), Activated: now - 100*day, Expires: now + 31*day},
	}
}

// neverUsed changes a card into one that lies in stock.
func neverUsed(c *Card) {
	c.Item = &platform.Card{Status: new(0), Balance: new(0.)}
	c.WasDated = false
	c.Invalid = []platform.InvalidField{{Field: "activation", Text: "0001-01-01T00:00:00"}, {Field: "expiry", Text: "0001-01-01T00:00:00"}}
}

// TestJudge: each condition and its limits, and what it counts as.
func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Card)
		state  State
		want   string // the problems
	}{
		"in service":         {func(*Card) {}, OK, ""},
		"nothing known":      {func(c *Card) { c.Item = new(platform.Card) }, OK, ""},
		"other status":       {func(c *Card) { *c.Item.Status = 7 }, OK, ""},
		"suspended":          {func(c *Card) { *c.Item.Status = 0 }, OutOfService, "suspended"},
		"expires now":        {func(c *Card) { c.Item.Expires = now }, OutOfService, "expired"},
		"expired":            {func(c *Card) { c.Item.Expires = now - 1 }, OutOfService, "expired"},
		"about to expire":    {func(c *Card) { c.Item.Expires = now + 1 }, Attention, "expiring"},
		"expires on day 30":  {func(c *Card) { c.Item.Expires = now + 30*day }, Attention, "expiring"},
		"expires later":      {func(c *Card) { c.Item.Expires = now + 30*day + 1 }, OK, ""},
		"no limit of expiry": {func(c *Card) { c.Item.Expires, c.ExpiringWithin = now+1, 0 }, OK, ""},
		"gone":               {func(c *Card) { c.Item = nil }, OutOfService, "gone"},
		"unknown":            {func(c *Card) { c.Item, c.WasKnown = nil, false }, Attention, "unknown"},
		"out of data":        {func(c *Card) { *c.Item.Balance = 0 }, OutOfService, "out_of_data"},
		"low on data":        {func(c *Card) { *c.Item.Balance = 1<<20 - 1 }, Attention, "data_low"},
		"enough data":        {func(c *Card) { *c.Item.Balance = 1 << 20 }, OK, ""},
		"no limit of data":   {func(c *Card) { *c.Item.Balance, c.LowBalance = 1, 0 }, OK, ""},
		"moved":              {func(c *Card) { c.IMEI = "2" }, Attention, "moved"},
		"device unknown":     {func(c *Card) { c.IMEI = "" }, OK, ""},
		"device not listed":  {func(c *Card) { c.Expected = "" }, OK, ""},
		"refused":            {func(c *Card) { c.Refused = true }, Attention, "refused"},
		"refused, no answer": {func(c *Card) { c.Refused, c.Served, c.Item = true, false, nil }, Attention, "refused"},
		"no answer":          {func(c *Card) { c.Served, c.Item = false, nil }, NoAnswer, ""},
		"no answer ever":     {func(c *Card) { *c = Card{} }, NoAnswer, ""},
		"all at once": {func(c *Card) {
			*c.Item.Status, *c.Item.Balance, c.Item.Expires, c.IMEI, c.Refused = 0, 0, now, "2", true
		}, OutOfService, "suspended expired out_of_data moved refused"},
		"both limits": {func(c *Card) { *c.Item.Balance, c.Item.Expires = 1, now+1 }, Attention, "expiring data_low"},

		"listed as not in use":   {func(c *Card) { c.NotInUse, *c.Item.Status = true, 0 }, NotInUse, ""},
		"listed so, no answer":   {func(c *Card) { *c = Card{NotInUse: true} }, NotInUse, ""},
		"listed so, refused":     {func(c *Card) { c.NotInUse, c.Refused = true, true }, NotInUse, ""},
		"never used":             {neverUsed, NotInUse, ""},
		"never used, no balance": {func(c *Card) { neverUsed(c); c.Item.Balance = nil }, NotInUse, ""},
		"never used, odd balance": {func(c *Card) {
			neverUsed(c)
			c.Item.Balance = nil
			c.Invalid = append(c.Invalid, platform.InvalidField{Field: "balance", Text: "--"})
		}, OutOfService, "suspended"},
		"never used, null balance": {func(c *Card) {
			neverUsed(c)
			c.Item.Balance = nil
			c.Invalid = append(c.Invalid, platform.InvalidField{Field: "balance"})
		}, NotInUse, ""},
		"never used, with spaces":   {func(c *Card) { neverUsed(c); c.Invalid[1].Text = " 0001-01-01 " }, NotInUse, ""},
		"never used, year 2":        {func(c *Card) { neverUsed(c); c.Invalid[1].Text = "0002-01-01" }, OutOfService, "suspended out_of_data"},
		"never used, with data":     {func(c *Card) { neverUsed(c); *c.Item.Balance = 1 << 21 }, OutOfService, "suspended"},
		"never used, dated before":  {func(c *Card) { neverUsed(c); c.WasDated = true }, OutOfService, "suspended out_of_data"},
		"never used, one time null": {func(c *Card) { neverUsed(c); c.Invalid[1].Text = "" }, OutOfService, "suspended out_of_data"},
		"never used, another year":  {func(c *Card) { neverUsed(c); c.Invalid[0].Text = "1900-01-01T00:00:00" }, OutOfService, "suspended out_of_data"},
		"never used, one time only": {func(c *Card) { neverUsed(c); c.Invalid = c.Invalid[:1] }, OutOfService, "suspended out_of_data"},
	} {
		c := inService()
		test.change(&c)
		state, found := Judge(&c)
		var names []string
		for _, p := range All() {
			if found.Has(p) {
				names = append(names, p.String())
			}
		}
		if got := strings.Join(names, " "); state != test.state || got != test.want {
			t.Errorf("%s: %v with %q, want %v with %q", name, state, got, test.state, test.want)
		}
	}
}

// TestTable: each problem and state is found by its name, and those that make a card out of
// service come first, so that the state is that of the first problem.
func TestTable(t *testing.T) {
	for i, p := range All() {
		if SetOf(p.String()) != 1<<p {
			t.Errorf("%v is not found by its name", p)
		}
		if i > 0 && All()[i-1].State() > p.State() {
			t.Errorf("%v comes after one that is less bad", p)
		}
	}
	for _, s := range States() {
		if StateOf(s.String()) != s {
			t.Errorf("%v is not found by its name", s)
		}
	}
	if SetOf("") != 0 || slices.Contains(States(), StateOf("")) {
		t.Error("no name is a name")
	}
}

func TestManyExpire(t *testing.T) {
	var n Counts
	for i := range 12 {
		found := Set(0)
		if i < 3 {
			found = SetOf("expiring")
		}
		n.Add(OK, found)
	}
	if n.ManyExpire() {
		t.Error("a quarter is many")
	}
	if n.Add(Attention, SetOf("expiring")); !n.ManyExpire() {
		t.Error("more than a quarter is not many")
	}
}
